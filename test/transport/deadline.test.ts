import { asyncScheduler, map, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';
import { deadline } from '../../src/transport/deadline.ts';
import { outcome } from './support/outcome.ts';

function run(assert: (helpers: Parameters<Parameters<TestScheduler['run']>[0]>[0], scheduler: TestScheduler) => void): void {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run((helpers) => assert(helpers, scheduler));
}

const late = (waited: number): Error => new Error(`waited ${waited}`);
const after = (waited: number) => ({ error: late(waited), message: `waited ${waited}` });

describe('deadline', () => {
  test('what comes in time passes, and leaves no timer', () => {
    run(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const source = cold('  ---a--b--|');
      const expected = '     ---a--b--|';
      const subscribed = '   ^--------!';
      expectObservable(source.pipe(deadline({ first: 4, each: 4 }, scheduler, late))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  test('nothing within the first limit', () => {
    run(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const source = cold('  ------a--|');
      const expected = '     ----#';
      const subscribed = '   ^---!';
      expectObservable(source.pipe(deadline({ first: 4, each: 2 }, scheduler, late))).toBe(expected, undefined, late(4));
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  test('a head and then silence: the second limit counts from the head, though the first was longer', () => {
    run(({ cold, expectObservable }, scheduler) => {
      const source = cold('  -a--b--------c|');
      const expected = '     -a--b----#';
      expectObservable(source.pipe(deadline({ first: 100, each: 5 }, scheduler, late))).toBe(expected, undefined, late(5));
    });
  });

  test('a first limit shorter than the second', () => {
    run(({ cold, expectObservable }, scheduler) => {
      const source = cold('  -a-------b--------------|');
      const expected = '     -a-------b---------#';
      expectObservable(source.pipe(deadline({ first: 3, each: 10 }, scheduler, late))).toBe(expected, undefined, late(10));
    });
  });

  test('without a second limit only the first value has one', () => {
    run(({ cold, expectObservable }, scheduler) => {
      const source = cold('  -a 9s b|');
      const expected = '     -a 9s b|';
      expectObservable(source.pipe(deadline({ first: 2 }, scheduler, late))).toBe(expected);
    });
  });

  test('a limit longer than a timer can be does not fire at once', () => {
    run(({ cold, expectObservable }, scheduler) => {
      const source = cold('  -----a|');
      const expected = '     -----a|';
      expectObservable(source.pipe(deadline({ first: Infinity, each: 2 ** 40 }, scheduler, late))).toBe(expected);
    });
  });

  test('nor on a real clock, where a timer too long fires at once', async () => {
    const slow = timer(20).pipe(map(() => 'in time'));
    expect(await outcome(slow.pipe(deadline({ first: 2 ** 31, each: 2 ** 40 }, asyncScheduler, late)))).toEqual(['in time']);
  });

  test('once nothing is limited any more there is no timer: virtual time would never end', () => {
    run(({ cold, expectObservable }, scheduler) => {
      expectObservable(cold('-a').pipe(deadline({ first: 2 }, scheduler, late))).toBe('-a');
    });
  });

  test('errors and unsubscription pass', () => {
    run(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const failing = cold('  --#');
      expectObservable(failing.pipe(deadline({ first: 4 }, scheduler, late))).toBe('--#');
      const silent = cold('   -----------');
      const unsubscribed = '  ---!';
      expectObservable(silent.pipe(deadline({ first: 4 }, scheduler, late)), unsubscribed).toBe('-----');
      expectSubscriptions(silent.subscriptions).toBe('^--!');
    });
  });

  test('each subscription has a deadline of its own', () => {
    run(({ cold, expectObservable }, scheduler) => {
      const limited = cold('------').pipe(deadline({ first: 3 }, scheduler, late));
      expectObservable(limited).toBe('                 ---#', {}, after(3).error);
      expectObservable(limited, '--^------').toBe('    -----#', {}, after(3).error);
    });
  });
});
