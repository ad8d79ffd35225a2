import type { BatchView } from '../../../protocol/recordBatch.ts';
import { splitBatches } from '../../../protocol/splitBatches.ts';

/** `max.message.bytes` of a topic. */
const LARGEST_BATCH = 1_048_588;
/** The first version that may have zstd. */
const ZSTD_SINCE = 7;

/** The one batch that a producer may send for a partition, or Kafka's name of the error; a batch that is cut is none. */
export function producedBatch(records: Buffer | null, version: number): BatchView | string {
  const { batches } = splitBatches(records ?? Buffer.alloc(0));
  const [batch] = batches;
  if (batch === undefined || batches.length > 1) return 'INVALID_RECORD';
  return batch.compression === 'zstd' && version < ZSTD_SINCE ? 'UNSUPPORTED_COMPRESSION_TYPE' : batch;
}

/** Why a leader does not append it; undefined: it does. */
export function flawOf(batch: BatchView): string | undefined {
  if (batch.baseOffset !== 0) return 'INVALID_RECORD';
  if (batch.sizeInBytes > LARGEST_BATCH) return 'MESSAGE_TOO_LARGE';
  if (!batch.crcIsGood()) return 'CORRUPT_MESSAGE';
  const isWhole = batch.recordCount > 0 && batch.recordCount === batch.lastOffsetDelta + 1;
  const isInSequence = batch.producerId < 0 || batch.baseSequence >= 0;
  return batch.isControl || !isWhole || !isInSequence ? 'INVALID_RECORD' : undefined;
}

export function hasTransactional(records: Buffer | null): boolean {
  return records !== null && splitBatches(records).batches.some(({ isTransactional }) => isTransactional);
}
