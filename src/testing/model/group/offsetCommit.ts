import type { OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitResponse } from '../../../protocol/apis/offsetCommit.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import { byTopic, IDS_SINCE, inVersion, type AskedTopic, type PartitionResult } from './byTopic.ts';
import { commitError } from './fencing.ts';
import { touch } from './member.ts';
import { MAX_METADATA } from './offsets.ts';
import { misplaced } from './placed.ts';

interface Asked extends PartitionResult {
  readonly asked: OffsetCommitRequestPartition;
}

/**
 * Partitions that do not exist are refused before the coordinator is asked, and stand first in the answer. Only where there are some, what a request
 * says of one topic in two places is answered in one.
 */
export const offsetCommit: Service<OffsetCommitRequest, OffsetCommitResponse> = (call) => {
  const topics = inVersion(call.cluster, call.version, call.request.topics);
  const asked = topics.map((topic) => topic.partitions.map((partition) => checked(call, topic, partition)));
  const refused = asked.flat().filter(({ error }) => error !== undefined);
  const fit = asked.map((partitions) => partitions.filter(({ error }) => error === undefined));
  const error = fit.flat().length === 0 ? undefined : (misplaced(call) ?? admit(call));
  const served = fit.map((partitions) => partitions.map((one) => ({ ...one, error: error ?? commit(call, one) })));
  return now({ throttleTimeMs: 0, topics: refused.length === 0 ? served.flatMap(byTopic) : byTopic([...refused, ...served.flat()]) });
};

function checked(call: Call<OffsetCommitRequest>, { name, topicId }: AskedTopic, asked: OffsetCommitRequestPartition): Asked {
  const partition = asked.partitionIndex;
  const refusal = call.refusal() ?? call.refusal(name, partition);
  return { topic: name, topicId, partition, asked, error: refusal ?? missing(call, name, partition) };
}

function missing({ cluster, version }: Call<OffsetCommitRequest>, topic: string, partition: number): string | undefined {
  if (version >= IDS_SINCE && topic === '') return 'UNKNOWN_TOPIC_ID';
  return cluster.find(topic, partition) === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : undefined;
}

/** The error for this committer. A commit of a member keeps its session up; one of nobody makes the group. */
function admit({ cluster, request, version, now: at }: Call<OffsetCommitRequest>): string | undefined {
  const { groupId, memberId, generationIdOrMemberEpoch: generation, groupInstanceId: instanceId } = request;
  const known = cluster.groups.get(groupId);
  if (known === undefined && generation >= 0) return version >= 9 ? 'GROUP_ID_NOT_FOUND' : 'ILLEGAL_GENERATION';
  const group = known ?? cluster.groups.open(groupId);
  const error = commitError(group, { memberId, generation, instanceId, inTransaction: false });
  if (error !== undefined) return error;
  const member = group.members.get(memberId);
  if (member !== undefined) touch(member, at);
  return undefined;
}

function commit({ cluster, request }: Call<OffsetCommitRequest>, { topic, partition, asked }: Asked): string | undefined {
  const { committedOffset: offset, committedLeaderEpoch: leaderEpoch, committedMetadata: metadata } = asked;
  if (metadata !== null && metadata.length > MAX_METADATA) return 'OFFSET_METADATA_TOO_LARGE';
  cluster.groups.offsets.commit(request.groupId, { topic, partition, offset, leaderEpoch, metadata });
  return undefined;
}
