import type { KafkaRecord, RecordBatch } from '../../src/model/record.ts';

/** What handlers are given. */
export type Item = KafkaRecord | RecordBatch;

/** Where an item begins in its partition. */
export function offsetOf(item: Item): number {
  return 'offset' in item ? item.offset : item.firstOffset;
}
