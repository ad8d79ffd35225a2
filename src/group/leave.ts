import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  map,
  NEVER,
  type Observable,
  of,
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
import type { JoinGroupResponse } from '../protocol/apis/joinGroup.ts';
import type { Member } from './member.ts';

/** How long the id is waited for that an answer under way may bring, ms: a coordinator that is there gives it at once. */
const MOMENT = 1_000;

/** What members without an id have asked for one. */
const asked = new WeakMap<Member, Observable<JoinGroupResponse>>();

/**
 * The JoinGroup of a member that has no id yet: its answer brings one, which the coordinator waits for from then on. So it is not cancelled with who
 * sent it, as a good-bye may need the id.
 */
export function remembered(member: Member, ask: (sent: () => void) => Observable<JoinGroupResponse>): Observable<JoinGroupResponse> {
  return defer(() => {
    const kept: Observable<JoinGroupResponse> = ask(() => asked.set(member, kept)).pipe(
      share({
        connector: () => new ReplaySubject(1),
        resetOnError: false,
        resetOnComplete: false,
        // Until it is sent, while the coordinator is looked up, nobody waits for us.
        resetOnRefCountZero: () => (asked.get(member) === kept ? NEVER : of(undefined)),
      }),
    );
    return kept;
  });
}

/** Our id, once; nothing where we have none, and none is on its way. */
function idOf(member: Member): Observable<string> {
  const { kind, memberId } = member.state();
  if (kind === 'fenced') return EMPTY;
  if (memberId !== '') return of(memberId);
  return (kind === 'joining' ? (asked.get(member) ?? EMPTY) : EMPTY).pipe(
    map((response) => response.memberId),
    filter((given) => given !== ''),
    catchError(() => EMPTY),
    takeUntil(timer(MOMENT, member.host.context.scheduler)),
  );
}

/**
 * Leaves the group: ends what sends heartbeats (`quiet`), then says good-bye if the coordinator has given us an id, or is about to, also
 * one that we have not joined with yet. A member that was fenced says nothing: its instance id is another's now.
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
    const id = idOf(member);
    member.apply({ kind: 'leave' });
    quiet();
    return id.pipe(concatMap(sent));
  }).pipe(ignoreElements(), share({ connector: () => new ReplaySubject<never>(1), resetOnComplete: false }));
}
