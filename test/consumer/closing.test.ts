import { defer, NEVER, of, ReplaySubject, throwError, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { afterClosing, startClosing } from '../../src/consumer/closing.ts';
import { watch, type Watched } from '../support/watch.ts';
import { Clock } from '../table/scenario.ts';

class Bench {
  readonly clock: Clock = new Clock();
  readonly source: object = {};

  close(settled: Observable<unknown>, { moved = true, key = 'g' }: { moved?: boolean; key?: string } = {}): void {
    startClosing(this.source, key, settled, moved, this.clock.now);
  }

  next(key = 'g', source = this.source): Watched<never> {
    const { backoff, scheduler, random } = this.clock.context;
    return watch(afterClosing(source, key, backoff, scheduler, random));
  }

  /** How long the next one waits. */
  wait(): number {
    const began = this.clock.now;
    const { log } = this.next();
    while (log.length === 0) this.clock.by(1);
    return this.clock.now - began;
  }
}

describe('the consumer after a consumer', () => {
  it('begins at once where there was none', () => {
    expect(new Bench().next().log).toEqual(['|']);
  });

  it('waits until the one before has settled, which needs nobody who waits', () => {
    const bench = new Bench();
    const settled = new ReplaySubject<undefined>(1);
    let subscribers = 0;
    bench.close(defer(() => (subscribers++, settled)));
    expect(subscribers).toBe(1);
    const { log } = bench.next();
    expect(log).toEqual([]);
    settled.next(undefined);
    settled.complete();
    expect([log, bench.next().log]).toEqual([['|'], ['|']]);
  });

  it('of another source or group does not wait', () => {
    const bench = new Bench();
    bench.close(NEVER);
    expect([bench.next('other').log, bench.next('g', {}).log, bench.next('g').log]).toEqual([['|'], ['|'], []]);
  });

  it('is not kept waiting by an end that went wrong', () => {
    const bench = new Bench();
    bench.close(throwError(() => new Error('defect')));
    expect(bench.next().log).toEqual(['|']);
  });

  it('is paced where nothing moved, twice as long each time, and not any more once something did', () => {
    const bench = new Bench();
    const waits = [false, false, false, true, false].map((moved) => {
      bench.close(of(undefined), { moved });
      return bench.wait();
    });
    expect(waits).toEqual([100, 200, 400, 0, 100]);
  });

  it('is paced from the end of the last: who comes late has waited already', () => {
    const bench = new Bench();
    bench.close(of(undefined), { moved: false });
    bench.clock.by(99);
    expect(bench.wait()).toBe(1);
    bench.clock.by(5_000);
    expect(bench.next().log).toEqual(['|']);
  });

  it('that is not wanted any more leaves no timer behind', () => {
    const bench = new Bench();
    bench.close(of(undefined), { moved: false });
    bench.next().unsubscribe();
    expect(bench.clock.idle).toBe(true);
  });
});
