import { catchError, concatMap, defer, filter, map, type Observable, of, take, tap, throwError, timeout } from 'rxjs';
import { BrokerError, RequestTimeoutError } from '../errors/index.ts';
import type { TopicPartition } from '../model/topicPartition.ts';
import { syncGroupApi, type SyncGroupRequestAssignment } from '../protocol/apis/syncGroup.ts';
import type { Assignor } from './assignor.ts';
import { faultOf, faultOfCode } from './errors.ts';
import type { GroupHost } from './host.ts';
import { patience } from './join.ts';
import { assignedPartitions, assignmentsFor, type Joined, protocolType, topicsOf } from './messages.ts';

type Counts = ReadonlyMap<string, number>;

/** What a SyncGroup gave us. */
export interface Synced {
  readonly partitions: readonly TopicPartition[];
  /** When it was asked for, ms on the scheduler's clock: the group was at rest some time after that. */
  readonly sentAt: number;
  /** The partition counts that the assignment is made from; undefined where another member made it. */
  readonly madeFrom: Counts | undefined;
}

/** Gets our assignment; the leader makes the one of all first. */
export function sync(host: GroupHost, joined: Joined): Observable<Synced> {
  return defer(() => (joined.leader ? countsFor(host, joined).pipe(take(1), inTime(host)) : of(undefined))).pipe(
    concatMap((madeFrom) => {
      const sentAt = host.context.scheduler.now();
      return request(host, joined, madeFrom === undefined ? [] : assignments(host, joined, madeFrom)).pipe(
        map((partitions) => ({ partitions, sentAt, madeFrom })),
      );
    }),
    catchError((thrown: unknown) => throwError(() => faultOf('SyncGroup', thrown))),
  );
}

/** Emits when the assignment that we made as the leader does not fit the topics any more. */
export function outdated(host: GroupHost, joined: Joined, madeFrom: Counts): Observable<unknown> {
  return countsFor(host, joined).pipe(filter((counts) => !isSame(counts, madeFrom)));
}

function countsFor(host: GroupHost, joined: Joined): Observable<Counts> {
  return host.partitionCounts(topicsOf(joined.members));
}

function inTime({ context, options }: GroupHost): <T>(source: Observable<T>) => Observable<T> {
  const first = patience(options.rebalanceTimeout);
  return timeout({ first, scheduler: context.scheduler, with: () => throwError(() => new RequestTimeoutError('Metadata', first)) });
}

function assignments(host: GroupHost, joined: Joined, counts: Counts): readonly SyncGroupRequestAssignment[] {
  return joined.skipAssignment ? [] : assignmentsFor(agreed(host.options.assignors, joined), joined.members, counts);
}

function agreed(assignors: readonly Assignor[], { protocolName }: Joined): Assignor {
  const assignor = assignors.find(({ name }) => name === protocolName);
  if (assignor !== undefined) return assignor;
  throw new BrokerError('INCONSISTENT_GROUP_PROTOCOL', `the group agreed on ${protocolName}, which we did not offer`);
}

function request(
  { coordinator, options }: GroupHost,
  { groupId, memberId, generation, protocolName }: Joined,
  assigned: readonly SyncGroupRequestAssignment[],
): Observable<readonly TopicPartition[]> {
  const message = {
    groupId,
    generationId: generation,
    memberId,
    groupInstanceId: options.instanceId ?? null,
    protocolType,
    protocolName,
    assignments: assigned,
  };
  return coordinator.request('join', syncGroupApi, message, patience(options.rebalanceTimeout)).pipe(
    tap(({ errorCode }) => {
      if (errorCode !== 0) throw faultOfCode('SyncGroup', errorCode, coordinator.broker);
    }),
    map(({ assignment }) => assignedPartitions(assignment)),
  );
}

function isSame(a: Counts, b: Counts): boolean {
  return a.size === b.size && [...a].every(([topic, count]) => b.get(topic) === count);
}
