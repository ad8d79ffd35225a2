import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { due, SLOW_CLOCK, whenDue } from '../../src/table/due.ts';
import { setBack } from '../../src/table/setBack.ts';
import { createWake } from '../../src/table/wake.ts';
import { Clock, tableOf, working } from './scenario.ts';

const someRoutes = fc.array(fc.record({ busy: fc.boolean(), notBefore: fc.integer({ min: 0, max: 3_000 }) }), { maxLength: 6 });

describe('what is due', () => {
  it('is what is not asked for and not backing off; there is nothing to wait for exactly when there is something', () => {
    fc.assert(
      fc.property(someRoutes, fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 3_000 }), (routes, now, rowNotBefore) => {
        const { table } = tableOf();
        const cursors = routes.map(({ busy, notBefore }, partition) => {
          const cursor = working(table, 0, { partition });
          if (busy) cursor.route.round = {};
          cursor.route.notBefore = notBefore;
          return cursor;
        });
        const { cursors: found, wait } = due(cursors, now, rowNotBefore);
        const wanted = rowNotBefore > now ? [] : cursors.filter(({ route }) => route.round === undefined && route.notBefore <= now);
        expect(found).toEqual(wanted);
        expect(wait === 0).toBe(found.length > 0);
        // At the end of the wait something can have become due, and nothing before it.
        const waiting = cursors
          .filter(({ route }) => route.round === undefined)
          .map(({ route }) => Math.max(route.notBefore, rowNotBefore) - now);
        if (wanted.length === 0 && rowNotBefore <= now) expect(wait).toBe(Math.min(SLOW_CLOCK, ...waiting));
        if (rowNotBefore > now) expect(wait).toBe(rowNotBefore - now);
      }),
      { numRuns: 200 },
    );
  });

  function waiting(wait: () => number) {
    const clock = new Clock();
    const line = createWake();
    const log: string[] = [];
    const subscription = whenDue(line, wait, clock.scheduler).subscribe({
      next: () => log.push(`due at ${String(clock.now)}`),
      complete: () => log.push('|'),
    });
    return { clock, line, log, subscription };
  }

  it('is told once: at once where there is no wait', () => {
    const { clock, log } = waiting(() => 0);
    expect([log, clock.idle]).toEqual([['due at 0', '|'], true]);
  });

  it('is told after the wait, and no timer is left', () => {
    const { clock, log } = waiting(() => 300);
    clock.to(299);
    expect(log).toEqual([]);
    clock.to(2_000);
    expect([log, clock.idle]).toEqual([['due at 300', '|'], true]);
  });

  it('is looked at anew whenever the line wakes: the wait is the last one', () => {
    let wait = 900;
    const { clock, line, log } = waiting(() => wait);
    clock.to(100);
    wait = 500;
    line.wake();
    clock.to(200);
    wait = 50;
    line.wake();
    clock.to(2_000);
    expect(log).toEqual(['due at 250', '|']);
  });

  it('is told within the wake where there is no wait any more', () => {
    let wait = 900;
    const { clock, line, log } = waiting(() => wait);
    clock.to(100);
    wait = 0;
    line.wake();
    expect(log).toEqual(['due at 100', '|']);
  });

  it.each([5_000, Infinity, 2 ** 40])('is looked at by the slow clock, also with a wait of %d: a lost wake costs no more', (wait) => {
    const { clock, log } = waiting(() => wait);
    clock.to(10_000);
    expect(log).toEqual([`due at ${String(SLOW_CLOCK)}`, '|']);
  });

  it('is nobody’s business after the unsubscription', () => {
    const { clock, subscription } = waiting(() => 300);
    subscription.unsubscribe();
    expect(clock.idle).toBe(true);
  });
});

it('a partition that is set back is free, and waits twice as long with each failure in a row', () => {
  const clock = new Clock().to(1_000);
  const cursor = working(tableOf().table, 0, { partition: 3 });
  const error = new Error('no');
  const waits = [1, 2, 3].map(() => {
    cursor.route.round = {};
    setBack(cursor, 'Fetch', error, clock.context);
    expect(cursor.route.round).toBeUndefined();
    return cursor.route.notBefore - clock.now;
  });
  expect(waits).toEqual([100, 200, 400]);
  expect(clock.told.at(-1)).toEqual({ kind: 'retryScheduled', api: 'Fetch', topic: 't', partition: 3, attempt: 3, delay: 400, error });
  cursor.route.succeeded(0);
  setBack(cursor, 'Fetch', 'not an error', clock.context);
  expect(clock.told.at(-1)).toMatchObject({ attempt: 1, delay: 100, error: new Error('not an error') });
});

it('acks are seen once a round: the time is that of the look, and nothing new is no news', () => {
  const { route } = working(tableOf().table, 0);
  expect(route.ackedAt).toBe(-Infinity);
  route.seeAcks(0, 50);
  expect(route.ackedAt).toBe(-Infinity);
  route.seeAcks(3, 100);
  route.seeAcks(3, 200);
  expect(route.ackedAt).toBe(100);
});
