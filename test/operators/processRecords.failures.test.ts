import { NEVER, Subject, defer, retry, tap, throwError, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { processRecords, type Handler } from '../../operators/index.ts';
import type { PartitionStream } from '../../src/model/partitionStream.ts';
import type { KafkaRecord } from '../../src/model/record.ts';
import { FakePartition, assigned } from '../support/fakePartition.ts';
import { watch } from '../support/watch.ts';

const marbles = (): TestScheduler => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
const name = (record: KafkaRecord): string => `${record.partition}:${record.offset}`;
const failed = new Error('failed');

/** Two partitions of a consumer with that drainTimeout on that clock. */
function two(scheduler: TestScheduler, drainTimeout = 20): readonly [FakePartition, FakePartition] {
  const patience = { drainTimeout, scheduler };
  return [new FakePartition({ partition: 0, records: 2, patience }), new FakePartition({ partition: 1, records: 2, patience })];
}

describe('processRecords: a failure ends the consumer', () => {
  const ways: Readonly<Record<string, Handler<KafkaRecord, string>>> = {
    'a handler that throws': (): never => {
      throw failed;
    },
    'an Observable that errors': () => throwError(() => failed),
    'a promise that rejects': () => Promise.reject(failed),
  };
  for (const [way, fail] of Object.entries(ways)) {
    it(`${way}: the original error, no ack, nothing further`, async () => {
      const p = new FakePartition({ records: 3 });
      const called: number[] = [];
      const handler: Handler<KafkaRecord, string> = (record, context) => {
        called.push(record.offset);
        return record.offset === 1 ? fail(record, context) : name(record);
      };
      const seen = watch(assigned(p).pipe(processRecords(handler)));
      await seen.ended;
      expect(seen.log).toEqual(['0:0', 'Error: failed']);
      expect(seen.error()).toBe(failed);
      expect([called, p.acks, p.pauses, p.subscribed]).toEqual([[0, 1], [0], 0, false]);
    });
  }

  it('an error of a stream, and one of the source', () => {
    const p = new FakePartition({ records: 2 });
    p.failAt(1, failed);
    expect(watch(assigned(p).pipe(processRecords(name))).log).toEqual(['0:0', 'Error: failed']);
    expect(watch(throwError(() => failed).pipe(processRecords(name))).log).toEqual(['Error: failed']);
  });

  it('handlers that run are settled before the error is let out, and nothing is started meanwhile', () => {
    const scheduler = marbles();
    scheduler.run(({ cold, hot, expectObservable, flush }) => {
      const [p, q] = two(scheduler);
      const partitions = hot<PartitionStream>('(pq)-----r  ', { p, q, r: new FakePartition({ partition: 2, records: 1 }) });
      const ofP = cold('      ---#        ', undefined, failed);
      const ofQ = cold('      -----a---b| ', { a: '1:0 a', b: '1:0 b' });
      const expected = '      -----a---b# ';
      const handler = (record: KafkaRecord): Observable<string> => (record.partition === 0 ? ofP : ofQ);
      expectObservable(partitions.pipe(processRecords(handler))).toBe(expected, { a: '1:0 a', b: '1:0 b' }, failed);
      flush();
      expect([p.acks, q.acks, p.unattended, q.unattended]).toEqual([[], [0], 1, 1]);
      expect([p.pauses, q.pauses]).toEqual([0, 0]);
    });
  });

  it('a record that waits for the slot of the one that failed is not begun', () => {
    const p = new FakePartition({ partition: 0, records: 1 });
    const q = new FakePartition({ partition: 1, records: 1 });
    const running = new Subject<never>();
    const called: string[] = [];
    const handler = (record: KafkaRecord): Observable<never> => {
      called.push(name(record));
      return running;
    };
    const seen = watch(assigned(p, q).pipe(processRecords(handler, { concurrency: 1 })));
    running.error(failed);
    expect([called, seen.log]).toEqual([['0:0'], ['Error: failed']]);
  });

  it('at most drainTimeout: then their signal aborts, and the error is let out', () => {
    const scheduler = marbles();
    scheduler.run(({ cold, expectObservable, flush }) => {
      const [p, q] = two(scheduler);
      const log: string[] = [];
      const handler: Handler<KafkaRecord, string> = (record, { signal }) => {
        if (record.partition === 0) return cold('---#', undefined, failed);
        signal.addEventListener('abort', () => log.push(`aborted at ${scheduler.now()}`), { once: true });
        return NEVER;
      };
      const out = assigned(p, q).pipe(processRecords(handler), tap({ error: () => log.push(`error at ${scheduler.now()}`) }));
      expectObservable(out).toBe('--- 20ms #', undefined, failed);
      flush();
      expect(log).toEqual(['aborted at 23', 'error at 23']);
    });
  });

  it('the first error counts, and so does its deadline', () => {
    const scheduler = marbles();
    scheduler.run(({ cold, hot, expectObservable }) => {
      const [p, q] = two(scheduler);
      const handler = (record: KafkaRecord): Observable<string> =>
        record.partition === 1 ? NEVER : cold('-----#', undefined, new Error('second'));
      hot('---x').subscribe(() => p.fail(failed));
      expectObservable(assigned(p, q).pipe(processRecords(handler))).toBe('--- 20ms #', undefined, failed);
    });
  });

  it('an error of the source waits as well', () => {
    const scheduler = marbles();
    scheduler.run(({ cold, hot, expectObservable, flush }) => {
      const [p] = two(scheduler);
      const partitions = hot<PartitionStream>('p-#     ', { p }, failed);
      const work = cold('     -----a| ', { a: '0:0' });
      const expected = '      -----a# ';
      expectObservable(partitions.pipe(processRecords(() => work))).toBe(expected, { a: '0:0' }, failed);
      flush();
      expect(p.acks).toEqual([0]);
    });
  });

  it('a stream that errors while its own handler runs: value, ack, then the error', () => {
    const scheduler = marbles();
    scheduler.run(({ cold, hot, expectObservable, flush }) => {
      const [p] = two(scheduler);
      const fails = hot('--x     ').pipe(tap(() => p.fail(failed)));
      const work = cold('-----a| ', { a: '0:0' });
      const expected = ' -----a# ';
      fails.subscribe();
      expectObservable(assigned(p).pipe(processRecords(() => work))).toBe(expected, { a: '0:0' }, failed);
      flush();
      expect(p.acks).toEqual([0]);
    });
  });

  it('a retry below does not overlap with what it replaces', () => {
    const scheduler = marbles();
    scheduler.run(({ cold, expectObservable, flush }) => {
      let running = 0;
      let most = 0;
      const handler = (record: KafkaRecord): Observable<string> => {
        if (record.partition === 0) return cold('-#', undefined, failed);
        return defer(() => {
          most = Math.max(most, ++running);
          return cold('------|').pipe(tap({ complete: () => running-- }));
        });
      };
      const consumer = defer(() => assigned(...two(scheduler))).pipe(processRecords(handler), retry(1));
      expectObservable(consumer).toBe('------------#', undefined, failed);
      flush();
      expect([most, running]).toEqual([1, 0]);
    });
  });
});

describe('processRecords: a partition that is lost', () => {
  it('aborts the signal with its reason; what the handler then fails with is dropped', () => {
    const p = new FakePartition({ partition: 0, records: 2 });
    const q = new FakePartition({ partition: 1, records: 1 });
    const partitions = new Subject<PartitionStream>();
    const running = new Subject<string>();
    const reasons: unknown[] = [];
    const handler: Handler<KafkaRecord, string> = (record, { signal }) => {
      if (record.partition === 1) return name(record);
      signal.addEventListener('abort', () => {
        reasons.push(signal.reason);
        running.error(signal.reason);
      });
      return running;
    };
    const seen = watch(partitions.pipe(processRecords(handler)));
    partitions.next(p);
    p.lose(failed);
    partitions.next(q);
    partitions.complete();
    q.complete();
    expect(reasons).toEqual([failed]);
    expect(seen.log).toEqual(['1:0', '|']);
    expect([p.acks, p.pauses, p.position]).toEqual([[], 0, 1]);
  });

  it('a record that waits for a slot is not begun', () => {
    const p = new FakePartition({ partition: 0, records: 1 });
    const q = new FakePartition({ partition: 1, records: 1 });
    const running = new Subject<never>();
    const called: string[] = [];
    const handler = (record: KafkaRecord): Observable<never> => {
      called.push(name(record));
      return running;
    };
    const seen = watch(assigned(p, q).pipe(processRecords(handler, { concurrency: 1 })));
    q.lose();
    running.complete();
    p.complete();
    expect([called, q.acks, q.pauses]).toEqual([['0:0'], [], 0]);
    expect(seen.log).toEqual(['|']);
  });

  it('… and gives the slot on when it is its turn', () => {
    const [p, q, r] = [0, 1, 2].map((partition) => new FakePartition({ partition, records: 1 })) as [
      FakePartition,
      FakePartition,
      FakePartition,
    ];
    const running = new Subject<never>();
    const handler = (record: KafkaRecord): Observable<never> | string => (record.partition === 0 ? running : name(record));
    const seen = watch(assigned(p, q, r).pipe(processRecords(handler, { concurrency: 1 })));
    q.abort();
    running.complete();
    expect([seen.log, q.acks]).toEqual([['2:0'], []]);
  });

  it('one that waits for its restart ends quietly', () => {
    const p = new FakePartition({ records: 1 });
    const pending = new Subject<never>();
    const seen = watch(assigned(p).pipe(processRecords(() => throwError(() => failed), { restart: () => pending })));
    expect([pending.observed, seen.log]).toEqual([true, []]);
    p.lose();
    expect([pending.observed, seen.log, p.pauses]).toEqual([false, ['|'], 0]);
  });

  it('one that was lost before it is subscribed', () => {
    const p = new FakePartition({ records: 1 });
    p.lose();
    expect(watch(assigned(p).pipe(processRecords(name))).log).toEqual(['|']);
  });
});
