import { codeOf } from '../../../errors/table.ts';
import type {
  MetadataRequest,
  MetadataRequestTopic,
  MetadataResponse,
  MetadataResponsePartition,
  MetadataResponseTopic,
} from '../../../protocol/apis/metadata.ts';
import { uuid } from '../../../protocol/types.ts';
import type { Call, Service } from '../call.ts';
import type { TopicView } from '../clusterModel.ts';
import { now } from '../reply.ts';
import { isInternal, whyInvalid } from './topicNames.ts';
import { viewOf, viewOfTopic } from './view.ts';

const NO_ID = uuid.initial;
const NO_OPERATIONS = -2147483648;
/** Without ACLs everything is allowed: as bits, what can be done to a topic and to a cluster. */
const TOPIC_OPERATIONS = 3576;
const CLUSTER_OPERATIONS = 8096;
const CLUSTER_ID = 'c2ltdWxhdGVkLWNsdXN0ZXI';

export const metadata: Service<MetadataRequest, MetadataResponse> = (call) => {
  const { cluster, version, request, refusal } = call;
  const { topics: asked } = request;
  if (asked?.some(({ name, topicId }) => isWrong(name, topicId, version)) === true) {
    // From version 12 on real brokers did not expect it either.
    return now(allWrong(asked, version < 12 ? 'INVALID_REQUEST' : 'UNKNOWN_SERVER_ERROR'));
  }
  const topics = topicsOf(call).map((topic) => withRefusal(topic, refusal));
  const { alive } = cluster;
  return now({
    throttleTimeMs: 0,
    brokers: alive.flatMap((node) => {
      const broker = cluster.brokers.get(node);
      return broker === undefined ? [] : [{ nodeId: node, host: broker.host, port: broker.port, rack: broker.rack }];
    }),
    clusterId: CLUSTER_ID,
    // Whoever is alive, another one each time: KRaft brokers do so.
    controllerId: alive[(call.now + cluster.revision) % alive.length] ?? -1,
    topics,
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations ? CLUSTER_OPERATIONS : NO_OPERATIONS,
  });
};

/** By a name, or from version 12 on by an id. */
function isWrong(name: string | null, topicId: string, version: number): boolean {
  return version < 12 ? name === null || topicId !== NO_ID : name === null && topicId === NO_ID;
}

/** An answer that knows nothing but that the request was wrong. */
function allWrong(topics: readonly MetadataRequestTopic[], error: string): MetadataResponse {
  return {
    throttleTimeMs: 0,
    brokers: [],
    clusterId: null,
    controllerId: -1,
    topics: topics.map(({ name, topicId }) => erroneous(error, name ?? '', topicId)),
    clusterAuthorizedOperations: NO_OPERATIONS,
  };
}

function topicsOf(call: Call<MetadataRequest>): readonly MetadataResponseTopic[] {
  const { version, request } = call;
  const told = viewAt(call);
  if (request.topics === null || (version === 0 && request.topics.length === 0)) return told().map((topic) => answerOf(topic, call));
  const ids = unique(request.topics.map(({ topicId }) => topicId).filter((id) => id !== NO_ID));
  if (ids.length > 0) return byId(ids, call);
  const names = unique(request.topics.map(({ name }) => name ?? ''));
  const found = names.map((name) => told(name)[0]);
  // Brokers list what they know first.
  return [
    ...found.flatMap((topic) => (topic === undefined ? [] : [answerOf(topic, call)])),
    ...names.filter((_, i) => found[i] === undefined).map((name) => missing(name, call)),
  ];
}

/** What the broker knows: of one topic, or of all. */
function viewAt({ cluster, node }: Call<unknown>): (name?: string) => readonly TopicView[] {
  const stale = cluster.brokers.get(node)?.staleTopics;
  return (name) => {
    if (stale !== undefined) return name === undefined ? stale : stale.filter((topic) => topic.name === name);
    if (name === undefined) return viewOf(cluster);
    const topic = cluster.topics.get(name);
    return topic === undefined ? [] : [viewOfTopic(cluster, topic)];
  };
}

function byId(ids: readonly string[], call: Call<MetadataRequest>): readonly MetadataResponseTopic[] {
  const all = viewAt(call)();
  const found = ids.map((id) => all.find((topic) => topic.id === id));
  return [
    ...ids.filter((_, i) => found[i] === undefined).map((id) => erroneous('UNKNOWN_TOPIC_ID', null, id)),
    ...found.flatMap((topic) => (topic === undefined ? [] : [answerOf(topic, call)])),
  ];
}

/** Where topics are created by being asked for, the first who asks is told that there is none. */
function missing(name: string, { cluster, request }: Call<MetadataRequest>): MetadataResponseTopic {
  const isInvalid = whyInvalid(name) !== undefined;
  const creates = cluster.settings.autoCreateTopics && request.allowAutoTopicCreation;
  if (!isInvalid && creates && !cluster.topics.has(name)) cluster.createTopic(name, 1, 1);
  const answer = erroneous(isInvalid ? 'INVALID_TOPIC_EXCEPTION' : 'UNKNOWN_TOPIC_OR_PARTITION', name, NO_ID);
  return { ...answer, isInternal: isInternal(name), topicAuthorizedOperations: operations(request) };
}

function answerOf(topic: TopicView, call: Call<MetadataRequest>): MetadataResponseTopic {
  const { name, id, isInternal, partitions } = topic;
  return {
    errorCode: 0,
    name,
    topicId: id,
    isInternal,
    partitions: partitions.map((partition) => partitionOf(partition, call)),
    topicAuthorizedOperations: operations(call.request),
  };
}

/** Version 0 leaves out replicas on brokers that are down, and says that it did. */
function partitionOf(
  { index, leader, leaderEpoch, replicas, isr, offline }: TopicView['partitions'][number],
  { version }: Call<MetadataRequest>,
): MetadataResponsePartition {
  const listed = (nodes: readonly number[]): readonly number[] => (version > 0 ? nodes : nodes.filter((node) => !offline.includes(node)));
  const isShort = listed(replicas).length < replicas.length || listed(isr).length < isr.length;
  return {
    errorCode: codeOf(leader < 0 ? 'LEADER_NOT_AVAILABLE' : isShort ? 'REPLICA_NOT_AVAILABLE' : 'NONE'),
    partitionIndex: index,
    leaderId: leader,
    leaderEpoch,
    replicaNodes: listed(replicas),
    isrNodes: listed(isr),
    offlineReplicas: offline,
  };
}

function erroneous(error: string, name: string | null, topicId: string): MetadataResponseTopic {
  return { errorCode: codeOf(error), name, topicId, isInternal: false, partitions: [], topicAuthorizedOperations: NO_OPERATIONS };
}

function operations({ includeTopicAuthorizedOperations }: MetadataRequest): number {
  return includeTopicAuthorizedOperations ? TOPIC_OPERATIONS : NO_OPERATIONS;
}

/** Errors that Metadata has for partitions, not for topics. */
const OF_PARTITIONS: readonly string[] = ['LEADER_NOT_AVAILABLE', 'LISTENER_NOT_FOUND', 'REPLICA_NOT_AVAILABLE'];

function withRefusal(topic: MetadataResponseTopic, refusal: Call<unknown>['refusal']): MetadataResponseTopic {
  const name = topic.name ?? '';
  const whole = refusal() ?? refusal(name);
  if (whole !== undefined && !OF_PARTITIONS.includes(whole)) return { ...topic, errorCode: codeOf(whole), partitions: [] };
  const partitions = topic.partitions.map((partition) => {
    const error = whole ?? refusal(name, partition.partitionIndex);
    if (error === undefined) return partition;
    const leaderId = error === 'REPLICA_NOT_AVAILABLE' ? partition.leaderId : -1;
    return { ...partition, errorCode: codeOf(error), leaderId };
  });
  return { ...topic, partitions };
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
