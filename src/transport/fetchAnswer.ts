import type { FetchResponse, PartitionData } from '../protocol/apis/fetch.ts';
import type { FetchPart } from '../protocol/fetchParts.ts';
import { splitBatches } from '../protocol/recordBatch.ts';

/** A whole fetch answer as its parts, in the order of the wire. `bytes`: the size of the frame. */
export function* partsOf(response: FetchResponse, bytes: number): Generator<FetchPart> {
  const { errorCode, sessionId, throttleTimeMs } = response;
  yield { kind: 'head', errorCode, sessionId, throttleTimeMs };
  for (const { topic, topicId, partitions } of response.responses) {
    for (const partition of partitions) yield* partsOfPartition(topic, topicId, partition);
  }
  yield { kind: 'end', bytes };
}

function* partsOfPartition(topic: string, topicId: string, { records, ...rest }: PartitionData): Generator<FetchPart> {
  const partition = rest.partitionIndex;
  yield { kind: 'partition', header: { topic, topicId, ...rest } };
  if (records === null) return;
  const { batches, corrupt } = splitBatches(records);
  for (const batch of batches) yield { kind: 'batch', topic, partition, batch };
  if (corrupt !== undefined) yield { kind: 'corrupt', topic, partition, offset: corrupt.offset, reason: corrupt.reason };
}
