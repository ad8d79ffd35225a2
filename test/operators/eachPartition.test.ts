import { EMPTY, NEVER, Subject, map, of, take, throwError, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { eachPartition } from '../../operators/index.ts';
import type { PartitionStream } from '../../src/model/partitionStream.ts';
import { FakePartition, assigned } from '../support/fakePartition.ts';

const p = new FakePartition({ partition: 0 });
const q = new FakePartition({ partition: 1 });

describe('eachPartition', () => {
  it('subscribes every partition at once, however long the others last', () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run(({ cold, hot, expectObservable }) => {
      const partitions = hot<PartitionStream>('  --p-q-|        ', { p, q });
      const ofP = cold('          a----b----c|');
      const ofQ = cold('            --x---y|   ');
      const expected = '        --a---xb--y-c| ';
      expectObservable(partitions.pipe(eachPartition((one) => (one === p ? ofP : ofQ)))).toBe(expected);
    });
  });

  it('never, empty, single, error', () => {
    const seen: string[] = [];
    const watch = (source: Observable<PartitionStream>): void => {
      source.pipe(eachPartition((one) => of(one.key))).subscribe({
        next: (key) => seen.push(key),
        error: (error: unknown) => seen.push(String(error)),
        complete: () => seen.push('|'),
      });
    };
    watch(NEVER);
    watch(EMPTY);
    watch(assigned(p));
    watch(throwError(() => new Error('gone')));
    expect(seen).toEqual(['|', 't-0', '|', 'Error: gone']);
  });

  it('ends with what a projection throws or errors with', () => {
    const errors: unknown[] = [];
    const failing = (): never => {
      throw new Error('thrown');
    };
    assigned(p)
      .pipe(eachPartition(failing))
      .subscribe({ error: (error: unknown) => errors.push(error) });
    assigned(p)
      .pipe(eachPartition(() => throwError(() => new Error('errored'))))
      .subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors.map(String)).toEqual(['Error: thrown', 'Error: errored']);
  });

  it('unsubscribes everything', () => {
    const partitions = new Subject<PartitionStream>();
    const inner = new Subject<string>();
    const subscription = partitions.pipe(eachPartition(() => inner)).subscribe();
    partitions.next(p);
    partitions.next(q);
    subscription.unsubscribe();
    expect([partitions.observed, inner.observed]).toEqual([false, false]);
  });

  it('passes the partition only: a projection with a second parameter gets nothing there', () => {
    const given: unknown[][] = [];
    const project = (...all: unknown[]): Observable<never> => {
      given.push(all);
      return EMPTY;
    };
    assigned(p)
      .pipe(
        eachPartition(project),
        map((value) => value),
        take(1),
      )
      .subscribe();
    expect(given).toEqual([[p]]);
  });
});
