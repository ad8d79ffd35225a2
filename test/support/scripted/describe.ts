import type { FetchRequest } from '../../../src/protocol/apis/fetch.ts';
import type { ListOffsetsRequest } from '../../../src/protocol/apis/listOffsets.ts';
import type { OffsetCommitRequest } from '../../../src/protocol/apis/offsetCommit.ts';
import type { OffsetFetchRequest } from '../../../src/protocol/apis/offsetFetch.ts';

type Describe = (request: never) => string;

const words: Readonly<Record<string, Describe>> = {
  Metadata: () => 'metadata',
  FindCoordinator: () => 'findCoordinator',
  Fetch: ({ topics }: FetchRequest) =>
    `fetch ${list(topics, ({ topic, partitions }) => partitions.map(({ partition, fetchOffset }) => `${topic}/${partition}@${fetchOffset}`))}`,
  ListOffsets: ({ topics }: ListOffsetsRequest) =>
    `listOffsets ${list(topics, ({ name, partitions }) => partitions.map((asked) => `${name}/${asked.partitionIndex}@${placeOf(asked.timestamp)}`))}`,
  OffsetFetch: ({ groups }: OffsetFetchRequest) =>
    `offsetFetch ${list(groups[0]?.topics ?? [], ({ name, partitionIndexes }) => partitionIndexes.map((partition) => `${name}/${partition}`))}`,
  OffsetCommit: ({ topics, generationIdOrMemberEpoch: generation }: OffsetCommitRequest) => {
    const offsets = list(topics, ({ name, partitions }) =>
      partitions.map(({ partitionIndex, committedOffset }) => `${name}/${partitionIndex}=${committedOffset}`),
    );
    return `commit ${offsets}${generation < 0 ? '' : ` in ${generation}`}`;
  },
  JoinGroup: ({ memberId }: { memberId: string }) => (memberId === '' ? 'join' : `join ${memberId}`),
  SyncGroup: ({ memberId, generationId }: { memberId: string; generationId: number }) => `sync ${memberId} in ${generationId}`,
  Heartbeat: ({ memberId, generationId }: { memberId: string; generationId: number }) => `heartbeat ${memberId} in ${generationId}`,
  LeaveGroup: ({ memberId }: { memberId: string }) => `leave ${memberId}`,
};

/** A request in words: `fetch orders/0@0 orders/1@5`. */
export function describeRequest(api: string, request: unknown): string {
  const describe = words[api] as ((request: unknown) => string) | undefined;
  return describe === undefined ? api : describe(request);
}

function list<T>(items: readonly T[], parts: (item: T) => readonly string[]): string {
  return items.flatMap(parts).join(' ');
}

function placeOf(timestamp: number): string {
  return timestamp === -1 ? 'latest' : timestamp === -2 ? 'earliest' : String(timestamp);
}
