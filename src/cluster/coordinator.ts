import {
  catchError,
  defer,
  EMPTY,
  exhaustMap,
  filter,
  map,
  of,
  share,
  startWith,
  Subject,
  switchAll,
  switchMap,
  take,
  takeUntil,
  takeWhile,
  tap,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { errorOf, kafkaErrorOf } from '../errors/table.ts';
import { coordinatorOf, findCoordinatorApi, findGroupCoordinator, type FoundCoordinator } from '../protocol/apis/findCoordinator.ts';
import type { Link } from '../transport/link.ts';
import type { Context } from './context.ts';
import type { Cluster, Coordinator, Purpose } from './ports.ts';

/** While a request waits for the coordinator's broker, ms until it is asked again who the coordinator is. */
const LOOK_AGAIN = 500;

/**
 * The coordinator of a group: found when first needed, and again after it proved wrong.
 *
 * One look-up is shared by all who wait for it, and ends when the last of them is gone; its error goes to each of them and is not kept.
 * Only the broker that a request was sent to is forgotten when that request fails: a late failure at the old coordinator leaves the new one.
 */
export function createCoordinator(context: Context, cluster: Cluster, groupId: string): Coordinator {
  let known: FoundCoordinator | undefined;

  const lookUp = asked(cluster, groupId).pipe(
    tap((coordinator) => (known = coordinator)),
    share(),
  );

  const forget = (coordinator: FoundCoordinator): void => {
    if (known?.nodeId === coordinator.nodeId) known = undefined;
  };

  const sendTo = <R>(coordinator: FoundCoordinator, send: (link: Link) => Observable<R>, purpose: Purpose): Observable<R> =>
    send(cluster.link(coordinator.nodeId, purpose, coordinator)).pipe(
      tap({
        next: (response) => {
          if (kafkaErrorOf(errorCodeOf(response)).invalidates === 'coordinator') forget(coordinator);
        },
        error: () => {
          forget(coordinator);
          cluster.invalidate(); // it may listen elsewhere now
        },
      }),
    );

  return {
    get broker() {
      return known && `${known.host}:${String(known.port)}`;
    },
    request: (purpose, api, request, deadline) => {
      const send = (coordinator: FoundCoordinator) => sendTo(coordinator, (link) => link.request(api, request, deadline), purpose);
      const via = (coordinator: FoundCoordinator): ReturnType<typeof send> => {
        const over = new Subject<void>(); // where there was nothing to send any more nobody waits for a successor
        const sent = send(coordinator).pipe(tap({ complete: () => over.next() }));
        const isWaiting = (): boolean => cluster.wait(coordinator.nodeId, purpose) > 0;
        return successor(coordinator, lookUp, isWaiting, over, context.scheduler).pipe(map(via), startWith(sent), switchAll());
      };
      return defer(() => (known === undefined ? lookUp : of(known))).pipe(switchMap(via));
    },
    invalidate: () => (known = undefined),
  };
}

function asked(cluster: Cluster, groupId: string): Observable<FoundCoordinator> {
  return defer(() => {
    let broker: string | undefined;
    return cluster
      .ask(findCoordinatorApi, findGroupCoordinator(groupId), (from) => (broker = from))
      .pipe(map((response) => found(coordinatorOf(response, groupId), broker)));
  });
}

/**
 * Who has taken over, if somebody has, while a request still waits: as long as the broker of the coordinator backs off it is not sent, and that may be
 * longer than the session lasts. What has been sent by then stays where it is.
 */
function successor(
  { nodeId }: FoundCoordinator,
  lookUp: Observable<FoundCoordinator>,
  isWaiting: () => boolean,
  over: Observable<unknown>,
  scheduler: SchedulerLike,
): Observable<FoundCoordinator> {
  return timer(LOOK_AGAIN, LOOK_AGAIN, scheduler).pipe(
    takeWhile(isWaiting),
    exhaustMap(() => lookUp.pipe(catchError(() => EMPTY))),
    filter((found) => found.nodeId !== nodeId && isWaiting()),
    take(1),
    takeUntil(over),
  );
}

function found(coordinator: FoundCoordinator, broker: string | undefined): FoundCoordinator {
  if (coordinator.errorCode !== 0) throw errorOf(coordinator.errorCode, { broker });
  return coordinator;
}

/** The error of an answer as a whole. An answer that has one per group or partition is for its reader to look at. */
function errorCodeOf(response: unknown): number {
  if (typeof response !== 'object' || response === null || !('errorCode' in response)) return 0;
  return typeof response.errorCode === 'number' ? response.errorCode : 0;
}
