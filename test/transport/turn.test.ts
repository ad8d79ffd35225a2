import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { Turn } from '../../src/transport/turn.ts';

/** Works for that long, by the clock's own account. */
function work(turn: Turn, ms: number, inside: () => void = () => undefined): number {
  turn.begin(0);
  inside();
  return turn.end(ms);
}

describe('the turn of the event loop', () => {
  test('is one for all on the same scheduler', () => {
    const scheduler = new VirtualTimeScheduler();
    expect(Turn.of(scheduler)).toBe(Turn.of(scheduler));
    expect(Turn.of(scheduler)).not.toBe(Turn.of(new VirtualTimeScheduler()));
  });

  test('has 8 ms, counts what is inside of other work once, and sets no timer while nobody waits', () => {
    const scheduler = new VirtualTimeScheduler();
    const turn = Turn.of(scheduler);
    expect(work(turn, 3, () => work(turn, 2))).toBe(5);
    expect(work(turn, 6)).toBe(-1);
    expect(turn.begin(100)).toBe(-1);
    expect(scheduler.actions).toHaveLength(0);
  });

  test('is a new one for who waits', () => {
    const scheduler = new VirtualTimeScheduler();
    const turn = Turn.of(scheduler);
    const left: number[] = [];
    work(turn, 20);
    turn.next(() => {
      left.push(turn.begin(0));
      turn.end(0);
    });
    expect(left).toEqual([]);
    scheduler.flush();
    expect(left).toEqual([8]);
  });

  test('goes round: who had nothing of it is the first in the next', () => {
    const scheduler = new VirtualTimeScheduler();
    const turn = Turn.of(scheduler);
    const log: string[] = [];
    let turns = 0;
    const schedule = scheduler.schedule.bind(scheduler);
    scheduler.schedule = (...args) => {
      turns++;
      return schedule(...args);
    };
    const busy = (name: string, times: number): void => {
      turn.next(() => {
        log.push(name);
        work(turn, 9);
        if (times > 1) busy(name, times - 1);
      });
    };
    for (const name of ['a', 'b', 'c']) busy(name, 3);
    scheduler.flush();
    expect(log.join('')).toBe('abcabcabc');
    // Each used one up.
    expect(turns).toBe(9);
  });

  test('forgets who is unsubscribed, and leaves no timer for nobody', () => {
    const scheduler = new VirtualTimeScheduler();
    const turn = Turn.of(scheduler);
    const log: string[] = [];
    const one = turn.next(() => log.push('one'));
    turn.next(() => log.push('two')).unsubscribe();
    one.unsubscribe();
    one.unsubscribe();
    expect(scheduler.actions.filter((action) => !action.closed)).toHaveLength(0);
    turn.next(() => log.push('three'));
    scheduler.flush();
    expect(log).toEqual(['three']);
  });
});
