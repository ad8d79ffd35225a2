import { catchError, concatMap, defer, map, type Observable, of, repeat, tap, timer } from 'rxjs';
import { backoffDelay } from '../cluster/backoff.ts';
import { heartbeatApi } from '../protocol/apis/heartbeat.ts';
import { faultOf, faultOfCode, type GroupFault } from './errors.ts';
import type { GroupHost } from './host.ts';

export type HeartbeatOutcome =
  /** The coordinator knows us: the session counts from `sentAt`, ms on the scheduler's clock. */
  | { readonly kind: 'ok' | 'rebalance'; readonly sentAt: number }
  /** No answer, or not from the coordinator. The next one is on its way. */
  | { readonly kind: 'failed' }
  /** Membership or generation are gone, or it is over: if that is true of what we are, they end by being unsubscribed. */
  | { readonly kind: 'over'; readonly fault: GroupFault; readonly sentAt: number };

/** As whom and in which generation to send them. */
export interface HeartbeatSender {
  readonly memberId: string;
  readonly generation: number;
}

/**
 * Heartbeats of one generation: the first after one interval, each further one an interval after the end of the one before it, or
 * sooner, after the back-off, where that failed. They depend on nothing but the clock and the coordinator, and do not
 * end by themselves. Each one has a deadline of at most half the session, so that where the coordinator hangs there is time to find another one. The
 * session counts from when it has been sent: until then the coordinator may have to be found, and to be connected.
 */
export function heartbeats(
  host: Pick<GroupHost, 'context' | 'coordinator' | 'options'>,
  sender: HeartbeatSender,
): Observable<HeartbeatOutcome> {
  const { context, coordinator, options } = host;
  const { groupId, instanceId, heartbeatInterval, sessionTimeout } = options;
  const request = { groupId, generationId: sender.generation, memberId: sender.memberId, groupInstanceId: instanceId ?? null };
  const deadline = Math.min(context.requestTimeout, Math.ceil(sessionTimeout / 2));

  return defer(() => {
    let [failures, wait] = [0, heartbeatInterval];

    const failed = (thrown: unknown, sentAt: number): HeartbeatOutcome => {
      const fault = faultOf('Heartbeat', thrown);
      if (fault.remedy !== 'retry') return { kind: 'over', fault, sentAt };
      failures++;
      wait = Math.min(heartbeatInterval, backoffDelay(context.backoff, failures, context.random));
      context.tell({ kind: 'retryScheduled', api: heartbeatApi.name, attempt: failures, delay: wait, error: fault.error });
      return { kind: 'failed' };
    };

    const beat = defer(() => {
      let sentAt = context.scheduler.now();
      const made = (): typeof request => {
        sentAt = context.scheduler.now();
        return request;
      };
      return coordinator.request('control', heartbeatApi, made, deadline).pipe(
        map(({ errorCode }) => outcomeOf(errorCode, sentAt)),
        tap(() => {
          [failures, wait] = [0, heartbeatInterval];
        }),
        catchError((thrown: unknown) => of(failed(thrown, sentAt))),
      );
    });

    return defer(() => timer(wait, context.scheduler)).pipe(
      concatMap(() => beat),
      repeat(),
    );
  });
}

function outcomeOf(errorCode: number, sentAt: number): HeartbeatOutcome {
  if (errorCode === 0) return { kind: 'ok', sentAt };
  const fault = faultOfCode('Heartbeat', errorCode);
  if (fault.remedy === 'rebalance') return { kind: 'rebalance', sentAt };
  throw fault;
}
