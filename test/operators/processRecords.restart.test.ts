import { EMPTY, NEVER, Subject, concat, of, tap, throwError, timer, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { processRecords, type Handler } from '../../operators/index.ts';
import type { KafkaRecord } from '../../src/model/record.ts';
import { FakePartition, assigned } from '../support/fakePartition.ts';
import { watch } from '../support/watch.ts';

const marbles = (): TestScheduler => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
const name = (record: KafkaRecord): string => `${record.partition}:${record.offset}`;
const failed = new Error('failed');

function partition(scheduler: TestScheduler, number: number, records: number): FakePartition {
  return new FakePartition({ partition: number, records, patience: { drainTimeout: 20, scheduler } });
}

/** Fails as often as `failures` says for an offset, and notes every call. */
function flaky(failures: Record<number, number>): { readonly handler: Handler<KafkaRecord, string>; readonly calls: string[] } {
  const calls: string[] = [];
  const handler: Handler<KafkaRecord, string> = (record, { attempt }) => {
    calls.push(`${name(record)} attempt ${attempt}`);
    const left = failures[record.offset] ?? 0;
    if (left === 0) return name(record);
    failures[record.offset] = left - 1;
    throw failed;
  };
  return { handler, calls };
}

describe('processRecords: restart', () => {
  it('starts again at the first un-acked record when it emits; the others do not notice', () => {
    const scheduler = marbles();
    scheduler.run(({ hot, cold, expectObservable, flush }) => {
      const [p, q] = [partition(scheduler, 0, 2), partition(scheduler, 1, 3)];
      const { handler, calls } = flaky({ 1: 1 });
      const more = hot('     --m-m-m----').pipe(tap(() => q.push()));
      const delay = cold('   -----x     ');
      const values = { a: '0:0', b: '1:3', c: '1:4', d: '1:5', e: '0:1' };
      more.subscribe();
      const out = assigned(p, q).pipe(
        processRecords((record, context) => (record.partition === 1 && record.offset < 3 ? undefined : handler(record, context)), {
          restart: () => delay,
        }),
      );
      expectObservable(out).toBe('a-b-ced----', { ...values, c: '1:4', e: '0:1' });
      flush();
      expect(calls).toEqual(['0:0 attempt 1', '0:1 attempt 1', '1:3 attempt 1', '1:4 attempt 1', '0:1 attempt 2', '1:5 attempt 1']);
      expect([p.subscriptions, q.subscriptions, p.acks, q.acks]).toEqual([2, 1, [0, 1], [0, 1, 2, 3, 4, 5]]);
    });
  });

  it('counts attempts from 1 since the last ack, and passes error and partition', () => {
    const scheduler = marbles();
    scheduler.run(({ flush }) => {
      const p = partition(scheduler, 0, 3);
      const { handler, calls } = flaky({ 0: 2, 2: 1 });
      const asked: unknown[][] = [];
      const restart = (...all: unknown[]): Observable<unknown> => {
        asked.push(all);
        return timer(10, scheduler);
      };
      const seen = watch(assigned(p).pipe(processRecords(handler, { restart })));
      flush();
      expect(seen.values).toEqual(['0:0', '0:1', '0:2']);
      expect(asked).toEqual([
        [failed, 1, p],
        [failed, 2, p],
        [failed, 1, p],
      ]);
      expect(calls.map((call) => call.slice(2))).toEqual([
        '0 attempt 1',
        '0 attempt 2',
        '0 attempt 3',
        '1 attempt 1',
        '2 attempt 1',
        '2 attempt 2',
      ]);
    });
  });

  it('a handler that acks its record and fails has acked: the next record begins at attempt 1', () => {
    const scheduler = marbles();
    scheduler.run(({ flush }) => {
      const p = partition(scheduler, 0, 3);
      const attempts: string[] = [];
      const handler: Handler<KafkaRecord, never> = (record, { attempt }) => {
        attempts.push(`${record.offset} attempt ${attempt}`);
        record.ack();
        throw failed;
      };
      watch(assigned(p).pipe(processRecords(handler, { restart: () => timer(1, scheduler) })));
      flush();
      expect(attempts).toEqual(['0 attempt 1', '1 attempt 1', '2 attempt 1']);
    });
  });

  it('holds a pause while it waits: the partition is never unattended', () => {
    const scheduler = marbles();
    scheduler.run(({ cold, flush, hot }) => {
      const p = partition(scheduler, 0, 1);
      const { handler } = flaky({ 0: 1 });
      const paused: number[] = [];
      hot('-x-x-').subscribe(() => paused.push(p.pauses));
      watch(assigned(p).pipe(processRecords(handler, { restart: () => cold('--x') })));
      flush();
      expect([paused, p.unattended, p.acks]).toEqual([[1, 0], 0, [0]]);
    });
  });

  it('ends with the original error when it completes without a value, errors or throws', () => {
    const throwing = (): never => {
      throw new Error('restart threw');
    };
    for (const restart of [() => EMPTY, () => throwError(() => new Error('restart errored')), throwing]) {
      const p = new FakePartition({ records: 1 });
      const { handler } = flaky({ 0: 1 });
      const seen = watch(assigned(p).pipe(processRecords(handler, { restart })));
      expect([seen.error(), p.acks, p.pauses]).toEqual([failed, [], 0]);
    }
  });

  it('a restart that gives up waits for the handlers of the others', () => {
    const scheduler = marbles();
    scheduler.run(({ cold, expectObservable, flush }) => {
      const [p, q] = [partition(scheduler, 0, 1), partition(scheduler, 1, 1)];
      const handler = (record: KafkaRecord): Observable<string> =>
        record.partition === 0 ? cold('-#', undefined, failed) : cold('-----a|', { a: '1:0' });
      expectObservable(assigned(p, q).pipe(processRecords(handler, { restart: () => cold('--|') }))).toBe('-----a#', { a: '1:0' }, failed);
      flush();
      expect(q.acks).toEqual([0]);
    });
  });

  it('is not asked once the end is certain: the others only settle', () => {
    const scheduler = marbles();
    scheduler.run(({ cold, expectObservable, flush }) => {
      const [p, q] = [partition(scheduler, 0, 1), partition(scheduler, 1, 1)];
      const asked: string[] = [];
      const handler = (record: KafkaRecord): Observable<string> =>
        record.partition === 0 ? cold('-#', undefined, failed) : cold('-----#', undefined, new Error('second'));
      const restart = (_error: unknown, _attempt: number, { key }: { readonly key: string }): Observable<never> => {
        asked.push(key);
        return EMPTY;
      };
      expectObservable(assigned(p, q).pipe(processRecords(handler, { restart }))).toBe('-----#', undefined, failed);
      flush();
      expect(asked).toEqual(['t-0']);
    });
  });

  it('is not asked for a stream that errors when the consumer is closed', () => {
    const p = new FakePartition({ records: 1 });
    const asked: unknown[] = [];
    const restart = (error: unknown): Observable<never> => {
      asked.push(error);
      return NEVER;
    };
    const seen = watch(assigned(p).pipe(processRecords(name, { restart })));
    p.abort();
    p.fail(failed);
    expect([seen.log, asked]).toEqual([['0:0', 'Error: failed'], []]);
  });

  it('counts with its first value, whatever comes after', () => {
    const scheduler = marbles();
    scheduler.run(({ flush }) => {
      const p = partition(scheduler, 0, 1);
      const { handler } = flaky({ 0: 1 });
      const restart = (): Observable<number> =>
        concat(
          of(1),
          throwError(() => new Error('later')),
        );
      const seen = watch(assigned(p).pipe(processRecords(handler, { restart })));
      flush();
      expect(seen.log).toEqual(['0:0']);
    });
  });

  it('follows a promise', async () => {
    const p = new FakePartition({ records: 1 });
    const { handler } = flaky({ 0: 1 });
    const seen = watch(assigned(p).pipe(processRecords(handler, { restart: () => Promise.resolve() })));
    await expect.poll(() => seen.values).toEqual(['0:0']);
  });

  it('an error of the stream goes through it as well, the good records first', () => {
    const scheduler = marbles();
    scheduler.run(({ flush }) => {
      const p = partition(scheduler, 0, 3);
      p.failAt(1, failed);
      const attempts: number[] = [];
      const restart = (_error: unknown, attempt: number): Observable<unknown> => {
        attempts.push(attempt);
        if (attempt === 3) p.heal();
        return timer(5, scheduler);
      };
      const seen = watch(assigned(p).pipe(processRecords(name, { restart })));
      flush();
      p.failAt(3, failed);
      p.push();
      flush();
      expect([seen.values, attempts, p.unattended]).toEqual([['0:0', '0:1', '0:2', '0:3'], [1, 2, 3, 1, 2, 3], 0]);
    });
  });

  it('never overlaps: a stream that errors while its handler runs starts again after it has settled', () => {
    const scheduler = marbles();
    scheduler.run(({ cold, hot, expectObservable, flush }) => {
      const p = partition(scheduler, 0, 2);
      const values = { a: '0:0', b: '0:1' };
      const fails = hot('--x            ').pipe(tap(() => p.fail(failed)));
      const works = [
        cold('           -----a|        ', values),
        cold('           ---b|          ', values), // begins at 6 + 2
      ];
      const expected = ' -----a-----b---';
      fails.subscribe();
      const out = assigned(p).pipe(processRecords((record) => works[record.offset] ?? NEVER, { restart: () => cold('--x') }));
      expectObservable(out).toBe(expected, values);
      flush();
      expect([p.acks, p.unattended, p.mostOutstanding]).toEqual([[0, 1], 0, 1]);
    });
  });

  it('… or after drainTimeout: then the signal aborts, the handler is unsubscribed, its slot is free', () => {
    const scheduler = marbles();
    scheduler.run(({ hot, flush }) => {
      const p = partition(scheduler, 0, 1);
      const log: string[] = [];
      hot('--x').subscribe(() => p.fail(failed));
      const handler: Handler<KafkaRecord, never> = (_record, { signal, attempt }) => {
        signal.addEventListener('abort', () => log.push(`abort at ${scheduler.now()}`));
        return attempt > 1 ? EMPTY : NEVER.pipe(tap({ unsubscribe: () => log.push(`unsubscribed at ${scheduler.now()}`) }));
      };
      const restart = (): Observable<unknown> => {
        log.push(`restart at ${scheduler.now()}`);
        return timer(3, scheduler);
      };
      watch(assigned(p).pipe(processRecords(handler, { concurrency: 1, restart })));
      flush();
      expect(log).toEqual(['abort at 22', 'restart at 22', 'unsubscribed at 22']);
      expect(p.acks).toEqual([0]);
    });
  });

  const answers: Readonly<Record<string, (out: Subject<never>) => void>> = {
    completes: (out) => out.complete(),
    errors: (out) => out.error(new Error('aborted')),
  };
  for (const [answer, give] of Object.entries(answers)) {
    it(`… a handler that ${answer} when its signal aborts is too late: no ack, one slot, the error of the stream`, () => {
      const scheduler = marbles();
      scheduler.run(({ hot, flush }) => {
        const [p, q] = [partition(scheduler, 0, 1), partition(scheduler, 1, 2)];
        hot('--x').subscribe(() => p.fail(failed));
        const asked: unknown[] = [];
        let most = 0;
        let running = 0;
        const handler: Handler<KafkaRecord, never> = (record, { signal }) => {
          const out = new Subject<never>();
          signal.addEventListener('abort', () => give(out));
          most = Math.max(most, ++running);
          return out.pipe(tap({ finalize: () => running-- }));
        };
        const restart = (error: unknown): Observable<never> => {
          asked.push(error, p.acks.length);
          return NEVER;
        };
        const others = partition(scheduler, 2, 1);
        watch(assigned(p, q, others).pipe(processRecords(handler, { concurrency: 1, restart })));
        flush();
        expect([asked, most, others.acks]).toEqual([[failed, 0], 1, []]);
      });
    });
  }

  it('a record that waits for a slot is left for the next subscription when its stream errors', () => {
    const scheduler = marbles();
    scheduler.run(({ flush }) => {
      const [p, q] = [partition(scheduler, 0, 1), partition(scheduler, 1, 1)];
      const running = new Subject<never>();
      const called: string[] = [];
      const handler = (record: KafkaRecord): Observable<never> => {
        called.push(name(record));
        return record.partition === 0 ? running : EMPTY;
      };
      watch(assigned(p, q).pipe(processRecords(handler, { concurrency: 1, restart: () => timer(1, scheduler) })));
      q.fail(failed);
      flush();
      expect([called, q.pauses, q.subscriptions]).toEqual([['0:0'], 1, 2]);
      running.complete();
      expect([called, q.acks]).toEqual([['0:0', '1:0'], [0]]);
    });
  });

  it('never synchronously, even where it emits at once', () => {
    const scheduler = marbles();
    scheduler.run(({ flush }) => {
      const p = partition(scheduler, 0, 0);
      p.failAt(0, failed);
      const restart = (_error: unknown, attempt: number): Observable<unknown> => (attempt < 100 ? of(attempt) : EMPTY);
      const seen = watch(assigned(p).pipe(processRecords(name, { restart })));
      expect([p.subscriptions, p.pauses]).toEqual([1, 1]);
      flush();
      expect([seen.error(), p.subscriptions]).toEqual([failed, 100]);
    });
  });

  it('a partition that is revoked while it waits completes when it is subscribed late', () => {
    const scheduler = marbles();
    scheduler.run(({ cold, expectObservable, hot }) => {
      const p = partition(scheduler, 0, 1);
      hot('--r').subscribe(() => p.complete());
      const out = assigned(p).pipe(processRecords(() => throwError(() => failed), { restart: () => cold('-----x') }));
      expectObservable(out).toBe('-----|');
    });
  });

  it('unsubscribing while it waits unsubscribes the restart and gives the pause back', () => {
    const p = new FakePartition({ records: 1 });
    const pending = new Subject<never>();
    const seen = watch(assigned(p).pipe(processRecords(() => throwError(() => failed), { restart: () => pending })));
    expect([pending.observed, p.pauses]).toEqual([true, 1]);
    seen.unsubscribe();
    expect([pending.observed, p.pauses]).toEqual([false, 0]);
  });
});
