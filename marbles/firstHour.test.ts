import { bufferCount, catchError, concatMap, config, distinct, EMPTY, filter, ignoreElements, map, merge, mergeAll, mergeMap, repeat, share, shareReplay, Subject, switchMap, take, takeUntil, tap, throwError, timer, type Observable, type OperatorFunction } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { ackEach, eachPartition } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import { asMember, codeOf, marble, named, ofPartitions, offsets } from '../test/support/scripted/index.ts';
import type { Marble } from '../test/support/scripted/marble.ts';

// What is tried in the first hour. None of it ends in silence: it works, or an error or an event says what is wrong.

const window = { records: 3, bytes: 1_000_000 };
const inGroup = ofPartitions(1, 'g');

/** What is told of partitions that stand still: `stalled window`. */
function told({ told: of }: Marble): Observable<string> {
  return merge(of('stalled'), of('unattended')).pipe(map(({ kind, reason }) => `${kind} ${reason}`));
}

const acked = (partition: PartitionStream): Observable<KafkaRecord> => partition.pipe(ackEach());

describe('records that are never acked', () => {
  test('mergeAll() without acks: the window is said to be full', marble((kit) => {
    const { cluster, consume, expectObservable } = kit;
    cluster.topic('orders', 1, 9);
    expectObservable(told(kit), '60s !').toBe('31s s', { s: 'stalled window' });
    expectObservable(consume({ window }).pipe(mergeAll(), offsets()), '60s !').toBe('----(012)');
  }));

  test('filter() above the ack: the record that holds the commit back is named', marble(({ cluster, consume, told: of, expectObservable }) => {
    cluster.topic('orders', 1, 9);
    const work = consume({ mode: inGroup }).pipe(eachPartition((partition) => partition.pipe(filter(({ offset }) => offset % 2 === 1), ackEach())), ignoreElements());
    expectObservable(of('commitHeldBack').pipe(map(({ offset, behind }) => `${offset} ${behind}`)), '70s !').toBe('61s h', { h: '0 9' });
    expectObservable(work, '70s !').toBe('');
  }));

  test('bufferCount() larger than the window: the window is said to be full', marble((kit) => {
    const { cluster, consume, expectObservable } = kit;
    cluster.topic('orders', 1, 9);
    const work = consume({ window }).pipe(eachPartition((partition) => partition.pipe(bufferCount(5), tap((batch) => batch.forEach((record) => record.ack())))));
    expectObservable(told(kit), '60s !').toBe('31s s', { s: 'stalled window' });
    expectObservable(work, '60s !').toBe('');
  }));
});

describe('streams that nobody subscribes', () => {
  const cells: readonly (readonly [string, number, OperatorFunction<PartitionStream, unknown>])[] = [
    ['concatMap over the outer', 2, concatMap(acked)],
    ['switchMap over the outer', 2, switchMap(acked)],
    ['mergeMap(…, 4) over five partitions', 5, mergeMap(acked, 4)],
    ['take(5) above the ack', 1, mergeMap((partition) => partition.pipe(take(5), ackEach()))],
    ['take(5) below the ack', 1, mergeMap((partition) => partition.pipe(ackEach(), take(5)))],
    ['catchError(() => EMPTY) after work that failed', 1, mergeMap((partition) => partition.pipe(mergeMap(() => throwError(() => new Error('no'))), catchError(() => EMPTY)))],
  ];
  test.each(cells)('%s: the event unattended, and UnattendedPartitionError', (_, partitions, mistake) => {
    marble((kit) => {
      const { cluster, consume, expectObservable } = kit;
      cluster.topic('orders', partitions, 9);
      const consumed = consume({ mode: ofPartitions(partitions) }).pipe(mistake, ignoreElements(), named());
      expectObservable(told(kit).pipe(distinct()), '60s !').toBe('1s u', { u: 'unattended no subscriber' });
      expectObservable(consumed, '60s !').toBe('31s #', undefined, 'UNATTENDED_PARTITION');
    })();
  });

  test('catchError(() => EMPTY) after an error of the stream itself: said at once, and each minute', marble((kit) => {
    const { cluster, consume, expectObservable } = kit;
    cluster.topic('orders', 1, 3).partition('orders', 0).log.damage(0);
    const said = { u: 'unattended its stream has errored, and nobody has subscribed it again' };
    expectObservable(told(kit), '70s !').toBe('1s u 59999ms u', said);
    expectObservable(kit.told('failed').pipe(map(({ error }) => codeOf(error))), '70s !').toBe('----f', { f: 'CORRUPT_MESSAGE' });
    expectObservable(consume().pipe(eachPartition((partition) => acked(partition).pipe(catchError(() => EMPTY)))), '70s !').toBe('');
  }));

  test('shareReplay(1) keeps a consumer whose last subscriber has gone: unattended, then closed; who comes late gets a new one', marble((kit) => {
    const { cluster, consume, cold, expectObservable } = kit;
    cluster.topic('orders', 1, 3);
    const shared = consume().pipe(shareReplay({ bufferSize: 1, refCount: false }));
    const work = shared.pipe(eachPartition(acked), offsets());
    const late = cold('40s a').pipe(mergeMap(() => work));
    expectObservable(told(kit), '60s !').toBe('1s u 29999ms u', { u: 'unattended no subscriber' });
    expectObservable(kit.told('closed').pipe(map(({ how }) => how)), '60s !').toBe('31s c', { c: 'failed' });
    expectObservable(work, '100ms !').toBe('----(012)');
    expectObservable(late, '60s !').toBe('40004ms (012)');
  }));
});

describe('more than one subscriber', () => {
  test('share() on the outer, read twice: the second one gets AlreadySubscribedError, the first goes on', marble(({ cluster, consume, expectObservable }) => {
    cluster.topic('orders', 1, 3);
    const shared = consume().pipe(share());
    expectObservable(shared.pipe(eachPartition(acked), offsets()), '60s !').toBe('----(012)');
    expectObservable(shared.pipe(eachPartition(acked), offsets(), named()), '60s !').toBe('--#', undefined, 'ALREADY_SUBSCRIBED');
  }));

  test('share() on a stream: it works', marble(({ cluster, consume, expectObservable }) => {
    cluster.topic('orders', 1, 3);
    const work = (partition: PartitionStream): Observable<string> => {
      const records = acked(partition).pipe(offsets(), share());
      return merge(records, records.pipe(map((offset) => 'abc'[Number(offset)] ?? '')));
    };
    expectObservable(consume().pipe(eachPartition(work)), '60s !').toBe('----(0a1b2c)');
  }));

  test('two subscriptions of the consumer are two members, and each gets its share', marble(({ cluster, consume, expectObservable }) => {
    cluster.topic('orders', 2, 1);
    const consumer = consume({ mode: asMember() });
    const keys = (): Observable<string> => consumer.pipe(eachPartition((partition) => acked(partition).pipe(map(() => partition.key))));
    const seen: string[] = [];
    expectObservable(keys().pipe(tap((key) => seen.push(`one ${key}`)), ignoreElements()), '10s !').toBe('');
    expectObservable(keys().pipe(tap((key) => seen.push(`other ${key}`)), ignoreElements()), '10s !').toBe('');
    expectObservable(timer(9_000).pipe(map(() => seen.sort().join()))).toBe('9s (a|)', { a: 'one orders-0,other orders-1' });
  }, 1, 10));

  test('two subscriptions of a stream: the second one gets AlreadySubscribedError', marble(({ cluster, consume, expectObservable }) => {
    cluster.topic('orders', 1, 3);
    expectObservable(consume().pipe(eachPartition((partition) => merge(acked(partition), partition)), named(), ignoreElements()), '60s !').toBe('--#', undefined, 'ALREADY_SUBSCRIBED');
  }));
});

describe('ends', () => {
  test.each([
    ['above', '-----a-c', '--------e', (records: Observable<KafkaRecord>) => records.pipe(take(5), ackEach())],
    // The consumer is unsubscribed before the fifth ack, which comes in the same turn, and is committed with the others.
    ['below', '-----a-c', '--------e', (records: Observable<KafkaRecord>) => records.pipe(ackEach(), take(5))],
  ] as const)('take(5) over all partitions, %s the ack: five records, five acks, committed, closed', (_, commits, end, five) => {
    marble(({ cluster, consume, told: of, expectObservable }) => {
      cluster.topic('orders', 1, 9);
      expectObservable(cluster.sent('OffsetCommit'), '60s !').toBe(commits, { a: 'commit orders/0=0', c: 'commit orders/0=5' });
      const closed = of('closed').pipe(map(({ how, unacked, uncommitted }) => `${how} ${unacked} ${uncommitted}`));
      expectObservable(closed, '60s !').toBe(end, { e: 'unsubscribed 0 0' });
      expectObservable(consume({ mode: inGroup }).pipe(mergeAll(), five, offsets()), '60s !').toBe('-------(01234|)');
    })();
  });

  test('repeat() on a stream: it goes on after take, and is loud once the stream has ended', marble(({ cluster, consume, hot, expectObservable }) => {
    cluster.topic('orders', 1, 4);
    const until =   '--------------------u';
    const records = '----(0123)----------#';
    const work = (partition: PartitionStream): Observable<string> => partition.pipe(ackEach(), take(2), repeat(), offsets());
    expectObservable(consume({ until: hot(until) }).pipe(eachPartition(work), named()), '60s !').toBe(records, undefined, 'NOT_ASSIGNED');
  }));

  test('unsubscribe inside next: nothing more, what is acked is committed, and it is closed', marble(({ cluster, consume, told: of, expectObservable }) => {
    cluster.topic('orders', 1, 9);
    const seen = new Subject<string>();
    expectObservable(seen, '60s !').toBe('-------(01)');
    expectObservable(cluster.sent('OffsetCommit'), '60s !').toBe('-----a-c', { a: 'commit orders/0=0', c: 'commit orders/0=2' });
    expectObservable(of('closed').pipe(map(({ how }) => how)), '60s !').toBe('--------c', { c: 'unsubscribed' });
    const subscription = consume({ mode: inGroup }).pipe(eachPartition(acked), offsets()).subscribe({
      next: (offset) => {
        seen.next(offset);
        if (offset === '1') subscription.unsubscribe();
      },
      error: (error: unknown) => seen.error(error),
    });
  }));
});

describe('subscribe(next) that throws', () => {
  afterEach(() => {
    config.onUnhandledError = null;
  });

  test('is reported by RxJS, and the record that it did not ack is said to hold the commit back', () => {
    const thrown: unknown[] = [];
    config.onUnhandledError = (error) => thrown.push(error);
    marble(({ cluster, consume, told: of, expectObservable }) => {
      cluster.topic('orders', 1, 5);
      expectObservable(of('commitHeldBack').pipe(map(({ offset }) => String(offset))), '70s !').toBe('61s 1');
      consume({ mode: inGroup }).pipe(mergeAll(), takeUntil(timer(70_000))).subscribe({
        next: (record) => {
          if (record.offset === 1) throw new Error('no');
          record.ack();
        },
        error: (error: unknown) => thrown.push(error),
      });
    })();
    expect(thrown.map(String)).toEqual(['Error: no']);
  });
});
