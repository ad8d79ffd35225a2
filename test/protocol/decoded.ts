import { inflate } from '../../src/protocol/compression.ts';
import { indexRecords, readHeaders, STRIDE, timestampDelta } from '../../src/protocol/recordIndex.ts';
import type { BatchView } from '../../src/protocol/recordBatch.ts';

export interface DecodedRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string | null])[];
}

const hex = (bytes: Buffer | null): string | null => bytes?.toString('hex') ?? null;

/** Every record of a batch, bytes as hex digits. */
export function decodedRecords(batch: BatchView): readonly DecodedRecord[] {
  const body = inflate(batch.compression, batch.body);
  const index = indexRecords(body, batch.recordCount, batch.lastOffsetDelta);
  const view = (at = 0, length = 0): Buffer | null => (length < 0 ? null : body.subarray(at, at + length));
  return Array.from({ length: batch.recordCount }, (_, i) => {
    const [offsetDelta = 0, at = 0, keyAt, keyLength, valueAt = 0, valueLength = 0] = index.subarray(i * STRIDE, (i + 1) * STRIDE);
    return {
      offset: batch.baseOffset + offsetDelta,
      timestamp: batch.timestampType === 'LogAppendTime' ? batch.maxTimestamp : batch.baseTimestamp + timestampDelta(body, at),
      key: hex(view(keyAt, keyLength)),
      value: hex(view(valueAt, valueLength)),
      headers: [...readHeaders(body, valueAt + Math.max(0, valueLength))].map(([name, value]) => [name, hex(value)] as const),
    };
  });
}

/** What Kafka says of a batch, as we say it. */
export function decodedBatch(batch: BatchView): unknown {
  const { baseOffset, nextOffset, sizeInBytes, leaderEpoch, magic, crc, compression, isTransactional, isControl, timestampType } = batch;
  const { hasDeleteHorizon, maxTimestamp, producerId, producerEpoch, baseSequence, recordCount } = batch;
  return {
    baseOffset,
    nextOffset,
    sizeInBytes,
    leaderEpoch,
    magic,
    crc,
    compression,
    isTransactional,
    isControl,
    timestampType,
    hasDeleteHorizon,
    maxTimestamp,
    producerId,
    producerEpoch,
    baseSequence,
    recordCount,
    records: decodedRecords(batch),
  };
}
