import { EMPTY, NEVER, Subject, map, of, range, take, tap, throwError, toArray, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { ackEach } from '../../operators/index.ts';

interface Ackable {
  readonly id: string;
  ack(): void;
}

function items(...ids: string[]): { readonly log: string[]; readonly all: readonly Ackable[] } {
  const log: string[] = [];
  return { log, all: ids.map((id) => ({ id, ack: () => log.push(`ack ${id}`) })) };
}

describe('ackEach', () => {
  it('passes each item on, then acks it', () => {
    const { log, all } = items('a', 'b');
    of(...all)
      .pipe(ackEach())
      .subscribe({ next: ({ id }) => log.push(`next ${id}`), complete: () => log.push('complete') });
    expect(log).toEqual(['next a', 'ack a', 'next b', 'ack b', 'complete']);
  });

  it('keeps the timing of its source: never, empty, single, multiple, error, early unsubscription', () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const { all } = items('a', 'b');
      const [a, b] = all as [Ackable, Ackable];
      for (const marbles of ['-', '|', '(a|)', '--a--b--|', '--a--#']) {
        expectObservable(cold(marbles, { a, b }).pipe(ackEach())).toBe(marbles, { a, b });
      }
      const source = cold('     --a--b--|', { a, b });
      const unsubscription = '  ---!     ';
      expectObservable(source.pipe(ackEach()), unsubscription).toBe('--a-', { a, b });
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  it('does nothing for a source without items', () => {
    for (const source of [EMPTY, NEVER, throwError(() => new Error('x'))]) {
      const subscription = source.pipe(ackEach()).subscribe({ error: () => undefined });
      subscription.unsubscribe();
    }
  });

  it('acks the item that ends the subscription, and no later one', () => {
    const { log, all } = items('a', 'b', 'c');
    of(...all)
      .pipe(ackEach(), take(2))
      .subscribe();
    expect(log).toEqual(['ack a', 'ack b']);
  });

  it('ends a source that emits inside of subscribe', () => {
    let made = 0;
    range(0, 1_000)
      .pipe(
        tap(() => made++),
        map((id) => ({ id, ack: () => undefined })),
        ackEach(),
        take(3),
      )
      .subscribe();
    expect(made).toBe(3);
  });

  it('acks an item that a callback below it fails on: what stands above was done', () => {
    const { log, all } = items('a', 'b');
    const failing = (): never => {
      throw new Error('below');
    };
    of(...all)
      .pipe(ackEach(), map(failing))
      .subscribe({ error: (error: unknown) => log.push(String(error)) });
    expect(log).toEqual(['Error: below', 'ack a']);
  });

  it('acks nothing after unsubscription', () => {
    const { log, all } = items('a', 'b');
    const source = new Subject<Ackable>();
    const subscription = source.pipe(ackEach(), toArray()).subscribe();
    const [a, b] = all as [Ackable, Ackable];
    source.next(a);
    subscription.unsubscribe();
    source.next(b);
    expect(log).toEqual(['ack a']);
    expect(source.observed).toBe(false);
  });

  it('errs on what has no ack, through `error`: a throw in next would end the process', () => {
    const errors: unknown[] = [];
    const source = of(['a', 'b']) as unknown as Observable<Ackable>;
    source.pipe(ackEach()).subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([expect.objectContaining({ code: 'INVALID_OPTIONS' })]);
  });
});
