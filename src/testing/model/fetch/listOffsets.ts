import { codeOf } from '../../../errors/table.ts';
import {
  EARLIEST_TIMESTAMP,
  LATEST_TIMESTAMP,
  type ListOffsetsPartition,
  type ListOffsetsPartitionResponse,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
} from '../../../protocol/apis/listOffsets.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import { answering, type Replica } from './replica.ts';

type Found = Pick<ListOffsetsPartitionResponse, 'timestamp' | 'offset' | 'leaderEpoch'>;

const MAX_TIMESTAMP = -3;
const EARLIEST_LOCAL_TIMESTAMP = -4;
const LATEST_TIERED_TIMESTAMP = -5;

/** The versions from which on the timestamps that are none are known; a broker takes no other negative ones. */
const knownSince: ReadonlyMap<number, number> = new Map([
  [LATEST_TIMESTAMP, 1],
  [EARLIEST_TIMESTAMP, 1],
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL_TIMESTAMP, 8],
  [LATEST_TIERED_TIMESTAMP, 9],
]);

const nothing: Found = { timestamp: -1, offset: -1, leaderEpoch: -1 };

/** A client that may ask any replica. */
const DEBUGGER = -2;

/** Each topic and each partition stand once in the answer, however often they are asked for. */
export const listOffsets: Service<ListOffsetsRequest, ListOffsetsResponse> = (call) => {
  const whole = call.refusal();
  const answers = new Map<string, Map<number, ListOffsetsPartitionResponse>>();
  for (const { name, partitions } of call.request.topics) {
    const answer = answers.get(name) ?? new Map<number, ListOffsetsPartitionResponse>();
    answers.set(name, answer);
    for (const asked of partitions) {
      const { partitionIndex } = asked;
      const refusal = whole ?? call.refusal(name, partitionIndex) ?? (answer.has(partitionIndex) ? 'INVALID_REQUEST' : undefined);
      answer.set(partitionIndex, answered(partitionIndex, refusal ?? offsetOf(call, name, asked)));
    }
  }
  const topics = [...answers].map(([name, partitions]) => ({ name, partitions: [...partitions.values()] }));
  return now({ throttleTimeMs: 0, topics });
};

function answered(partitionIndex: number, found: Found | string): ListOffsetsPartitionResponse {
  return typeof found === 'string' ? { partitionIndex, errorCode: codeOf(found), ...nothing } : { partitionIndex, errorCode: 0, ...found };
}

function offsetOf(
  { cluster, node, version, request }: Call<ListOffsetsRequest>,
  topic: string,
  asked: ListOffsetsPartition,
): Found | string {
  const { timestamp, partitionIndex, currentLeaderEpoch } = asked;
  if (timestamp < 0 && version < (knownSince.get(timestamp) ?? Infinity)) return 'UNSUPPORTED_VERSION';
  const replica = answering(cluster, node, topic, partitionIndex, { currentLeaderEpoch, onlyLeader: request.replicaId !== DEBUGGER });
  if (typeof replica === 'string') return replica;
  const limit = limitOf(replica, request);
  const tooEarly = isBehindItsEpoch(replica, request) ? (version >= 5 ? 'OFFSET_NOT_AVAILABLE' : 'LEADER_NOT_AVAILABLE') : undefined;
  if (timestamp === LATEST_TIMESTAMP) return tooEarly ?? { ...nothing, offset: limit, leaderEpoch: replica.partition.leaderEpoch };
  if (timestamp === EARLIEST_TIMESTAMP || timestamp === EARLIEST_LOCAL_TIMESTAMP) return earliest(replica);
  if (timestamp === LATEST_TIERED_TIMESTAMP) return nothing;
  const found = timestamp === MAX_TIMESTAMP ? replica.log.offsetOfMaxTimestamp() : replica.log.offsetFor(timestamp);
  return found !== undefined && found.offset < limit ? found : (tooEarly ?? nothing);
}

function earliest({ log, epochs }: Replica): Found {
  return { timestamp: -1, offset: log.start, leaderEpoch: log.epochOfStart(epochs) };
}

/** What a consumer may read ends here, and so does what it is told of. */
function limitOf({ end, highWatermark, lastStableOffset }: Replica, { replicaId, isolationLevel }: ListOffsetsRequest): number {
  if (replicaId !== -1) return end;
  return isolationLevel === 1 ? lastStableOffset : highWatermark;
}

/** A new leader does not yet know how far the high watermark had been (KIP-207). */
function isBehindItsEpoch({ log, partition, epochs, highWatermark }: Replica, { replicaId }: ListOffsetsRequest): boolean {
  return replicaId === -1 && (log.startOfEpoch(partition.leaderEpoch, epochs) ?? 0) > highWatermark;
}
