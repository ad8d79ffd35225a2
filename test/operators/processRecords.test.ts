import { getEventListeners } from 'node:events';
import { EMPTY, NEVER, Subject, concat, defer, from, map, of, take, tap, throwError, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { processRecords, type Handler } from '../../operators/index.ts';
import { OptionsError } from '../../src/errors/index.ts';
import type { PartitionStream } from '../../src/model/partitionStream.ts';
import type { KafkaRecord } from '../../src/model/record.ts';
import { FakePartition, assigned } from '../support/fakePartition.ts';
import { watch } from '../support/watch.ts';

const marbles = (): TestScheduler => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
const name = (record: KafkaRecord): string => `${record.partition}:${record.offset}`;

/** A stream that does not stop for a pause; it completes after what it delivers. */
function heedless(): { readonly stream: PartitionStream; readonly deliver: (count: number) => void; readonly acks: number[] } {
  const records = new Subject<KafkaRecord>();
  const p = new FakePartition();
  const acks: number[] = [];
  const deliver = (count: number): void => {
    for (let offset = 0; offset < count; offset++) records.next({ offset, ack: () => acks.push(offset) } as unknown as KafkaRecord);
    records.complete();
  };
  const stream = Object.assign(records, { key: 'p', signal: p.signal, pause: () => p.pause() }) as unknown as PartitionStream;
  return { stream, deliver, acks };
}

describe('processRecords: handlers that only compute', () => {
  it('emits their values in order and acks each record after its value', () => {
    const p = new FakePartition({ records: 3 });
    const log: string[] = [];
    assigned(p)
      .pipe(processRecords((record) => record.offset * 10))
      .subscribe((value) => log.push(`${value} with ${p.acks.length} acked`));
    expect(log).toEqual(['0 with 0 acked', '10 with 1 acked', '20 with 2 acked']);
    expect(p.acks).toEqual([0, 1, 2]);
  });

  it('does not emit undefined, but every other value', () => {
    const p = new FakePartition({ records: 5 });
    const values = [undefined, null, 0, '', false];
    const seen = watch(assigned(p).pipe(processRecords((record) => values[record.offset])));
    expect(seen.values).toEqual([null, 0, '', false]);
    expect(p.acks).toEqual([0, 1, 2, 3, 4]);
  });

  it('follows Observables and thenables only: strings, arrays, iterables and functions are values', () => {
    const iterable = { *[Symbol.iterator]() {} };
    const nothing = (): void => undefined;
    const values: unknown[] = ['text', [1, 2], iterable, new Map(), nothing, { subscribe: nothing }, { then: 'no function' }];
    const p = new FakePartition({ records: values.length });
    const seen = watch(assigned(p).pipe(processRecords((record) => values[record.offset])));
    expect(seen.values).toEqual(values);
  });

  it('a stream that completes from inside of a handler: value, ack, completion', () => {
    const p = new FakePartition();
    const handler = (record: KafkaRecord): string => {
      p.complete();
      return name(record);
    };
    const seen = watch(assigned(p).pipe(processRecords(handler)));
    p.push(3);
    expect(seen.log).toEqual(['0:0', '|']);
    expect(p.acks).toEqual([0]);
  });

  it('costs no pause and no stack over 100,000 records', () => {
    const p = new FakePartition({ records: 100_000 });
    const seen = watch(assigned(p).pipe(processRecords((record) => record.offset)));
    expect(seen.values).toHaveLength(100_000);
    expect([p.acks.length, p.pausesEver, p.mostOutstanding]).toEqual([100_000, 0, 1]);
  });

  it('does not grow the stack either where Observables are done at once', () => {
    const p = new FakePartition({ records: 20_000 });
    const seen = watch(assigned(p).pipe(processRecords((record) => of(record.offset))));
    expect(seen.values).toHaveLength(20_000);
    expect([p.acks.length, p.pausesEver]).toEqual([20_000, 0]);
  });

  it('nothing for a source without partitions, completion after the last of them', () => {
    const handler: Handler<KafkaRecord, string> = name;
    const p = new FakePartition();
    expect(watch(NEVER.pipe(processRecords(handler))).log).toEqual([]);
    expect(watch(EMPTY.pipe(processRecords(handler))).log).toEqual(['|']);
    const seen = watch(assigned(p).pipe(processRecords(handler)));
    expect(seen.log).toEqual([]);
    p.push();
    p.complete();
    expect(seen.log).toEqual(['0:0', '|']);
  });
});

describe('processRecords: asynchronous handlers', () => {
  it('one at a time within a partition, the partitions side by side', () => {
    marbles().run(({ hot, cold, expectObservable }) => {
      const p = new FakePartition({ partition: 0, records: 2 });
      const q = new FakePartition({ partition: 1, records: 2 });
      const partitions = hot<PartitionStream>('--p-q|         ', { p, q });
      const work = cold('       ---a|        '); // a frame later: the ack, and the next record
      const expected = '      -----a-b-c-d---';
      const values = { a: '0:0', b: '1:0', c: '0:1', d: '1:1' };
      expectObservable(partitions.pipe(processRecords((record) => work.pipe(map(() => name(record)))))).toBe(expected, values);
    });
  });

  it('emits all values of an Observable; the ack follows its completion', () => {
    marbles().run(({ cold, expectObservable, flush }) => {
      const p = new FakePartition({ records: 1 });
      const acksAt: number[] = [];
      const values = cold('a-u-b|', { a: 'a', u: undefined, b: 'b' }).pipe(tap(() => acksAt.push(p.acks.length)));
      expectObservable(assigned(p).pipe(processRecords(() => values))).toBe('a---b-');
      flush();
      expect(acksAt).toEqual([0, 0, 0]);
      expect(p.acks).toEqual([0]);
    });
  });

  it('follows promises: value, ack, next record', async () => {
    const p = new FakePartition({ records: 3 });
    const handler = async (record: KafkaRecord): Promise<string> => {
      await Promise.resolve();
      return name(record);
    };
    const seen = watch(assigned(p).pipe(processRecords(handler), take(3)));
    await seen.ended;
    expect(seen.values).toEqual(['0:0', '0:1', '0:2']);
    expect(p.acks).toEqual([0, 1, 2]);
    expect([p.mostOutstanding, p.pauses]).toEqual([1, 0]);
  });

  it('follows any thenable', async () => {
    const p = new FakePartition({ records: 1 });
    const thenable: PromiseLike<string> = { then: (...callbacks) => Promise.resolve('value').then(...callbacks) };
    const seen = watch(
      assigned(p).pipe(
        processRecords(() => thenable),
        take(1),
      ),
    );
    await seen.ended;
    expect(seen.values).toEqual(['value']);
  });

  it('holds a pause while a handler runs: one record per partition is delivered and not acked', () => {
    const p = new FakePartition({ records: 3 });
    const running = new Subject<void>();
    watch(assigned(p).pipe(processRecords(() => running.pipe(take(1)))));
    for (let acked = 0; acked < 3; acked++) {
      expect([p.pauses, p.position, p.acks.length]).toEqual([1, acked + 1, acked]);
      running.next();
    }
    expect([p.pauses, p.mostOutstanding, p.acks.length]).toEqual([0, 1, 3]);
  });

  it('keeps order and counts where a stream delivers in spite of a pause', () => {
    const { stream, deliver, acks } = heedless();
    const running: Subject<string>[] = [];
    const seen = watch(assigned(stream).pipe(processRecords(() => running[running.push(new Subject<string>()) - 1] ?? NEVER)));
    deliver(3);
    expect(running).toHaveLength(1);
    for (let index = 0; index < 3; index++) {
      running[index]?.next(`value ${index}`);
      running[index]?.complete();
    }
    expect(acks).toEqual([0, 1, 2]);
    expect(seen.log).toEqual(['value 0', 'value 1', 'value 2', '|']);
  });

  it('… and works off what has come without growing the stack', () => {
    const { stream, deliver, acks } = heedless();
    const running = new Subject<number>();
    const seen = watch(assigned(stream).pipe(processRecords(({ offset }) => (offset === 0 ? running : offset))));
    deliver(20_000);
    running.complete();
    expect([seen.values.length, acks.length]).toEqual([19_999, 20_000]);
  });

  it('a stream that completes while a handler runs: its value and ack still come, then completion', () => {
    marbles().run(({ cold, hot, expectObservable, flush }) => {
      const p = new FakePartition({ records: 2 });
      const revoked = hot('--r     ').pipe(tap(() => p.complete()));
      const work = cold('  ----a--|');
      const expected = '   ----a--|';
      revoked.subscribe();
      expectObservable(assigned(p).pipe(processRecords(() => work))).toBe(expected);
      flush();
      expect(p.acks).toEqual([0]);
    });
  });
});

describe('processRecords: concurrency', () => {
  it('bounds the handlers in flight over all partitions, who take turns', () => {
    const partitions = [0, 1, 2].map((partition) => new FakePartition({ partition, records: 2 }));
    const started: string[] = [];
    const running: Subject<never>[] = [];
    const handler = (record: KafkaRecord): Observable<never> => {
      started.push(name(record));
      return running[running.push(new Subject()) - 1] ?? NEVER;
    };
    watch(assigned(...partitions).pipe(processRecords(handler, { concurrency: 2 })));
    expect(started).toEqual(['0:0', '1:0']);
    expect(partitions.map((p) => p.pauses)).toEqual([1, 1, 1]);
    running[0]?.complete();
    expect(started).toEqual(['0:0', '1:0', '2:0']);
    running[1]?.complete();
    running[2]?.complete();
    expect(started).toEqual(['0:0', '1:0', '2:0', '0:1', '1:1']);
    running[3]?.complete();
    expect(started).toEqual(['0:0', '1:0', '2:0', '0:1', '1:1', '2:1']);
    running[4]?.complete();
    running[5]?.complete();
    expect(partitions.map((p) => [p.pauses, p.acks.length, p.mostOutstanding])).toEqual([
      [0, 2, 1],
      [0, 2, 1],
      [0, 2, 1],
    ]);
  });

  it('hands a slot on in turn, without growing the stack', () => {
    const first = new FakePartition({ partition: 0, records: 1 });
    const others = Array.from({ length: 2_000 }, (_, index) => new FakePartition({ partition: index + 1, records: 2 }));
    const running = new Subject<never>();
    const seen = watch(
      assigned(first, ...others).pipe(processRecords((record) => (record.partition === 0 ? running : name(record)), { concurrency: 1 })),
    );
    expect(seen.values).toEqual([]);
    running.complete();
    expect(seen.values).toHaveLength(4_000);
    expect(seen.values.slice(0, 2_000).every((value) => value.endsWith(':0'))).toBe(true);
  });

  it('a failed handler gives its slot back', () => {
    const p = new FakePartition({ partition: 0, records: 1 });
    const q = new FakePartition({ partition: 1, records: 1 });
    const running = new Subject<never>();
    const handler = (record: KafkaRecord): Observable<never> | string => (record.partition === 0 ? running : name(record));
    const seen = watch(assigned(p, q).pipe(processRecords(handler, { concurrency: 1, restart: () => NEVER })));
    running.error(new Error('failed'));
    expect(seen.values).toEqual(['1:0']);
  });
});

describe('processRecords: unsubscription', () => {
  it('unsubscribes the handler, aborts its signal, gives the pauses back', () => {
    const p = new FakePartition({ records: 2 });
    const running = new Subject<string>();
    let signal: AbortSignal | undefined;
    const seen = watch(
      assigned(p).pipe(
        processRecords((_record, context) => {
          signal = context.signal;
          return running;
        }),
      ),
    );
    expect([running.observed, signal?.aborted, p.pauses]).toEqual([true, false, 1]);
    seen.unsubscribe();
    expect([running.observed, signal?.aborted, p.pauses, p.subscribed]).toEqual([false, true, 0, false]);
    expect(signal?.reason).toBeInstanceOf(Error);
    expect(p.acks).toEqual([]);
  });

  it('ignores what promises bring later, be it a value or an error', async () => {
    const p = new FakePartition({ partition: 0, records: 2 });
    const q = new FakePartition({ partition: 1, records: 2 });
    const settle: (() => void)[] = [];
    const handler = (record: KafkaRecord): Promise<string> =>
      new Promise((resolve, reject) => {
        settle.push(() => (record.partition === 0 ? resolve('late') : reject(new Error('late'))));
      });
    const seen = watch(assigned(p, q).pipe(processRecords(handler)));
    seen.unsubscribe();
    for (const one of settle) one();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([settle.length, seen.log, p.acks, q.acks]).toEqual([2, [], [], []]);
  });

  it('acks the record whose value ends the subscription, and takes no other', () => {
    const p = new FakePartition({ records: 10 });
    const called: number[] = [];
    watch(
      assigned(p).pipe(
        processRecords((record) => called.push(record.offset)),
        take(3),
      ),
    );
    expect(called).toEqual([0, 1, 2]);
    expect(p.acks).toEqual([0, 1, 2]);
    expect([p.pauses, p.position]).toEqual([0, 3]);
  });

  it('ends an Observable that emits inside of subscribe, without an ack', () => {
    const p = new FakePartition({ records: 2 });
    let made = 0;
    const endless = from(
      (function* (): Generator<number> {
        for (;;) yield made++;
      })(),
    );
    watch(
      assigned(p).pipe(
        processRecords(() => endless),
        take(3),
      ),
    );
    expect([made, p.acks, p.pauses]).toEqual([3, [], 0]);
  });

  it('… nor is a pause taken on a partition that is not subscribed any more', () => {
    const p = new FakePartition();
    watch(
      assigned(p).pipe(
        processRecords(() => concat(of(1), NEVER)),
        take(1),
      ),
    );
    p.push();
    expect([p.pauses, p.subscribed]).toEqual([0, false]);
  });

  it('leaves no listener on the signal of the partition', () => {
    const p = new FakePartition({ records: 1 });
    const seen = watch(assigned(p).pipe(processRecords(() => NEVER)));
    expect(getEventListeners(p.signal, 'abort')).toHaveLength(1);
    seen.unsubscribe();
    expect(getEventListeners(p.signal, 'abort')).toHaveLength(0);
  });

  it('a handler that unsubscribes from inside of its call is neither followed nor repeated', () => {
    const p = new FakePartition({ records: 3 });
    let subscribed = 0;
    const work = defer(() => {
      subscribed += 1;
      return of(1);
    });
    const stop = new Subject<void>();
    const handler = (): Observable<number> => {
      stop.next();
      return work;
    };
    const partitions = new Subject<PartitionStream>();
    const seen = watch(partitions.pipe(processRecords(handler)));
    stop.subscribe(() => seen.unsubscribe());
    partitions.next(p);
    expect([subscribed, p.acks, p.pauses, p.position]).toEqual([0, [], 0, 1]);
  });
});

describe('processRecords: arguments', () => {
  it('refuses what would fail late or stand still', () => {
    const bad = { concurrency: 0, restart: 'always' } as unknown as { concurrency: number };
    expect(() => processRecords('no function' as unknown as Handler<KafkaRecord, never>, bad)).toThrow(OptionsError);
    try {
      processRecords('no function' as unknown as Handler<KafkaRecord, never>, bad);
    } catch (error) {
      expect((error as OptionsError).issues.map(({ path }) => path)).toEqual(['handler', 'concurrency', 'restart']);
    }
    for (const concurrency of [1.5, NaN, -1]) expect(() => processRecords(name, { concurrency })).toThrow(OptionsError);
    expect(() => processRecords(name, { concurrency: Infinity })).not.toThrow();
  });

  it('each subscription is one of its own', () => {
    const p = new FakePartition({ records: 1 });
    const processed = defer(() => assigned(p)).pipe(processRecords(() => throwError(() => new Error('x'))));
    expect(watch(processed).log).toEqual(['Error: x']);
    expect(watch(processed).log).toEqual(['Error: x']);
  });
});
