import type { FetchResponse, PartitionData } from '../protocol/apis/fetch.ts';
import type { FetchPart } from '../protocol/fetchParts.ts';
import { splitBatches } from '../protocol/recordBatch.ts';

/** A whole fetch answer as its parts, in the order of the wire. `version`: of the request; `bytes`: the size of the frame. */
export function* partsOf(response: FetchResponse, version: number, bytes: number): Generator<FetchPart> {
  const { errorCode, sessionId, throttleTimeMs } = response;
  yield { kind: 'head', version, errorCode, sessionId, throttleTimeMs };
  for (const { topic, topicId, partitions } of response.responses) {
    for (const partition of partitions) yield* partsOfPartition(topic, topicId, partition);
  }
  yield { kind: 'end', bytes, nodeEndpoints: response.nodeEndpoints };
}

function* partsOfPartition(topic: string, topicId: string, { records, ...rest }: PartitionData): Generator<FetchPart> {
  const partition = rest.partitionIndex;
  yield { kind: 'partition', header: { topic, topicId, ...rest } };
  if (records === null) return;
  const { batches, corrupt } = splitBatches(records);
  for (const batch of batches) yield { kind: 'batch', topic, topicId, partition, batch };
  if (corrupt !== undefined) yield { kind: 'corrupt', topic, topicId, partition, offset: corrupt.offset, reason: corrupt.reason };
}
