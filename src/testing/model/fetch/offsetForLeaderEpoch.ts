import { codeOf } from '../../../errors/table.ts';
import type {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
  OffsetForLeaderPartition,
  OffsetForLeaderPartitionResult,
} from '../../../protocol/apis/offsetForLeaderEpoch.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import { answering } from './replica.ts';

export const offsetForLeaderEpoch: Service<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> = (call) => {
  const whole = call.refusal();
  const topics = call.request.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((asked) => answerFor(call, topic, asked, whole ?? call.refusal(topic, asked.partition))),
  }));
  return now({ throttleTimeMs: 0, topics });
};

function answerFor(
  { cluster, node }: Call<OffsetForLeaderEpochRequest>,
  topic: string,
  { partition, currentLeaderEpoch, leaderEpoch }: OffsetForLeaderPartition,
  refusal: string | undefined,
): OffsetForLeaderPartitionResult {
  const replica = refusal ?? answering(cluster, node, topic, partition, { currentLeaderEpoch, onlyLeader: true });
  if (typeof replica === 'string') return { errorCode: codeOf(replica), partition, leaderEpoch: -1, endOffset: -1 };
  const { epoch, endOffset } = replica.log.endOfEpoch(leaderEpoch, replica.epochs);
  return { errorCode: 0, partition, leaderEpoch: epoch, endOffset };
}
