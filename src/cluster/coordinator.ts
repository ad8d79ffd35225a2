import { defer, map, of, share, switchMap, tap } from 'rxjs';
import { errorOf, kafkaErrorOf } from '../errors/table.ts';
import { coordinatorOf, findCoordinatorApi, findGroupCoordinator, type FoundCoordinator } from '../protocol/apis/findCoordinator.ts';
import type { Context } from './context.ts';
import type { Cluster, Coordinator } from './ports.ts';

/**
 * The coordinator of a group: found when first needed, and again after it proved wrong.
 *
 * One look-up is shared by all who wait for it, and ends when the last of them is gone; its error goes to each of them and is not kept.
 * Only the fact that a request was sent by is forgotten when that request fails: a late failure at the old coordinator leaves the new one.
 */
export function createCoordinator(context: Context, cluster: Cluster, groupId: string): Coordinator {
  let known: FoundCoordinator | undefined;

  const lookUp = defer(() => {
    let broker: string | undefined;
    return cluster
      .ask(findCoordinatorApi, findGroupCoordinator(groupId), (from) => (broker = from))
      .pipe(map((response) => found(coordinatorOf(response, groupId), broker)));
  }).pipe(
    tap((coordinator) => (known = coordinator)),
    share(),
  );

  const forget = (coordinator: FoundCoordinator): void => {
    if (known === coordinator) known = undefined;
  };

  return {
    get broker() {
      return known && `${known.host}:${String(known.port)}`;
    },
    request: (purpose, api, request, deadline) =>
      defer(() => (known === undefined ? lookUp : of(known))).pipe(
        switchMap((coordinator) =>
          cluster
            .link(coordinator.nodeId, purpose, coordinator)
            .request(api, request, deadline)
            .pipe(
              tap({
                next: (response) => {
                  if (kafkaErrorOf(errorCodeOf(response)).invalidates === 'coordinator') forget(coordinator);
                },
                error: () => {
                  forget(coordinator);
                  cluster.invalidate(); // it may listen elsewhere now
                },
              }),
            ),
        ),
      ),
    invalidate: () => (known = undefined),
  };
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
