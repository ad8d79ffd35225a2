import { codeOf } from '../../../errors/table.ts';
import type {
  DeletableTopicResult,
  DeleteTopicsRequest,
  DeleteTopicsResponse,
  DeleteTopicState,
} from '../../../protocol/apis/deleteTopics.ts';
import { uuid } from '../../../protocol/types.ts';
import type { Service } from '../call.ts';
import type { ClusterModel } from '../clusterModel.ts';
import { now } from '../reply.ts';
import type { Wrong } from './assignment.ts';

const NO_ID = uuid.initial;

/** Topics by name, from version 6 on also by id. A real broker shuffles the answers; here they stand as they were asked for. */
export const deleteTopics: Service<DeleteTopicsRequest, DeleteTopicsResponse> = ({ cluster, version, request, refusal }) => {
  const asked = version >= 6 ? request.topics : request.topicNames.map((name) => ({ name, topicId: NO_ID }));
  const seen = new Set<string>();
  const responses = asked.flatMap((topic) => {
    const key = `${topic.name ?? ''} ${topic.topicId}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const refused = refusal() ?? refusal(topic.name ?? nameOf(cluster, topic) ?? '');
    const wrong = refused === undefined ? wrongWith(cluster, topic, asked) : { error: refused, message: null };
    return [wrong === undefined ? deleted(cluster, topic) : result(topic.name, topic.topicId, wrong)];
  });
  return now({ throttleTimeMs: 0, responses });
};

function wrongWith(cluster: ClusterModel, topic: DeleteTopicState, asked: readonly DeleteTopicState[]): Wrong | undefined {
  const { name, topicId } = topic;
  const invalid = (message: string): Wrong => ({ error: 'INVALID_REQUEST', message });
  const isById = topicId !== NO_ID;
  if (name === null && !isById) return invalid('Neither topic name nor id were specified.');
  if (name !== null && isById) return invalid('You may not specify both topic name and topic id.');
  const same = asked.filter((other) => other.name === name && other.topicId === topicId);
  if (same.length > 1) return invalid(isById ? 'Duplicate topic id.' : 'Duplicate topic name.');
  const found = nameOf(cluster, topic);
  if (found === undefined) {
    return isById
      ? { error: 'UNKNOWN_TOPIC_ID', message: 'This server does not host this topic ID.' }
      : { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: 'This server does not host this topic-partition.' };
  }
  return undefined;
}

function deleted(cluster: ClusterModel, asked: DeleteTopicState): DeletableTopicResult {
  const name = nameOf(cluster, asked) ?? '';
  const id = cluster.topics.get(name)?.id ?? NO_ID;
  cluster.deleteTopic(name);
  return result(name, id, { error: 'NONE', message: null });
}

function nameOf(cluster: ClusterModel, { name, topicId }: DeleteTopicState): string | undefined {
  if (name === null) return cluster.findById(topicId)?.name;
  return cluster.topics.has(name) ? name : undefined;
}

function result(name: string | null, topicId: string, { error, message }: Wrong): DeletableTopicResult {
  return { name, topicId, errorCode: codeOf(error), errorMessage: message };
}
