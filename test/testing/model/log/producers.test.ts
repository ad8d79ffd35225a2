import { describe, expect, it } from 'vitest';
import { encodeBatch } from '../../../../src/protocol/encodeBatch.ts';
import { BatchView } from '../../../../src/protocol/recordBatch.ts';
import { PartitionLog } from '../../../../src/testing/model/log/partitionLog.ts';

function batch(producerEpoch: number, baseSequence: number, count: number): Buffer {
  return encodeBatch(
    Array.from({ length: count }, () => ({})),
    { producerId: 7, producerEpoch, baseSequence },
  );
}

/** Sends these batches one after another: their offsets, or why not. */
function send(log: PartitionLog, ...batches: readonly Buffer[]): readonly (number | string)[] {
  return batches.map((bytes) => {
    const admission = log.admits(new BatchView(bytes));
    if (admission.kind === 'refuse') return admission.error;
    return admission.kind === 'duplicate' ? `again ${String(admission.base)}` : log.appendBatch(bytes, 0);
  });
}

describe('an idempotent producer', () => {
  it('writes in the order of its sequences', () => {
    expect(send(new PartitionLog(), batch(0, 0, 3), batch(0, 3, 2), batch(0, 6, 1), batch(0, 5, 1))).toEqual([
      0,
      3,
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
      5,
    ]);
  });

  it('is told the offset of what it sends again, of its last five batches', () => {
    const log = new PartitionLog();
    const sent = Array.from({ length: 6 }, (_, i) => batch(0, i, 1));
    send(log, ...sent);
    expect(send(log, ...sent)).toEqual(['OUT_OF_ORDER_SEQUENCE_NUMBER', 'again 1', 'again 2', 'again 3', 'again 4', 'again 5']);
    expect(log.end).toBe(6);
  });

  it('begins at 0 in a new epoch, and the old one is fenced', () => {
    expect(send(new PartitionLog(), batch(0, 0, 2), batch(1, 2, 1), batch(1, 0, 1), batch(0, 2, 1))).toEqual([
      0,
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
      2,
      'INVALID_PRODUCER_EPOCH',
    ]);
  });

  it('goes round after the highest sequence', () => {
    expect(send(new PartitionLog(), batch(0, 2 ** 31 - 1, 1), batch(0, 0, 1))).toEqual([0, 1]);
  });

  it('is fenced by a marker of a later epoch', () => {
    const log = new PartitionLog();
    send(log, batch(0, 0, 1));
    log.endTransaction(7, 1, 'abort', 0, 0);
    expect(send(log, batch(0, 1, 1), batch(1, 0, 1))).toEqual(['INVALID_PRODUCER_EPOCH', 2]);
  });

  it('is remembered by what a cut leaves', () => {
    const log = new PartitionLog();
    send(log, batch(0, 0, 1), batch(0, 1, 1));
    log.truncateTo(1);
    expect(send(log, batch(0, 2, 1), batch(0, 1, 1))).toEqual(['OUT_OF_ORDER_SEQUENCE_NUMBER', 1]);
  });
});
