import { concatMap, EMPTY, ignoreElements, mergeMap, tap, timer } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { splitBatches } from '../../../src/protocol/splitBatches.ts';
import { marble } from '../../support/scripted/index.ts';
import { answered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// pipeline slower than source for 60 s virtual

/** Ms that a record takes; 20 records come in a second, and 5 are done. */
const WORK = 200;
const KB = 1_000;

describe('platformatic-backpressure-memory', () => {
  test(
    'a pipeline that is slower than its source for a minute: what is held stays below the cap, and the pipeline is never left without work',
    marble((kit) => {
      const { scheduler, cluster, consume } = kit;
      cluster.topic('orders', 1, 10);
      const source = timer(0, 500, scheduler).pipe(tap(() => cluster.append('orders', 0, 10, { valueBytes: KB })));
      let arrived = 0;
      let done = 0;
      let most = 0;
      answered(cluster).subscribe(({ records }) => {
        arrived = splitBatches(records).batches.at(-1)?.nextOffset ?? arrived;
        most = Math.max(most, arrived - done);
      });
      const { live, say } = telling(kit, 70_000, EMPTY, ['done: 300']);
      const fetch = { ...patient, maxPartitionBytes: 15 * KB };
      const slow = (record: KafkaRecord) =>
        timer(WORK, scheduler).pipe(
          tap(() => {
            record.ack();
            done++;
          }),
        );
      const work = consume({ fetch, maxBuffered: 40 * KB }).pipe(
        mergeMap((stream) => stream.pipe(concatMap(slow))),
        ignoreElements(),
      );
      live(work, '60060ms !');
      const writing = source.subscribe();
      scheduler.schedule(() => {
        writing.unsubscribe();
        expect(most).toBeGreaterThanOrEqual(20); // KB
        expect(most).toBeLessThanOrEqual(50);
        expect(cluster.partition('orders', 0).log.end).toBeGreaterThan(1_000);
        say(`done: ${String(done)}`);
      }, 60_050);
    }),
  );
});
