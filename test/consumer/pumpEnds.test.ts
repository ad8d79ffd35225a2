import { retry } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { watch } from '../support/watch.ts';
import { batchOf } from '../table/scenario.ts';
import { Bench } from './pumping.ts';

describe('the end of a stream', () => {
  it.each(['revoked', 'stopping', 'failed', 'mark'] as const)('is its completion (%s)', (why) => {
    const bench = new Bench(0);
    bench.subscribe();
    bench.cursor.apply({ kind: 'complete', why });
    expect([bench.log, bench.cursor.delivery.attended]).toEqual([['|'], false]);
  });

  it('is its completion where the partition was lost', () => {
    const bench = new Bench(0);
    bench.subscribe();
    bench.table.release(bench.cursor);
    expect(bench.log).toEqual(['|']);
  });

  it('is an error, in a later task, for who is still there after the consumer was unsubscribed', () => {
    const [left, gone] = [new Bench(0), new Bench(0)];
    left.subscribe();
    const subscription = gone.subscribe();
    for (const { cursor, table } of [left, gone]) {
      cursor.apply({ kind: 'complete', why: 'closed' });
      table.release(cursor);
    }
    expect(left.log).toEqual([]);
    subscription.unsubscribe();
    for (const { clock } of [left, gone]) clock.by(0);
    expect([left.log.map(String), gone.log, gone.clock.idle]).toEqual([[expect.stringContaining('ConsumerClosedError')], [], true]);
  });

  it('is its error where the partition has one: after the good records, told, and with the shortest back-off', () => {
    const bench = new Bench(2);
    const error = new Error('bad');
    bench.cursor.apply({ kind: 'fail', error });
    bench.clock.to(1_000);
    bench.subscribe();
    expect(bench.log).toEqual([0, 1, 'Error: bad']);
    expect(bench.cursor.state).toMatchObject({ kind: 'failed', told: true });
    expect([bench.cursor.unacked, bench.cursor.route.notBefore]).toEqual([0, 1_100]);
    expect(bench.clock.told).toEqual([{ kind: 'failed', topic: 't', partition: 0, error }]);
  });

  it('by an error is tried again by a bare retry', () => {
    const bench = new Bench(1);
    bench.cursor.apply({ kind: 'fail', error: new Error('bad') });
    const { log } = watch(bench.stream.pipe(retry(1)));
    expect([log.length, bench.cursor.state.kind]).toEqual([1, 'fetching']);
    bench.clock.by(100);
    expect(log).toHaveLength(2);
  });
});

describe('a further subscription', () => {
  it('begins with what is not acked: not synchronously, and 100 ms later where nothing was acked since the last', () => {
    const bench = new Bench(3);
    bench.subscribe().unsubscribe();
    bench.subscribe();
    bench.clock.to(99);
    expect(bench.log).toEqual([0, 1, 2]);
    bench.clock.to(100);
    expect(bench.log).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it('is not paced where something was acked, but never synchronous', () => {
    const bench = new Bench(3);
    bench
      .subscribe((record) => {
        if (record.offset === 0) record.ack();
      })
      .unsubscribe();
    bench.subscribe();
    expect(bench.log).toEqual([0, 1, 2]);
    bench.clock.by(0);
    expect(bench.log).toEqual([0, 1, 2, 1, 2]);
  });

  it('goes on in a later task where nothing is delivered again', () => {
    const bench = new Bench(2);
    bench
      .subscribe((record) => {
        record.ack();
      })
      .unsubscribe();
    bench.cursor.receive(batchOf(2, 1), true);
    bench.subscribe();
    expect(bench.log).toEqual([0, 1]);
    bench.clock.by(0);
    expect(bench.log).toEqual([0, 1, 2]);
  });

  it('is not sped up by wake-ups', () => {
    const bench = new Bench(1);
    bench.subscribe().unsubscribe();
    bench.subscribe();
    bench.cursor.line.wake();
    bench.clock.to(99);
    bench.cursor.line.wake();
    expect(bench.log).toEqual([0]);
  });
});
