import type { FetchResponse } from '../../../protocol/apis/fetch.ts';
import type { FetchRequestAll } from '../../../protocol/apis/fetchAll.ts';
import type { Call, Service } from '../call.ts';
import { later, now, type Reply } from '../reply.ts';
import { askedIn } from './asked.ts';
import { contextOf, type FetchContext } from './context.ts';
import { answerOf } from './fetchAnswer.ts';
import { FetchRound } from './fetchRound.ts';
import { failed } from './readPartition.ts';

/** The first version that has an error for the whole request. */
const TOP_ERROR_SINCE = 7;

/**
 * A fetch: answered at once if there are `minBytes`, an error, or anything else to tell; else when there are, at the latest after `maxWaitMs`, with what
 * there is then.
 */
export const fetch: Service<FetchRequestAll, FetchResponse> = (call) => {
  const sessions = call.cluster.brokers.get(call.node)?.sessions;
  const whole = call.refusal();
  if (whole !== undefined || sessions === undefined) return now(refused(call, whole ?? 'UNKNOWN_SERVER_ERROR'));
  const context = contextOf(call, sessions);
  if (context.kind === 'error') return now(answerOf(call, { error: context.error, sessionId: 0, answered: [] }));
  return serve(call, context);
};

function serve(call: Call<FetchRequestAll>, context: FetchContext & { readonly kind: 'fetch' }): Reply<FetchResponse> {
  const round = new FetchRound(call, context.partitions);
  const told = (at: number): FetchResponse => answerOf(call, context.told(round.read(), at));
  const { maxWaitMs } = call.request;
  if (maxWaitMs <= 0 || round.isDone()) return now(told(call.now));
  const until = call.now + maxWaitMs;
  return later(until, (at) => (at >= until || round.isOver() ? told(at) : undefined));
}

/** Versions without an error of their own for the request have it at every partition. */
function refused(call: Call<FetchRequestAll>, error: string): FetchResponse {
  if (call.version >= TOP_ERROR_SINCE) return answerOf(call, { error, sessionId: 0, answered: [] });
  const asked = askedIn(call.cluster, call.version, call.request);
  return answerOf(call, { sessionId: 0, answered: asked.map((each) => ({ asked: each, data: failed(each, error) })) });
}
