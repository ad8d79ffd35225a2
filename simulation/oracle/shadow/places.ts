import type { FetchRequest } from '../../../src/protocol/apis/fetch.ts';
import type { OffsetCommitRequest } from '../../../src/protocol/apis/offsetCommit.ts';
import type { PartitionOffset } from '../../../src/model/events.ts';

/** The partitions that a Fetch or an OffsetCommit names, and their offsets in it. */
export function placesOf(api: string, request: unknown): readonly PartitionOffset[] {
  if (api === 'Fetch')
    return (request as FetchRequest).topics.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, fetchOffset: offset }) => ({ topic, partition, offset })),
    );
  if (api === 'OffsetCommit')
    return (request as OffsetCommitRequest).topics.flatMap(({ name: topic, partitions }) =>
      partitions.map(({ partitionIndex: partition, committedOffset: offset }) => ({ topic, partition, offset })),
    );
  return [];
}
