import { ignoreElements, mergeMap, tap } from 'rxjs';
import { fromKafka, type ConsumerOptions } from '../../../../src/index.ts';
import type { Source } from '../ground.ts';
import type { Consumer } from './consumer.ts';

/** What a consumer has seen that blocked its event loop. */
export interface Blocked {
  /** Each record: which assignment it came by, and when, in ms of the wall clock. */
  readonly records: readonly { readonly offset: number; readonly epoch: number; readonly at: number }[];
  readonly lost: number;
  /** When the event loop was free again, ms of the wall clock; 0: not yet. */
  readonly freeAt: number;
}

/** Acks what it reads of one partition; at one record, the first time, its handler computes for that long. */
export function blocker(source: Source, options: ConsumerOptions, at: number, length: number): Consumer<Blocked> {
  const records: Blocked['records'][number][] = [];
  let lost = 0;
  let freeAt = 0;
  const compute = (): void => {
    const end = Date.now() + length;
    while (Date.now() < end);
    freeAt = Date.now();
  };
  const life = fromKafka(source, {
    ...options,
    events: ({ kind }) => {
      if (kind === 'lost') lost++;
    },
  })
    .pipe(
      mergeMap((stream) =>
        stream.pipe(
          tap((record) => {
            records.push({ offset: record.offset, epoch: stream.assignmentEpoch, at: Date.now() });
            if (record.offset === at && freeAt === 0) compute();
            record.ack();
          }),
          ignoreElements(),
        ),
      ),
    )
    .subscribe();
  return { answer: () => ({ records, lost, freeAt }), stop: () => life.unsubscribe() };
}
