import { ignoreElements, mergeMap, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Oracle } from '../../simulation/oracle/oracle.ts';
import { truthOf } from '../../simulation/oracle/truth.ts';
import { SimulationScheduler, type Process } from '../../simulation/simulationScheduler.ts';
import { fromKafka, type ConsumerEvent, type ConsumerOptions, type KafkaRecord } from '../../src/index.ts';
import { readOptions } from '../../src/options.ts';
import { SimulatedCluster } from '../../src/testing/index.ts';

const sessionTimeout = 45_000;

/** A member in a process of its own, whose handler blocks its event loop at one record, once. The oracle watches it. */
class Bench {
  readonly scheduler: SimulationScheduler = new SimulationScheduler();
  readonly process: Process = this.scheduler.process();
  readonly cluster: SimulatedCluster = new SimulatedCluster({ scheduler: this.scheduler }).topic('orders', 1, 100);
  readonly oracle: Oracle = new Oracle(truthOf(this.cluster.model));
  readonly told: ConsumerEvent[] = [];
  /** When each record was handed over, in ms: by the clock of the process. */
  readonly seen: { readonly offset: number; readonly at: number; readonly epoch: number }[] = [];

  run(at: number, length: number): void {
    const options: ConsumerOptions = {
      ...{ groupId: 'g', topics: 'orders', sessionTimeout, scheduler: this.process },
      events: (event) => {
        watched.events(event);
        this.told.push(event);
      },
    };
    const watched = this.oracle.member('m', readOptions(options), this.cluster, this.process);
    let blocks = true;
    const handle = (record: KafkaRecord, epoch: number): void => {
      this.seen.push({ offset: record.offset, at: this.process.now(), epoch });
      if (record.offset === at && blocks) {
        blocks = false;
        this.process.block(length);
      }
      record.ack();
    };
    watched
      .watch(fromKafka(watched.connector, options))
      .pipe(
        mergeMap((stream) =>
          stream.pipe(
            tap((record) => handle(record, stream.assignmentEpoch)),
            ignoreElements(),
          ),
        ),
      )
      .subscribe();
  }
}

describe('a handler that blocks the event loop inside of one batch', () => {
  it.each([0, 5, 50, 98])(
    'for two sessions, at record %i: that one is late, and no other is delivered until the group has been heard',
    (at) => {
      const bench = new Bench();
      bench.run(at, 2 * sessionTimeout);
      bench.scheduler.flush(200_000);
      const [before, behind] = [1, 2].map((epoch) => bench.seen.filter((each) => each.epoch === epoch));
      expect(before?.map(({ offset }) => offset)).toEqual(Array.from({ length: at + 1 }, (_, offset) => offset));
      expect(before?.every(({ at: time }) => time < sessionTimeout)).toBe(true);
      // The coordinator gave the partition away, and says so before anything else is delivered.
      expect(bench.told.filter(({ kind }) => kind === 'lost' || kind === 'assigned').map(({ kind }) => kind)).toEqual([
        'assigned',
        'lost',
        'assigned',
      ]);
      expect(behind?.at(-1)?.offset).toBe(99);
      bench.oracle.check();
    },
  );

  it('for less than a session: nothing is given away, and each record is delivered once', () => {
    const bench = new Bench();
    bench.run(50, 0.9 * sessionTimeout);
    bench.scheduler.flush(200_000);
    expect(bench.seen.map(({ offset }) => offset)).toEqual(Array.from({ length: 100 }, (_, offset) => offset));
    expect(bench.told.filter(({ kind }) => kind === 'lost' || kind === 'joined')).toHaveLength(1);
    bench.oracle.check();
  });
});
