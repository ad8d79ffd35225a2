import process from 'node:process';
import { processRecords } from '../../../../operators/index.ts';
import { fromKafka } from '../../../../src/index.ts';
import type { Consumer } from './consumer.ts';
import type { Source } from '../ground.ts';

export interface ReaderLook {
  readonly records: number;
  /** That the process has used so far, ms. */
  readonly cpu: number;
}

/** Reads until it is stopped. Answers with how many records it has had. */
export function reader(source: Source, topic: string, groupId: string, failed: (error: unknown) => void): Consumer<ReaderLook> {
  let records = 0;
  const reading = fromKafka(source, { groupId, topics: [topic], commit: { interval: 500 } })
    .pipe(
      processRecords(() => {
        records++;
      }),
    )
    .subscribe({ error: failed });
  return {
    answer: () => {
      const { user, system } = process.cpuUsage();
      return { records, cpu: (user + system) / 1_000 };
    },
    stop: () => reading.unsubscribe(),
  };
}
