import { filter, map, type OperatorFunction } from 'rxjs';
import type { FetchRequest } from '../protocol/apis/fetch.ts';
import type { LeaveGroupRequest } from '../protocol/apis/leaveGroup.ts';
import type { ListOffsetsRequest } from '../protocol/apis/listOffsets.ts';
import type { OffsetCommitRequest } from '../protocol/apis/offsetCommit.ts';
import type { OffsetFetchRequest } from '../protocol/apis/offsetFetch.ts';

import { nameOf } from './model/brokers.ts';
import type { ClusterModel } from './model/clusterModel.ts';
import type { Traffic } from './traffic.ts';

type Describe = (request: never) => string;

const words: Readonly<Record<string, Describe>> = {
  Bootstrap: () => 'bootstrap',
  Connect: () => 'connect',
  Disconnect: () => 'disconnect',
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
  LeaveGroup: ({ memberId, members }: LeaveGroupRequest) => `leave ${members[0]?.memberId ?? memberId}`,
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

/** What is sent to the brokers, of these APIs or of all, in words; where there are several also to which: `metadata at b2`. */
export function wordsOf({ brokers }: ClusterModel, apis: readonly string[]): OperatorFunction<Traffic, string> {
  return (traffic) =>
    traffic.pipe(
      filter(({ kind, api }) => isSent(kind) && (apis.length === 0 || apis.includes(api))),
      map(({ api, message, node }) => `${describeRequest(api, message)}${brokers.size > 1 ? ` at ${nameOf(node)}` : ''}`),
    );
}

function isSent(kind: Traffic['kind']): boolean {
  return kind === 'connect' || kind === 'request' || kind === 'disconnect';
}
