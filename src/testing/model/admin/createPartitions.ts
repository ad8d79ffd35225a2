import { codeOf } from '../../../errors/table.ts';
import type {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
  CreatePartitionsTopic,
  CreatePartitionsTopicResult,
} from '../../../protocol/apis/createPartitions.ts';
import type { Service } from '../call.ts';
import type { ClusterModel } from '../clusterModel.ts';
import { now } from '../reply.ts';
import { assign, wrongReplicas, type Wrong } from './assignment.ts';

export const createPartitions: Service<CreatePartitionsRequest, CreatePartitionsResponse> = ({ cluster, request, refusal }) => {
  const { topics, validateOnly } = request;
  const isTwice = (name: string): boolean => topics.filter((topic) => topic.name === name).length > 1;
  const twice = new Set(topics.map(({ name }) => name).filter(isTwice));
  const grown = (topic: CreatePartitionsTopic): CreatePartitionsTopicResult => {
    const refused = refusal() ?? refusal(topic.name);
    const wrong = refused === undefined ? wrongWith(cluster, topic) : { error: refused, message: null };
    if (wrong === undefined && !validateOnly) grow(cluster, topic);
    return result(topic.name, wrong);
  };
  return now({
    throttleTimeMs: 0,
    results: [
      ...[...twice].map((name) => result(name, { error: 'INVALID_REQUEST', message: 'Duplicate topic name.' })),
      ...topics.filter(({ name }) => !isTwice(name)).map(grown),
    ],
  });
};

function wrongWith(cluster: ClusterModel, { name, count, assignments }: CreatePartitionsTopic): Wrong | undefined {
  const topic = cluster.topics.get(name);
  if (topic === undefined) return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: null };
  const has = topic.partitions.length;
  const invalid = (message: string): Wrong => ({ error: 'INVALID_PARTITIONS', message });
  if (count === has) return invalid(`Topic already has ${has} partition(s).`);
  if (count < has) return invalid(`The topic ${name} currently has ${has} partition(s); ${count} would not be an increase.`);
  if (assignments === null) return undefined;
  const additional = count - has;
  if (assignments.length !== additional) {
    const only = `but only ${assignments.length} assignment(s) were specified.`;
    return { error: 'INVALID_REPLICA_ASSIGNMENT', message: `Attempted to add ${additional} additional partition(s), ${only}` };
  }
  const factor = topic.partitions[0]?.replicas.length;
  return assignments.map(({ brokerIds }, i) => wrongReplicas(cluster, has + i, brokerIds, factor)).find((wrong) => wrong !== undefined);
}

function grow(cluster: ClusterModel, { name, count, assignments }: CreatePartitionsTopic): void {
  const topic = cluster.topics.get(name);
  if (topic === undefined) return;
  const had = topic.partitions.length;
  cluster.addPartitions(topic, count);
  for (const [i, { brokerIds }] of (assignments ?? []).entries()) assign(cluster, topic, had + i, brokerIds);
}

function result(name: string, wrong: Wrong | undefined): CreatePartitionsTopicResult {
  return { name, errorCode: codeOf(wrong?.error ?? 'NONE'), errorMessage: wrong?.message ?? null };
}
