import type { OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitResponse } from '../../../protocol/apis/offsetCommit.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import { byTopic, type PartitionResult } from './byTopic.ts';
import { commitError } from './fencing.ts';
import { touch } from './member.ts';
import { MAX_METADATA } from './offsets.ts';
import { misplaced } from './placed.ts';

interface Asked extends PartitionResult {
  readonly asked: OffsetCommitRequestPartition;
}

/** Partitions that do not exist are refused before the coordinator is asked, and stand first in the answer. */
export const offsetCommit: Service<OffsetCommitRequest, OffsetCommitResponse> = (call) => {
  const all = call.request.topics.flatMap(({ name, partitions }) => partitions.map((asked) => checked(call, name, asked)));
  const refused = all.filter(({ error }) => error !== undefined);
  const fit = all.filter(({ error }) => error === undefined);
  const error = fit.length === 0 ? undefined : (misplaced(call) ?? admit(call));
  const served = fit.map((one) => ({ ...one, error: error ?? commit(call, one) }));
  return now({ throttleTimeMs: 0, topics: byTopic([...refused, ...served]) });
};

function checked(call: Call<OffsetCommitRequest>, topic: string, asked: OffsetCommitRequestPartition): Asked {
  const partition = asked.partitionIndex;
  const refusal = call.refusal() ?? call.refusal(topic, partition);
  const missing = call.cluster.find(topic, partition) === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : undefined;
  return { topic, partition, asked, error: refusal ?? missing };
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
