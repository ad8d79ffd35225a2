import type { Observable, SchedulerLike } from 'rxjs';
import { consumer } from '../../../src/consumer/consumer.ts';
import type { ConsumerSettings, GroupMode, ManualMode } from '../../../src/consumer/settings.ts';
import { range } from '../../../src/group/assignors/range.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import type { StartFrom } from '../../../src/model/startPosition.ts';
import type { TopicPartition } from '../../../src/model/topicPartition.ts';
import type { Connector } from '../../../src/transport/port.ts';

/** A member of group `g` that reads `orders`. */
export function asMember(rest: Partial<GroupMode> = {}): GroupMode {
  return {
    kind: 'group',
    groupId: 'g',
    topics: ['orders'],
    leaveOnClose: true,
    assignors: [range],
    sessionTimeout: 45_000,
    heartbeatInterval: 3_000,
    rebalanceTimeout: 60_000,
    ...rest,
  };
}

/** Partitions 0, 1, … of `orders`; with a group's offsets, or without. */
export function ofPartitions(count: number, groupId?: string): ManualMode {
  const partitions = Array.from({ length: count }, (_, partition): TopicPartition => ({ topic: 'orders', partition }));
  return { kind: 'manual', partitions, ...(groupId !== undefined && { groupId }) };
}

/** What a test says of its consumer. `startFrom: undefined`: as if the option was not given. */
export type Overrides = Partial<Omit<ConsumerSettings, 'startFrom'>> & { readonly startFrom?: StartFrom | undefined };

/** The options of a consumer with their defaults; one that reads `orders-0` from its beginning, without a group. Jitter is none. */
export function settings(scheduler: SchedulerLike, given: Overrides = {}): ConsumerSettings {
  const { startFrom, ...overrides } = { startFrom: { offset: 0 }, ...given };
  return {
    mode: ofPartitions(1),
    delivery: 'at-least-once',
    commit: { interval: 5_000, records: Infinity },
    ...(startFrom !== undefined && { startFrom }),
    autoOffsetReset: 'earliest',
    drainTimeout: 30_000,
    closeTimeout: 5_000,
    startTimeout: 60_000,
    isolationLevel: 'read_committed',
    window: { records: 10_000, bytes: 16 * 1024 * 1024 },
    maxBuffered: 64 * 1024 * 1024,
    fetch: { minBytes: 1, maxWait: 500, maxBytes: 8 * 1024 * 1024, maxPartitionBytes: 1024 * 1024 },
    requestTimeout: 30_000,
    backoff: { initial: 100, max: 10_000, jitter: 0.2 },
    metadataMaxAge: 300_000,
    unattendedTimeout: 30_000,
    checkCrcs: true,
    scheduler,
    random: () => 0.5,
    ...overrides,
  };
}

/** The consumer itself. The cluster is its source as well, unless one is given: consumers of one source and group follow one another. */
export function consumerOf(cluster: Connector, options: ConsumerSettings, source: object = cluster): Observable<PartitionStream> {
  return consumer(cluster, source, options);
}
