import { of, type Observable } from 'rxjs';
import { codeOf } from '../../../src/errors/table.ts';
import type { FetchRequest, FetchResponse } from '../../../src/protocol/apis/fetch.ts';
import type { FindCoordinatorRequest, FindCoordinatorResponse } from '../../../src/protocol/apis/findCoordinator.ts';
import type { HeartbeatRequest } from '../../../src/protocol/apis/heartbeat.ts';
import type { JoinGroupRequest } from '../../../src/protocol/apis/joinGroup.ts';
import type { LeaveGroupRequest } from '../../../src/protocol/apis/leaveGroup.ts';
import type { ListOffsetsRequest, ListOffsetsResponse } from '../../../src/protocol/apis/listOffsets.ts';
import type { MetadataRequest, MetadataResponse } from '../../../src/protocol/apis/metadata.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../../src/protocol/apis/offsetCommit.ts';
import type { OffsetFetchRequest, OffsetFetchResponse } from '../../../src/protocol/apis/offsetFetch.ts';
import type { SyncGroupRequest } from '../../../src/protocol/apis/syncGroup.ts';
import type { ScriptedCluster } from './cluster.ts';
import { longPoll } from './fetching.ts';
import { nameOf } from './model.ts';

type Service = (cluster: ScriptedCluster, node: number, request: never, error: string) => Observable<unknown>;

/** What each API is answered with, `error` (`NONE`: none) standing where that API's errors stand. */
const services: Readonly<Record<string, Service>> = {
  Metadata: (cluster, _, request: MetadataRequest, error) => of(metadata(cluster, request, error)),
  Fetch: ({ find, changed, scheduler }, node, request: FetchRequest, error) =>
    error === 'NONE'
      ? longPoll(node, request, find, changed, scheduler)
      : of<FetchResponse>({ throttleTimeMs: 0, errorCode: codeOf(error), sessionId: 0, responses: [] }),
  ListOffsets: (cluster, node, request: ListOffsetsRequest, error) => of(listOffsets(cluster, node, request, error)),
  FindCoordinator: (cluster, _, request: FindCoordinatorRequest, error) => of(coordinator(cluster, request, error)),
  OffsetFetch: (cluster, node, request: OffsetFetchRequest, error) =>
    of(committed(cluster, request, notCoordinator(cluster, node) ?? error)),
  OffsetCommit: (cluster, node, request: OffsetCommitRequest, error) =>
    of(commit(cluster, request, notCoordinator(cluster, node) ?? error)),
  JoinGroup: (cluster, node, request: JoinGroupRequest, error) => refused(cluster, node, error) ?? cluster.group.join(request),
  SyncGroup: (cluster, node, request: SyncGroupRequest, error) => refused(cluster, node, error) ?? cluster.group.sync(request),
  Heartbeat: (cluster, node, request: HeartbeatRequest, error) => refused(cluster, node, error) ?? cluster.group.heartbeat(request),
  LeaveGroup: (cluster, node, request: LeaveGroupRequest, error) => refused(cluster, node, error) ?? cluster.group.leave(request),
};

export function serve(cluster: ScriptedCluster, node: number, api: string, request: unknown, error: string): Observable<never> {
  const service = services[api] as
    ((cluster: ScriptedCluster, node: number, request: unknown, error: string) => Observable<never>) | undefined;
  if (service === undefined) throw new RangeError(`the scripted cluster does not know ${api}`);
  return service(cluster, node, request, error);
}

function notCoordinator({ coordinator: node }: ScriptedCluster, asked: number): string | undefined {
  return asked === node ? undefined : 'NOT_COORDINATOR';
}

function refused(cluster: ScriptedCluster, node: number, error: string): Observable<unknown> | undefined {
  const code = codeOf(notCoordinator(cluster, node) ?? error);
  if (code === 0) return undefined;
  return of({
    throttleTimeMs: 0,
    errorCode: code,
    generationId: -1,
    protocolName: '',
    leader: '',
    memberId: '',
    members: [],
    assignment: Buffer.alloc(0),
  });
}

function metadata({ brokers, partitions }: ScriptedCluster, { topics }: MetadataRequest, error: string): MetadataResponse {
  const names = topics?.map(({ name }) => name ?? '') ?? [...new Set([...partitions.values()].map(({ topic }) => topic))];
  return {
    throttleTimeMs: 0,
    brokers: brokers.map((nodeId) => ({ nodeId, host: nameOf(nodeId), port: 9092, rack: null })),
    clusterId: 'scripted',
    controllerId: 1,
    topics: names.map((name) => {
      const own = [...partitions.values()].filter(({ topic }) => topic === name);
      return {
        errorCode: codeOf(own.length === 0 ? 'UNKNOWN_TOPIC_OR_PARTITION' : error),
        name,
        topicId: Buffer.from(name.padEnd(16).slice(0, 16)).toString('hex'),
        isInternal: false,
        partitions: own.map(({ partition, leader, epoch }) => ({
          errorCode: 0,
          partitionIndex: partition,
          leaderId: leader,
          leaderEpoch: epoch,
          replicaNodes: [],
          isrNodes: [],
          offlineReplicas: [],
        })),
        topicAuthorizedOperations: 0,
      };
    }),
    clusterAuthorizedOperations: 0,
  };
}

function listOffsets({ find }: ScriptedCluster, node: number, { topics }: ListOffsetsRequest, error: string): ListOffsetsResponse {
  return {
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, timestamp }) => {
        const partition = find(name, partitionIndex);
        const code = codeOf(partition?.leader === node ? error : 'NOT_LEADER_OR_FOLLOWER');
        const { log } = partition ?? {};
        const offset = timestamp === -2 ? log?.start : timestamp === -1 ? log?.end : log?.at(timestamp);
        return { partitionIndex, errorCode: code, timestamp: -1, offset: code === 0 ? (offset ?? -1) : -1, leaderEpoch: -1 };
      }),
    })),
  };
}

function coordinator(
  { coordinator: nodeId }: ScriptedCluster,
  { coordinatorKeys: [key = ''] }: FindCoordinatorRequest,
  error: string,
): FindCoordinatorResponse {
  const found = { key, nodeId, host: nameOf(nodeId), port: 9092, errorCode: codeOf(error), errorMessage: null };
  return { throttleTimeMs: 0, errorCode: 0, errorMessage: null, nodeId: -1, host: '', port: -1, coordinators: [found] };
}

function committed({ offsets }: ScriptedCluster, { groups }: OffsetFetchRequest, error: string): OffsetFetchResponse {
  const [{ groupId, topics } = { groupId: '', topics: null }] = groups;
  const found = (topics ?? []).map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => ({
      partitionIndex,
      committedOffset: offsets.get(`${name}/${partitionIndex}`) ?? -1,
      committedLeaderEpoch: -1,
      metadata: '',
      errorCode: 0,
    })),
  }));
  return { throttleTimeMs: 0, topics: [], errorCode: 0, groups: [{ groupId, errorCode: codeOf(error), topics: found }] };
}

function commit({ offsets, group }: ScriptedCluster, request: OffsetCommitRequest, error: string): OffsetCommitResponse {
  const refusal = error === 'NONE' ? (group.refusesCommit(request.memberId, request.generationIdOrMemberEpoch) ?? error) : error;
  return {
    throttleTimeMs: 0,
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, committedOffset }) => {
        if (refusal === 'NONE') offsets.set(`${name}/${partitionIndex}`, committedOffset);
        return { partitionIndex, errorCode: codeOf(refusal) };
      }),
    })),
  };
}
