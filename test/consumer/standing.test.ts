import { describe, expect, it } from 'vitest';
import { standing, type Standing, type Surroundings } from '../../src/consumer/standing.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import { batchOf, ledByZero, tableOf, takeAll, working } from '../table/scenario.ts';

const calm: Surroundings = { suspended: false, failures: 0, overdue: false };

/** A partition led by a broker, subscribed, with so many records delivered. */
function cursorWith(records = 0, limits: Parameters<typeof tableOf>[0] = {}, mark?: number): Cursor {
  const { table } = tableOf(limits);
  const cursor = working(table, 0, mark === undefined ? {} : { mark });
  ledByZero(table);
  if (records > 0) cursor.receive(batchOf(0, records), true);
  takeAll(cursor);
  return cursor;
}

/** The partition after something was done to it. */
function after(change: (cursor: Cursor) => void, cursor: Cursor = cursorWith()): Cursor {
  change(cursor);
  return cursor;
}

const window = { records: 2, bytes: Infinity };
const failed = (cursor: Cursor): void => cursor.apply({ kind: 'fail', error: new Error('no') });

describe('how a partition stands', () => {
  const cases: readonly (readonly [Standing, string, () => Cursor, Partial<Surroundings>?])[] = [
    ['working', 'with nothing to do', () => cursorWith()],
    ['working', 'with records that are worked on', () => cursorWith(2)],
    ['window', 'with a full window', () => cursorWith(3, { window })],
    ['window', 'with a full slice', () => cursorWith(3, { maxBuffered: 10 })],
    ['ended', 'revoked', () => after((cursor) => cursor.apply({ kind: 'complete', why: 'revoked' }), cursorWith(2))],
    ['ended', 'at its mark, with all acked', () => cursorWith(0, {}, 0)],
    ['unacked', 'at its mark, with records that are not acked', () => cursorWith(3, {}, 2)],
    ['failed', 'failed', () => after(failed)],
    ['paused', 'paused', () => after(({ delivery }) => void (delivery.pauses = 1))],
    ['unattended', 'without a subscriber', () => after((cursor) => cursor.delivery.detach())],
    ['session-expired', 'suspended', () => cursorWith(3, { window }), { suspended: true }],
    ['no-leader', 'without a leader', () => after(({ route }) => void (route.leader = -1)), { failures: 1 }],
    ['broker-away', 'whose leader fails', () => cursorWith(), { failures: 1 }],
    ['broker-away', 'whose leader does not answer', () => cursorWith(), { overdue: true }],
    ['refused', 'that its leader refuses', () => after(({ route }) => route.failed(5))],
    ['start-from', 'that startFrom is asked for', () => after((cursor) => cursor.relocate({ kind: 'asked' }, 'start'))],
    [
      'coordinator-away',
      'that the group is asked for',
      () => after((cursor) => cursor.relocate({ kind: 'committed', otherwise: { kind: 'asked' } }, 'seek')),
    ],
  ];
  for (const [expected, which, cursor, surroundings] of cases) {
    it(`is ${expected}: one ${which}`, () => {
      expect(standing(cursor(), { ...calm, ...surroundings })).toBe(expected);
    });
  }

  it('is not window once there is room again', () => {
    const { table } = tableOf({ window });
    const cursor = working(table, 0);
    ledByZero(table);
    cursor.receive(batchOf(0, 3), true);
    const records = takeAll(cursor);
    records.forEach((record) => record.ack());
    takeAll(cursor);
    expect(standing(cursor, calm)).toBe('working');
  });
});

describe('a record that is overtaken by the acks of later ones', () => {
  const acking = (...acked: readonly number[]): boolean => {
    const { table } = tableOf();
    const cursor = working(table, 0);
    cursor.receive(batchOf(0, 3), true);
    cursor.receive(batchOf(3, 3), true);
    const records = takeAll(cursor);
    for (const offset of acked) records[offset]?.ack();
    return cursor.held.overtaken;
  };

  it('is one in the same batch, or in an earlier one, whether that is wholly acked or not', () => {
    expect(acking(1)).toBe(true);
    expect(acking(0, 2)).toBe(true);
    expect(acking(3)).toBe(true);
    expect(acking(3, 4, 5)).toBe(true);
    expect(acking(0, 1, 2, 5)).toBe(true);
  });

  it('is not one behind which nothing is acked', () => {
    expect(acking()).toBe(false);
    expect(acking(0)).toBe(false);
    expect(acking(0, 1, 2)).toBe(false);
    expect(acking(0, 1, 2, 3)).toBe(false);
    expect(acking(0, 1, 2, 3, 4, 5)).toBe(false);
  });
});
