import type {
  OffsetFetchRequest,
  OffsetFetchRequestGroup,
  OffsetFetchRequestTopic,
  OffsetFetchResponse,
  OffsetFetchResponseGroup,
  OffsetFetchResponsePartition,
  OffsetFetchResponseTopic,
} from '../../../protocol/apis/offsetFetch.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import { codeFor } from './answers.ts';
import { BY_NAME, IDS_SINCE, inVersion, type AskedTopic } from './byTopic.ts';
import { misplaced } from './placed.ts';

type Asked = Pick<OffsetFetchRequestGroup, 'groupId' | 'topics'>;

/** An error of the whole stands at the group from version 8 on, at the top from version 2 on, at each partition before. */
export const offsetFetch: Service<OffsetFetchRequest, OffsetFetchResponse> = (call) => {
  const { request, version } = call;
  const error = call.refusal() ?? misplaced(call);
  if (version >= 8) return now({ ...blank, groups: request.groups.map((asked) => groupOf(call, asked, error)) });
  const { topics } = version < 2 && error !== undefined ? failing(request, error) : groupOf(call, request, error);
  return now({ ...blank, topics, errorCode: version < 2 ? 0 : codeFor(error) });
};

const blank: OffsetFetchResponse = { throttleTimeMs: 0, topics: [], errorCode: 0, groups: [] };

function groupOf(call: Call<OffsetFetchRequest>, { groupId, topics }: Asked, error: string | undefined): OffsetFetchResponseGroup {
  if (error !== undefined) return { groupId, topics: [], errorCode: codeFor(error) };
  const asked = topics === null ? committedTopics(call, groupId) : inVersion(call.cluster, call.version, topics);
  const isUnknown = ({ name }: AskedTopic): boolean => call.version >= IDS_SINCE && name === '';
  const known = asked.filter((topic) => !isUnknown(topic)).map((topic) => topicOf(call, groupId, topic));
  const unknown = asked.filter(isUnknown).map((topic) => failed(topic, 'UNKNOWN_TOPIC_ID'));
  return { groupId, topics: [...known, ...unknown], errorCode: 0 };
}

function committedTopics({ cluster, version }: Call<OffsetFetchRequest>, groupId: string): readonly OffsetFetchRequestTopic[] {
  return cluster.groups.offsets.topicsOf(groupId).map(({ name, partitionIndexes }) => ({
    ...{ name, partitionIndexes },
    topicId: version < IDS_SINCE ? BY_NAME : (cluster.topics.get(name)?.id ?? BY_NAME),
  }));
}

function topicOf(
  call: Call<OffsetFetchRequest>,
  groupId: string,
  { name, topicId, partitionIndexes }: OffsetFetchRequestTopic,
): OffsetFetchResponseTopic {
  return { name, topicId, partitions: partitionIndexes.map((partition) => partitionOf(call, groupId, name, partition)) };
}

function partitionOf(call: Call<OffsetFetchRequest>, groupId: string, topic: string, partition: number): OffsetFetchResponsePartition {
  const { offsets } = call.cluster.groups;
  const unstable = call.request.requireStable && offsets.isPending(groupId, topic, partition) ? 'UNSTABLE_OFFSET_COMMIT' : undefined;
  const error = call.refusal(topic, partition) ?? unstable;
  const committed = error === undefined ? offsets.get(groupId, topic, partition) : undefined;
  if (committed === undefined) return none(partition, error);
  const { offset, leaderEpoch, metadata } = committed;
  return { partitionIndex: partition, committedOffset: offset, committedLeaderEpoch: leaderEpoch, metadata, errorCode: 0 };
}

function none(partitionIndex: number, error: string | undefined): OffsetFetchResponsePartition {
  return { partitionIndex, committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode: codeFor(error) };
}

function failing({ groupId, topics }: Asked, error: string): OffsetFetchResponseGroup {
  return { groupId, topics: (topics ?? []).map((topic) => failed(topic, error)), errorCode: 0 };
}

function failed({ name, topicId, partitionIndexes }: OffsetFetchRequestTopic, error: string): OffsetFetchResponseTopic {
  return { name, topicId, partitions: partitionIndexes.map((partition) => none(partition, error)) };
}
