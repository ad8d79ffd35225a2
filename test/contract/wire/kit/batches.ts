import type { BatchView } from '../../../../src/protocol/recordBatch.ts';
import { controlType } from '../../../../src/protocol/recordBatch.ts';
import { indexRecords, STRIDE } from '../../../../src/protocol/recordIndex.ts';
import { splitBatches } from '../../../../src/protocol/splitBatches.ts';

/** The records of a fetch answer in words: a line for each batch, and what is left of one that was cut. */
export function batchesInWords(records: Buffer): readonly string[] {
  if (records.length === 0) return [];
  const { batches, corrupt } = splitBatches(records);
  const whole = batches.reduce((sum, batch) => sum + batch.sizeInBytes, 0);
  const rest = records.length - whole;
  return [
    ...batches.map(batchInWords),
    ...(corrupt === undefined ? [] : [`no batch at ${corrupt.offset}`]),
    ...(rest === 0 ? [] : [`${rest} bytes of another`]),
  ];
}

function batchInWords(batch: BatchView): string {
  const said = [
    `${batch.baseOffset} to ${batch.lastOffset}`,
    `epoch ${batch.leaderEpoch}`,
    ...(batch.producerId < 0 ? [] : [`producer ${batch.producerId} epoch ${batch.producerEpoch} from ${batch.baseSequence}`]),
    ...(batch.isTransactional && !batch.isControl ? ['transactional'] : []),
    ...(batch.compression === 'none' ? [] : [batch.compression]),
    ...(batch.crcIsGood() ? [] : ['damaged']),
  ];
  const what = batch.isControl ? `${controlType(batch)} marker` : valuesOf(batch);
  return `${said.join(', ')}: ${what}`;
}

function valuesOf(batch: BatchView): string {
  if (batch.compression !== 'none') return `${batch.recordCount} records`;
  const index = indexRecords(batch.body, batch.recordCount);
  const values: string[] = [];
  for (let cell = 0; cell < index.length; cell += STRIDE) {
    const [offsetDelta = 0, , keyAt = 0, keyLength = 0, valueAt = 0, valueLength = 0] = index.subarray(cell, cell + STRIDE);
    const key = keyLength < 0 ? '' : `${batch.body.toString('utf8', keyAt, keyAt + keyLength)}=`;
    const value = valueLength < 0 ? 'null' : shortened(batch.body.toString('utf8', valueAt, valueAt + valueLength));
    values.push(`${batch.baseOffset + offsetDelta} ${key}${value}`);
  }
  return values.length === 0 ? 'empty' : values.join(' | ');
}

function shortened(text: string): string {
  return text.length <= 12 ? text : `${text.slice(0, 4)}… (${text.length})`;
}
