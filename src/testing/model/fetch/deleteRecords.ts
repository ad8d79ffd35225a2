import { codeOf } from '../../../errors/table.ts';
import type { DeleteRecordsRequest, DeleteRecordsResponse } from '../../../protocol/apis/deleteRecords.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import { answering } from './replica.ts';

/** Everything that readers may have. */
const TO_HIGH_WATERMARK = -1;

export const deleteRecords: Service<DeleteRecordsRequest, DeleteRecordsResponse> = (call) => {
  const whole = call.refusal();
  const topics = call.request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, offset }) => {
      const done = whole ?? call.refusal(name, partitionIndex) ?? deleted(call, name, partitionIndex, offset);
      return typeof done === 'string'
        ? { partitionIndex, lowWatermark: -1, errorCode: codeOf(done) }
        : { partitionIndex, lowWatermark: done, errorCode: 0 };
    }),
  }));
  return now({ throttleTimeMs: 0, topics });
};

/** Where the log begins then. */
function deleted({ cluster, node }: Call<DeleteRecordsRequest>, topic: string, index: number, offset: number): number | string {
  if (cluster.topics.get(topic)?.isInternal === true) return 'INVALID_TOPIC_EXCEPTION';
  const replica = answering(cluster, node, topic, index, { currentLeaderEpoch: -1, onlyLeader: true });
  if (typeof replica === 'string') return replica;
  const before = offset === TO_HIGH_WATERMARK ? replica.highWatermark : offset;
  if (before < 0 || before > replica.highWatermark) return 'OFFSET_OUT_OF_RANGE';
  replica.log.deleteBefore(before); // wakes no long poll
  return replica.log.start;
}
