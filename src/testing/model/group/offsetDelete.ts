import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../../protocol/apis/offsetDelete.ts';
import { decodeSubscription } from '../../../protocol/consumerProtocol.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import { codeFor } from './answers.ts';
import { byTopic, type PartitionResult } from './byTopic.ts';
import type { Group } from './group.ts';
import { misplaced } from './placed.ts';

/** What members of the group read from is not deleted. */
export const offsetDelete: Service<OffsetDeleteRequest, OffsetDeleteResponse> = (call) => {
  const { cluster, request } = call;
  const refusal = call.refusal() ?? (request.groupId === '' ? 'INVALID_GROUP_ID' : misplaced(call));
  const group = cluster.groups.get(request.groupId);
  const error = refusal ?? deletableError(group);
  if (error !== undefined || group === undefined) return now({ throttleTimeMs: 0, errorCode: codeFor(error), topics: [] });
  const all = request.topics.flatMap(({ name, partitions }) => partitions.map(({ partitionIndex }) => checked(call, name, partitionIndex)));
  const refused = all.filter((one) => one.error !== undefined);
  const served = all.filter((one) => one.error === undefined).map((one) => ({ ...one, error: forget(call, group, one) }));
  return now({ throttleTimeMs: 0, errorCode: 0, topics: byTopic([...refused, ...served]) });
};

function deletableError(group: Group | undefined): string | undefined {
  if (group === undefined) return 'GROUP_ID_NOT_FOUND';
  return group.state.kind !== 'Empty' && group.protocolType !== 'consumer' ? 'NON_EMPTY_GROUP' : undefined;
}

function checked(call: Call<OffsetDeleteRequest>, topic: string, partition: number): PartitionResult {
  const missing = call.cluster.find(topic, partition) === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : undefined;
  return { topic, partition, error: call.refusal(topic, partition) ?? missing };
}

function forget({ cluster }: Call<OffsetDeleteRequest>, group: Group, { topic, partition }: PartitionResult): string | undefined {
  if (isReadBy(group, topic)) return 'GROUP_SUBSCRIBED_TO_TOPIC';
  cluster.groups.offsets.forget(group.id, topic, partition);
  return undefined;
}

/** Whether a member has subscribed to it; where a member cannot be understood: it may have. */
function isReadBy(group: Group, topic: string): boolean {
  try {
    return group.roster().some(({ metadata }) => decodeSubscription(metadata).topics.includes(topic));
  } catch {
    return true;
  }
}
