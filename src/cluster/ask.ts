import { catchError, defer, type Observable, tap, throwError } from 'rxjs';
import { type KafkaRxError, RequestTimeoutError } from '../errors/index.ts';
import { noneReached } from '../errors/noneReached.ts';
import type { Api } from '../protocol/api.ts';
import type { Link } from '../transport/link.ts';
import type { Bootstrap } from './bootstrap.ts';
import type { Context } from './context.ts';
import { asError, isRetriable } from './thrown.ts';

/** How many of the known brokers are asked before the bootstrap ones. */
const knownBrokersAsked = 3;

/** `from`: told who answered (`host:port`), right before the answer comes. */
export type Ask = <Q, R>(api: Api<Q, R>, request: Q, from?: (broker: string) => void) => Observable<R>;

/** The way to a known broker. `wait`: how long a request over it would wait because that broker backs off, ms; Infinity: until an attempt ends. */
export interface Way {
  readonly link: Link;
  readonly wait: number;
}

/** One who may be asked, and how long that would wait. */
interface Candidate<R> {
  readonly wait: () => number;
  readonly answer: Observable<R>;
}

/**
 * Asks brokers one after the other until one answers: known ones in turn, each time beginning with the next, and then a bootstrap one.
 *
 * Those that back off stand behind the others, and are waited for only when all have been asked that do not. One that hung is left out for
 * `backoff.max`, so that it costs its time-out once and not at each question. Errors at once with what trying elsewhere does not heal (TLS, SASL),
 * else with BROKERS_UNREACHABLE, which names what each one said.
 */
export function createAsk(context: Context, known: () => readonly number[], wayTo: (nodeId: number) => Way, bootstrap: Bootstrap): Ask {
  const hungAt = new Map<number, number>();
  let turn = 0;

  const ofBroker = <Q, R>(nodeId: number, api: Api<Q, R>, request: Q, from?: (broker: string) => void): Observable<R> =>
    defer(() => {
      const { link } = wayTo(nodeId);
      return link.request(api, request, context.requestTimeout).pipe(tap(() => from?.(link.broker)));
    }).pipe(
      tap({
        error: (error: unknown) => {
          if (error instanceof RequestTimeoutError) hungAt.set(nodeId, context.scheduler.now());
        },
      }),
    );

  const isTrusted = (nodeId: number): boolean => {
    const hung = hungAt.get(nodeId);
    return hung === undefined || context.scheduler.now() - hung >= context.backoff.max;
  };

  return (api, request, from) =>
    defer(() => {
      const brokers = rotated(known(), turn++)
        .filter(isTrusted)
        .map((nodeId) => ({ wait: () => wayTo(nodeId).wait, answer: ofBroker(nodeId, api, request, from) }))
        .sort((a, b) => Number(a.wait() > 0) - Number(b.wait() > 0))
        .slice(0, knownBrokersAsked);
      return firstAnswer(api.name, [...brokers, { wait: () => bootstrap.wait(), answer: bootstrap.ask(api, request, from) }], []);
    });
}

/** The answer of the first that gives one. Each is tried after the one before it failed. */
function firstAnswer<R>(api: string, candidates: readonly Candidate<R>[], failures: readonly KafkaRxError[]): Observable<R> {
  return defer(() => {
    const next = soonest(candidates);
    if (next === undefined) return throwError(() => noneReached(`no broker answered ${api}`, failures));
    return next.answer.pipe(
      catchError((error: unknown) => {
        if (!isRetriable(error)) return throwError(() => asError(error));
        return firstAnswer(
          api,
          candidates.filter((candidate) => candidate !== next),
          [...failures, error],
        );
      }),
    );
  });
}

/** Of those that would wait equally long, the first. */
function soonest<R>(candidates: readonly Candidate<R>[]): Candidate<R> | undefined {
  const waits = candidates.map(({ wait }) => wait());
  return candidates[waits.indexOf(Math.min(...waits))];
}

function rotated(nodeIds: readonly number[], turn: number): readonly number[] {
  if (nodeIds.length === 0) return [];
  const first = turn % nodeIds.length;
  return [...nodeIds.slice(first), ...nodeIds.slice(0, first)];
}
