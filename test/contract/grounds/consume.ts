import { mergeMap, tap } from 'rxjs';
import { fromKafka, type ConsumerOptions, type KafkaRecord } from '../../../src/index.ts';
import { ended } from '../../support/consume.ts';
import type { Ground } from './ground.ts';

/** Subscribes and waits for the end. `each` sees every record before it is acked. */
export function consumed(ground: Ground, options: ConsumerOptions, each: (record: KafkaRecord) => void): Promise<void> {
  return ended(
    fromKafka(ground.source(), options).pipe(
      mergeMap((partition) =>
        partition.pipe(
          tap((record) => {
            each(record);
            record.ack();
          }),
        ),
      ),
    ),
  );
}
