import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KafkaRecord } from '../../src/model/record.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import { batchOf, offsets, tableOf, takeAll, unreadable, working } from './scenario.ts';

function look({ delivery }: Cursor, now: number): void {
  if (delivery.tires(now)) delivery.giveUp();
}

/** So long that it gives up what was not delivered. */
function pauseLong(cursor: Cursor, from = 0): void {
  cursor.delivery.pause();
  look(cursor, from);
  look(cursor, from + 10_000);
  cursor.delivery.resume();
}

describe('a long pause', () => {
  it('is one that is seen at looks ten seconds apart', () => {
    const cursor = working(tableOf().table, 0);
    cursor.receive(batchOf(0, 2), true);
    cursor.delivery.pause();
    look(cursor, 500);
    look(cursor, 10_499);
    expect([cursor.delivery.attended, cursor.fetchOffset]).toEqual([true, 2]);
    look(cursor, 10_500);
    expect([cursor.delivery.attended, cursor.fetchOffset, cursor.position, cursor.held.bytes, cursor.room]).toEqual([false, 0, 0, 0, 0]);
    cursor.delivery.resume();
    expect([cursor.delivery.attended, cursor.room > 0]).toEqual([true, true]);
  });

  it('leaves no slice to a partition that is not fetched, and gives it back', () => {
    const { table } = tableOf({ maxBuffered: 1_000 });
    const [paused] = [working(table, 0), working(table, 0, { partition: 1 })];
    paused.delivery.pause();
    look(paused, 0);
    expect(table.slice()).toBe(500);
    look(paused, 10_000);
    table.attendanceChanged(); // once, after all that have given up
    expect(table.slice()).toBe(1_000);
    paused.delivery.resume();
    expect(table.slice()).toBe(500);
  });

  it('gives the bytes back to all, also of a stream that nobody is subscribed to', () => {
    const { table } = tableOf();
    const cursor = working(table, 0);
    const { left } = table;
    cursor.receive(batchOf(0, 2), true);
    expect(table.left).toBeLessThan(left);
    cursor.delivery.detach();
    pauseLong(cursor);
    expect(table.left).toBe(left);
  });

  it('keeps all up to the last batch of which something was delivered, and what was passed before', () => {
    const cursor = working(tableOf().table, 0);
    cursor.receive(batchOf(0, 1), true);
    cursor.receive(batchOf(1, 1, { isControl: true, isTransactional: true }), false);
    takeAll(cursor);
    pauseLong(cursor);
    expect([cursor.position, cursor.fetchOffset]).toEqual([2, 2]);
    cursor.receive(batchOf(2, 1), true);
    expect(offsets(takeAll(cursor))).toEqual([2]);
  });

  it('keeps a batch whose delivered part is acked behind one that is not: the position alone does not say how far it was read', () => {
    const cursor = working(tableOf().table, 0);
    cursor.receive(batchOf(0, 1), true);
    cursor.receive(batchOf(1, 3), true);
    const [zero, one, two] = [cursor.delivery.take(), cursor.delivery.take(), cursor.delivery.take()];
    one?.ack();
    two?.ack();
    pauseLong(cursor);
    expect([cursor.position, cursor.fetchOffset, cursor.committable]).toEqual([3, 4, 0]);
    zero?.ack();
    pauseLong(cursor, 20_000);
    expect([cursor.position, cursor.fetchOffset, cursor.committable]).toEqual([3, 3, 3]);
  });

  it('keeps what stands before an error, and of a stream that has ended', () => {
    const cursor = working(tableOf().table, 0);
    cursor.receive(batchOf(0, 2), true);
    cursor.apply({ kind: 'fail', error: new Error('bad') });
    pauseLong(cursor);
    expect(offsets(takeAll(cursor))).toEqual([0, 1]);
    expect(cursor.delivery.hold).toBe('failed');
  });

  it('opens nothing: what cannot be read fails when it is its turn', () => {
    const cursor = working(tableOf().table, 0);
    cursor.receive(unreadable(0, 'codec 5'), true);
    pauseLong(cursor);
    expect([cursor.state.kind, cursor.fetchOffset]).toEqual(['fetching', 0]);
  });
});

/** What happens to a partition, apart from what the log brings. */
const happening = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant('receive' as const) }), weight: 3 },
  { arbitrary: fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 6 }) }), weight: 4 },
  { arbitrary: fc.record({ kind: fc.constant('ack' as const), which: fc.nat() }), weight: 6 },
  { arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'long pause' as const, 'long pause' as const) }), weight: 2 },
);

describe('long pauses among all else', () => {
  it('lose nothing, deliver nothing that is acked and nothing twice in a delivery, leave no hole, and commit nothing that is not acked', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ count: fc.integer({ min: 1, max: 5 }), deliverable: fc.boolean() }), { minLength: 1, maxLength: 8 }),
        fc.array(happening, { maxLength: 60 }),
        (batches, happenings) => {
          const life = new Life(batches);
          for (const each of happenings) life.apply(each);
          life.finish();
          expect(life.delivered).toEqual(life.deliverable);
        },
      ),
      { numRuns: 400 },
    );
  });
});

interface Batch {
  readonly first: number;
  readonly count: number;
  readonly deliverable: boolean;
}

/** A partition over a log that answers what it is asked for. */
class Life {
  readonly cursor: Cursor;
  readonly deliverable: number[] = [];
  private readonly log: Batch[] = [];
  private readonly everDelivered = new Set<number>();
  private readonly acked = new Set<number>();
  private readonly open: KafkaRecord[] = [];
  private last = -1;
  private now = 0;

  constructor(batches: readonly Omit<Batch, 'first'>[]) {
    this.cursor = working(tableOf().table, 0);
    let first = 0;
    for (const { count, deliverable } of batches) {
      this.log.push({ first, count, deliverable });
      for (let offset = first; offset < first + count; offset++) if (deliverable) this.deliverable.push(offset);
      first += count;
    }
  }

  get delivered(): number[] {
    return [...this.everDelivered].sort((a, b) => a - b);
  }

  apply(happening: { readonly kind: string; readonly count?: number; readonly which?: number }): void {
    const { cursor } = this;
    switch (happening.kind) {
      case 'receive':
        this.receive();
        break;
      case 'take':
        for (let left = happening.count ?? 0; left > 0; left--) this.take();
        break;
      case 'ack': {
        const [record] = this.open.splice((happening.which ?? 0) % Math.max(1, this.open.length), 1);
        if (record === undefined) return;
        record.ack();
        this.acked.add(record.offset);
        break;
      }
      case 'restart':
        cursor.delivery.detach();
        cursor.delivery.attach();
        this.last = -1;
        break;
      default:
        pauseLong(cursor, (this.now += 20_000));
    }
    const { committable = -1, position = -1, fetchOffset = -1 } = cursor;
    if (committable > position || position > fetchOffset)
      expect.unreachable(`${committable}, ${position}, ${fetchOffset} are out of order`);
    const waiting = [...this.everDelivered].filter((offset) => !this.acked.has(offset));
    if (committable > Math.min(...waiting))
      expect.unreachable(`${committable} would be committed, and of ${waiting.join(' ')} there is no ack`);
  }

  /** All that is left. */
  finish(): void {
    for (const _ of this.log) this.receive();
    while (this.take());
  }

  /** As a broker does: the batch that holds the offset. */
  private receive(): void {
    const from = this.cursor.fetchOffset ?? 0;
    const batch = this.log.find(({ first, count }) => first + count > from);
    if (batch !== undefined) this.cursor.receive(batchOf(batch.first, batch.count), batch.deliverable);
  }

  private take(): boolean {
    const record = this.cursor.delivery.take();
    if (record === undefined) return false;
    const { offset } = record;
    expect(this.acked.has(offset)).toBe(false);
    expect(offset).toBeGreaterThan(this.last);
    // No hole: all before it was delivered at some time.
    expect(this.deliverable.every((each) => each >= offset || this.everDelivered.has(each))).toBe(true);
    this.last = offset;
    this.everDelivered.add(offset);
    this.open.push(record);
    return true;
  }
}
