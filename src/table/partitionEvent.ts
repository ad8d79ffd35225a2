import type { Cursor } from './cursor.ts';

/** What the rooms tell the consumer of a partition. It carries no records: those lie in the cursor. */
export interface PartitionEvent {
  /** `assigned`: its stream begins. `batch`: something arrived, or ended: look at the cursor. */
  readonly kind: 'assigned' | 'batch';
  readonly cursor: Cursor;
}
