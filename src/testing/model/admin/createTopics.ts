import { codeOf } from '../../../errors/table.ts';
import type {
  CreatableTopic,
  CreatableTopicResult,
  CreateTopicsRequest,
  CreateTopicsResponse,
} from '../../../protocol/apis/createTopics.ts';
import { uuid } from '../../../protocol/types.ts';
import type { Service } from '../call.ts';
import type { ClusterModel } from '../clusterModel.ts';
import { now } from '../reply.ts';
import { assign, wrongReplicas, type Wrong } from './assignment.ts';
import { collidingWith, whyInvalid } from './topicNames.ts';

/** The id of a topic that is not created after all: Kafka gives one, too. */
const IMAGINED = 'f'.repeat(32);
const UNSET = -1;
/** `num.partitions` and `default.replication.factor`. */
const DEFAULT = 1;

/** Topics with their configuration left out: it is taken and does nothing. */
export const createTopics: Service<CreateTopicsRequest, CreateTopicsResponse> = ({ cluster, request, refusal }) => {
  const { topics, validateOnly } = request;
  const isTwice = (name: string): boolean => topics.filter((topic) => topic.name === name).length > 1;
  const once = topics.filter(({ name }) => !isTwice(name));
  const twice = new Set(topics.map(({ name }) => name).filter(isTwice));
  const wrong = (name: string): Wrong | undefined => {
    const error = refusal() ?? refusal(name);
    return error === undefined ? undefined : { error, message: null };
  };
  return now({
    throttleTimeMs: 0,
    topics: [
      ...once.map((topic) => created(cluster, topic, wrong(topic.name) ?? wrongWith(cluster, topic), validateOnly)),
      ...[...twice].map((name) => failed(name, { error: 'INVALID_REQUEST', message: 'Duplicate topic name.' })),
    ],
  });
};

function created(cluster: ClusterModel, topic: CreatableTopic, wrong: Wrong | undefined, validateOnly: boolean): CreatableTopicResult {
  const { name, assignments } = topic;
  if (wrong !== undefined) return failed(name, wrong);
  const numPartitions = assignments.length > 0 ? assignments.length : orDefault(topic.numPartitions);
  const replicationFactor = assignments[0]?.brokerIds.length ?? orDefault(topic.replicationFactor);
  const result = { ...failed(name, { error: 'NONE', message: null }), numPartitions, replicationFactor };
  if (validateOnly) return { ...result, topicId: IMAGINED };
  const made = cluster.createTopic(name, numPartitions, replicationFactor);
  for (const { partitionIndex, brokerIds } of assignments) assign(cluster, made, partitionIndex, brokerIds);
  return { ...result, topicId: made.id };
}

function failed(name: string, { error, message }: Wrong): CreatableTopicResult {
  return {
    name,
    topicId: uuid.initial,
    errorCode: codeOf(error),
    errorMessage: message,
    topicConfigErrorCode: 0,
    numPartitions: UNSET,
    replicationFactor: UNSET,
    configs: [],
  };
}

function wrongWith(cluster: ClusterModel, topic: CreatableTopic): Wrong | undefined {
  const { name, assignments, numPartitions, replicationFactor } = topic;
  if (cluster.topics.has(name)) return { error: 'TOPIC_ALREADY_EXISTS', message: `Topic '${name}' already exists.` };
  const invalid = whyInvalid(name);
  if (invalid !== undefined) return { error: 'INVALID_TOPIC_EXCEPTION', message: invalid };
  const other = collidingWith(name, cluster.topics.keys());
  if (other !== undefined) {
    return { error: 'INVALID_TOPIC_EXCEPTION', message: `Topic '${name}' collides with existing topic: ${other}` };
  }
  if (assignments.length > 0) return wrongAssignments(cluster, topic);
  if (replicationFactor < UNSET || replicationFactor === 0) {
    return {
      error: 'INVALID_REPLICATION_FACTOR',
      message: 'Replication factor must be larger than 0, or -1 to use the default value.',
    };
  }
  if (numPartitions < UNSET || numPartitions === 0) {
    return { error: 'INVALID_PARTITIONS', message: 'Number of partitions was set to an invalid non-positive value.' };
  }
  return wrongFactor(cluster, orDefault(replicationFactor));
}

/** Brokers that are down count as well, unless all are. */
function wrongFactor({ brokers, alive }: ClusterModel, factor: number): Wrong | undefined {
  if (factor <= brokers.size && alive.length > 0) return undefined;
  const why =
    alive.length === 0
      ? 'All brokers are currently fenced.'
      : `The target replication factor of ${factor} cannot be reached because only ${brokers.size} broker(s) are registered or some brokers have all their log directories cordoned.`;
  return { error: 'INVALID_REPLICATION_FACTOR', message: `Unable to replicate the partition ${factor} time(s): ${why}` };
}

function wrongAssignments(cluster: ClusterModel, { assignments, numPartitions, replicationFactor }: CreatableTopic): Wrong | undefined {
  const manual = 'A manual partition assignment was specified, but ';
  if (replicationFactor !== UNSET) return { error: 'INVALID_REQUEST', message: `${manual}replication factor was not set to -1.` };
  if (numPartitions !== UNSET) return { error: 'INVALID_REQUEST', message: `${manual}numPartitions was not set to -1.` };
  const indexes = assignments.map(({ partitionIndex }) => partitionIndex);
  for (const [i, { partitionIndex, brokerIds }] of assignments.entries()) {
    if (indexes.indexOf(partitionIndex) !== i) {
      const message = `Found multiple manual partition assignments for partition ${partitionIndex}`;
      return { error: 'INVALID_REPLICA_ASSIGNMENT', message };
    }
    const wrong = wrongReplicas(cluster, partitionIndex, brokerIds, assignments[i - 1]?.brokerIds.length);
    if (wrong !== undefined) return wrong;
  }
  if (indexes.every((index) => index >= 0 && index < indexes.length)) return undefined;
  return { error: 'INVALID_REPLICA_ASSIGNMENT', message: 'partitions should be a consecutive 0-based integer sequence' };
}

function orDefault(given: number): number {
  return given === UNSET ? DEFAULT : given;
}
