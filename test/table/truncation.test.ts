import { describe, expect, it } from 'vitest';
import type { AutoOffsetReset } from '../../src/model/startPosition.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import { truncated } from '../../src/table/truncation.ts';
import { batchOf, Clock, offsets, tableOf, takeAll, working } from './scenario.ts';

interface Scene {
  /** How many records of 0–4 (epoch 1), 5–7 and 8–9 (epoch 3) are taken, and how many of these acked. */
  readonly taken?: number;
  readonly acked?: number;
  readonly delivery?: 'at-least-once' | 'at-most-once';
  readonly mark?: number;
}

class Bench {
  readonly clock: Clock = new Clock();
  readonly cursor: Cursor;

  constructor({ taken = 0, acked = taken, delivery = 'at-least-once', mark }: Scene) {
    const { table } = tableOf({ delivery, window: { records: 100, bytes: 10_000 } });
    this.cursor = working(table, 0, mark === undefined ? {} : { mark });
    this.cursor.committed = 10; // at most once: nothing has to be asked for first
    for (const [from, count, leaderEpoch] of [[0, 5, 1], [5, 3, 3], [8, 2, 3]] as const) this.cursor.receive(batchOf(from, count, { leaderEpoch }), true); // prettier-ignore
    for (let i = 0; i < taken; i++) {
      const record = this.cursor.delivery.take();
      if (i < acked) record?.ack();
    }
  }

  /** The log has that epoch up to there. */
  cut(epoch: number, endOffset: number, autoOffsetReset: AutoOffsetReset = 'earliest'): this {
    truncated(
      this.cursor,
      { epoch, endOffset },
      { topic: 't', partition: 0, offset: this.cursor.fetchOffset },
      { context: this.clock.context, autoOffsetReset },
    );
    return this;
  }

  /** Position, what is fetched next and with which epoch before it, what may be committed, and what was told. */
  get stand(): readonly unknown[] {
    const { position, fetchOffset = -1, lineage, committable, positionEpoch } = this.cursor;
    const told = this.clock.toldOf('positioned').map(({ from, to, reason }) => `${String(from)} to ${String(to)}: ${reason}`);
    return [position, fetchOffset, lineage.before(fetchOffset), committable, positionEpoch, told];
  }
}

describe('a log that was cut', () => {
  it.each(['earliest', 'latest', 'none'] as const)(
    'behind all that was delivered: the rest of the buffer is dropped, and nothing is lost nor repeated (%s)',
    (policy) => {
      const bench = new Bench({ taken: 5 }).cut(1, 5, policy);
      expect(bench.stand).toEqual([5, 5, 1, 5, 0, ['5 to 5: truncated']]);
      bench.cursor.receive(batchOf(5, 2, { leaderEpoch: 4 }), true);
      expect([offsets(takeAll(bench.cursor)), bench.cursor.lineage.before(7)]).toEqual([[5, 6], 4]);
    },
  );

  it.each(['earliest', 'latest', 'none'] as const)('behind a batch of which something was delivered: that one stays (%s)', (policy) => {
    const bench = new Bench({ taken: 6, acked: 5 }).cut(3, 8, policy);
    expect(bench.stand).toEqual([6, 8, 3, 5, 0, ['6 to 6: truncated']]);
    expect(offsets(takeAll(bench.cursor))).toEqual([6, 7]);
  });

  it('below what was delivered, earliest: goes on with what was not read of this log', () => {
    const bench = new Bench({ taken: 7 }).cut(1, 5);
    expect(bench.stand).toEqual([5, 5, 1, 5, 1, ['7 to 5: truncated']]);
    expect(bench.cursor.committed).toBe(10); // and 5 is committed next: another position epoch
    expect(bench.cursor.dirty).toBe(true);
  });

  it('below what was delivered, earliest: with what is not acked where that is lower, at most once not', () => {
    expect(new Bench({ taken: 7, acked: 2 }).cut(1, 5).stand).toEqual([2, 2, 1, 2, 1, ['7 to 2: truncated']]);
    expect(new Bench({ taken: 7, acked: 2, delivery: 'at-most-once' }).cut(1, 5).stand.slice(0, 3)).toEqual([5, 5, 1]);
  });

  it('at most once: what is committed already, not delivered yet and not there any more is taken back', () => {
    const bench = new Bench({ taken: 5, delivery: 'at-most-once' });
    bench.cursor.stretch = 8; // asked for before 5–7 are delivered
    expect(bench.cursor.committable).toBe(8);
    expect(bench.cut(1, 5).stand).toEqual([5, 5, 1, 5, 1, ['5 to 5: truncated']]);
    expect(bench.cursor.dirty).toBe(true);
  });

  it('says the epoch before what is not acked, to ask the same log again', () => {
    const bench = new Bench({ taken: 10, acked: 6 }).cut(3, 8);
    expect(bench.stand).toEqual([6, 6, 3, 6, 1, ['10 to 6: truncated']]);
  });

  it('below what was delivered, latest: goes on at the end', () => {
    const { cursor } = new Bench({ taken: 7, acked: 5 }).cut(1, 5, 'latest');
    expect(cursor.state).toEqual({ kind: 'locating', target: { kind: 'place', at: 'latest' }, reason: 'truncated' });
    expect([cursor.position, cursor.lastPosition, cursor.held.bytes, cursor.positionEpoch]).toEqual([undefined, 7, 0, 1]);
  });

  it('below what was delivered, latest: not past what is in the log still, and not acked', () => {
    expect(new Bench({ taken: 7, acked: 2 }).cut(1, 5, 'latest').stand.slice(0, 2)).toEqual([2, 2]);
  });

  it('below what was delivered, none: the stream errs with the facts and the way out, and keeps its position and what is not acked', () => {
    const { cursor } = new Bench({ taken: 8, acked: 2 }).cut(1, 5, 'none');
    expect(cursor.state).toMatchObject({
      kind: 'failed',
      error: { code: 'LOG_TRUNCATED', retriable: false, topic: 't', partition: 0, offset: 10 },
    });
    expect(cursor.state).toMatchObject({ error: { advice: expect.stringContaining('seek({ offset: 2 })') as string } });
    expect([cursor.position, cursor.committable, takeAll(cursor)]).toEqual([8, 2, []]);
  });

  it('at its very beginning', () => {
    expect(new Bench({ taken: 7 }).cut(0, 0).stand).toEqual([0, 0, -1, 0, 1, ['7 to 0: truncated']]);
  });

  it('parts where an epoch begins that it does not have, though it goes on in an older one', () => {
    expect(new Bench({ taken: 7 }).cut(2, 9).stand).toEqual([5, 5, 1, 5, 1, ['7 to 5: truncated']]);
  });

  it('does not reach the mark any more: the stream ends where the cut is', () => {
    const bench = new Bench({ taken: 5, mark: 9 }).cut(1, 5);
    expect([bench.cursor.mark, bench.cursor.atMark]).toEqual([5, true]);
    const below = new Bench({ taken: 4, mark: 9 }).cut(3, 8);
    expect([below.cursor.mark, below.cursor.atMark]).toEqual([8, false]);
    const beyond = new Bench({ taken: 4, mark: 6 }).cut(3, 8);
    expect(beyond.cursor.mark).toBe(6);
  });
});
