import { encodeBatch, type NewBatch } from '../../../protocol/encodeBatch.ts';
import type { StoredBatch, StoredRecord } from './storedBatch.ts';

/** The same batch with these of its records; it spans the same offsets, unless `changes` say otherwise. */
export function rewritten({ view, base }: StoredBatch, kept: readonly StoredRecord[], changes: NewBatch = {}): Buffer {
  const records = kept.map(({ offset, timestamp, key, value, headers }) => ({
    offsetDelta: offset - base,
    timestamp,
    key,
    value,
    headers: [...headers],
  }));
  return encodeBatch(records, {
    baseOffset: base,
    leaderEpoch: view.leaderEpoch,
    compression: view.compression === 'gzip' ? 'gzip' : 'none',
    timestampType: view.timestampType,
    baseTimestamp: view.baseTimestamp,
    maxTimestamp: view.maxTimestamp,
    isTransactional: view.isTransactional,
    isControl: view.isControl,
    hasDeleteHorizon: view.hasDeleteHorizon,
    producerId: view.producerId,
    producerEpoch: view.producerEpoch,
    baseSequence: view.baseSequence,
    lastOffsetDelta: view.lastOffsetDelta,
    ...changes,
  });
}
