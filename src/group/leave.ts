import {
  catchError,
  defer,
  EMPTY,
  ignoreElements,
  map,
  type Observable,
  ReplaySubject,
  retry,
  share,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';
import { backoffDelay } from '../cluster/backoff.ts';
import { asError, isRetriable } from '../cluster/thrown.ts';
import { errorOf } from '../errors/table.ts';
import { leaveErrorOf, leaveGroupApi, leaveOf } from '../protocol/apis/leaveGroup.ts';
import type { Member } from './member.ts';

/**
 * Leaves the group: ends what sends heartbeats (`quiet`), then says good-bye if the coordinator has given us an id, also one that we have
 * not joined with yet. A member that was fenced says nothing: its instance id is another's now.
 *
 * Completes when the coordinator has answered, whatever it said; also when it could not be reached for `requestTimeout`: then it finds
 * out by the session. One LeaveGroup for all who call.
 */
export function farewell(member: Member, quiet: () => void): Observable<never> {
  const { context, coordinator, options } = member.host;

  const sent = (memberId: string): Observable<unknown> =>
    defer(() => {
      const leaver = { memberId, groupInstanceId: options.instanceId ?? null, reason: 'the consumer is closing' };
      return coordinator.request('control', leaveGroupApi, leaveOf(options.groupId, leaver), context.requestTimeout);
    }).pipe(
      map((response) => {
        const error = errorOf(leaveErrorOf(response));
        if (error.retriable) throw error;
      }),
      retry({ delay: (error: unknown, failures) => (isRetriable(error) ? pause(failures) : throwError(() => asError(error))) }),
      catchError(() => EMPTY),
      takeUntil(timer(context.requestTimeout, context.scheduler)),
    );

  const pause = (failures: number): Observable<unknown> =>
    timer(backoffDelay(context.backoff, failures, context.random), context.scheduler);

  return defer(() => {
    const { kind, memberId } = member.state();
    member.apply({ kind: 'leave' });
    quiet();
    return memberId === '' || kind === 'fenced' ? EMPTY : sent(memberId);
  }).pipe(ignoreElements(), share({ connector: () => new ReplaySubject<never>(1), resetOnComplete: false }));
}
