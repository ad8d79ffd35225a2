import { asyncScheduler, type SchedulerLike } from 'rxjs';
import type { PartitionStream } from '../../src/model/partitionStream.ts';

/** How long a consumer waits for work to settle (`drainTimeout`, ms), and on which clock. */
export interface Patience {
  readonly drainTimeout: number;
  readonly scheduler: SchedulerLike;
}

/** Under this symbol the streams of a consumer carry its `Patience`: operators know streams, not the options that they were made with. */
const key = Symbol.for('kafka-rx.patience');

/** Where a stream does not say. */
export const usual: Patience = { drainTimeout: 30_000, scheduler: asyncScheduler };

/** The patience of the consumer that the stream belongs to; the usual one if the stream does not say. */
export function patienceOf(partition: PartitionStream): Patience {
  const patience: unknown = Reflect.get(partition, key);
  return isPatience(patience) ? patience : usual;
}

function isPatience(value: unknown): value is Patience {
  return typeof value === 'object' && value !== null && 'drainTimeout' in value && 'scheduler' in value;
}
