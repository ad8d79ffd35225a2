import { take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { watch } from '../support/watch.ts';
import { batchOf } from '../table/scenario.ts';
import { Bench } from './pumping.ts';

/** A clock that moves with the work: so many ms each. */
function takes(bench: Bench, ms: number): () => void {
  return () => (bench.clock.scheduler.frame += ms);
}

describe('the pump', () => {
  it('hands over all there is, within the subscription, and more with each wake-up', () => {
    const bench = new Bench(3);
    bench.subscribe();
    expect(bench.log).toEqual([0, 1, 2]);
    bench.cursor.receive(batchOf(3, 1), true);
    expect(bench.log).toEqual([0, 1, 2]);
    bench.cursor.line.wake();
    expect(bench.log).toEqual([0, 1, 2, 3]);
  });

  it('does not recurse: a hundred thousand acks inside of next, each of which wakes it', () => {
    const bench = new Bench(100_000, { records: 1, bytes: Infinity });
    let deepest = 0;
    let depth = 0;
    let count = 0;
    bench.stream.subscribe((record) => {
      deepest = Math.max(deepest, ++depth);
      count++;
      record.ack();
      depth--;
    });
    expect([count, deepest, bench.cursor.held.bytes]).toEqual([100_000, 1, 0]);
  });

  it('looks before each record: a window that is filled, a pause and a seek inside of next count at once', () => {
    const bench = new Bench(5, { records: 2, bytes: Infinity });
    bench.subscribe((record) => {
      if (record.offset === 1) bench.cursor.delivery.pauses++;
    });
    expect([bench.log, bench.cursor.delivery.hold]).toEqual([[0, 1], 'paused']);
    const seeking = new Bench(5);
    seeking.subscribe(({ offset }) => {
      if (offset !== 1) return;
      seeking.cursor.relocate({ kind: 'place', at: { offset: 4 } }, 'seek');
      seeking.cursor.locate(4);
    });
    expect([seeking.log, seeking.cursor.position]).toEqual([[0, 1], 4]);
  });

  it('stops at once when it is unsubscribed inside of next', () => {
    const bench = new Bench(5);
    const { log } = watch(bench.stream.pipe(take(2)));
    expect([log.length, bench.cursor.position, bench.cursor.delivery.attended, bench.clock.idle]).toEqual([3, 2, false, true]);
  });

  it('yields after 8 ms, to go on in a later task', () => {
    const bench = new Bench(50);
    bench.subscribe(takes(bench, 2));
    expect([bench.log.length, bench.clock.idle]).toEqual([4, false]);
    bench.cursor.line.wake(); // no earlier for that
    expect(bench.log.length).toBe(4);
    bench.clock.by(0);
    expect(bench.log.length).toBe(8);
  });

  it('yields after one record that takes longer', () => {
    const bench = new Bench(5);
    bench.subscribe(takes(bench, 50));
    expect(bench.log).toEqual([0]);
    bench.clock.by(0);
    expect(bench.log).toEqual([0, 1]);
  });

  it('reads the clock rarely while records are fast', () => {
    const bench = new Bench(1_000);
    let reads = 0;
    const { scheduler } = bench.clock;
    const now = scheduler.now.bind(scheduler);
    scheduler.now = () => {
      reads++;
      return now();
    };
    bench.subscribe();
    expect(bench.log).toHaveLength(1_000);
    expect(reads).toBeLessThan(40);
  });

  it('leaves no timer when it is unsubscribed while it rests', () => {
    const other = new Bench(50);
    const subscription = other.subscribe(takes(other, 10));
    expect(other.clock.idle).toBe(false);
    subscription.unsubscribe();
    expect(other.clock.idle).toBe(true);
  });
});

describe('the pump, once the session is over by our clock', () => {
  it('delivers nothing, also in the middle of what it delivers, until the session goes on', () => {
    const bench = new Bench(5);
    bench.table.sessionEnds = 3;
    bench.subscribe(takes(bench, 2));
    expect(bench.log).toEqual([0, 1]);
    bench.cursor.line.wake();
    expect(bench.log).toEqual([0, 1]);
    bench.table.sessionEnds = 100;
    bench.cursor.line.wake();
    bench.clock.by(0);
    expect(bench.log).toEqual([0, 1, 2, 3, 4]);
  });

  it('tells the end of the stream all the same', () => {
    const bench = new Bench(5);
    bench.table.sessionEnds = 0;
    bench.subscribe();
    bench.cursor.apply({ kind: 'complete', why: 'stopping' });
    expect(bench.log).toEqual(['|']);
  });
});
