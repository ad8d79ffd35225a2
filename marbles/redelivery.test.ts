import { catchError, concat, EMPTY, ignoreElements, map, mergeAll, mergeMap, of, retry, share, Subject, take, tap, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import { codeOf, marble, named, ofPartitions, offsets } from '../test/support/scripted/index.ts';

/** Fails at that offset, so many times. */
function failingAt(offset: number, times: number): (records: Observable<KafkaRecord>) => Observable<KafkaRecord> {
  let left = times;
  return tap((record) => {
    if (record.offset === offset && left-- > 0) throw new Error(`no ${offset}`);
  });
}

test('a restart begins at the lowest record that is not acked, and skips acked ones', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 5);
  const records = '----(01224)--------';       // 3 fails, when 0, 1 and 3 are acked
  const stop =    '------------------!';

  const work = (partition: PartitionStream): Observable<string> =>
    partition.pipe(tap((record) => { if (record.offset !== 2) record.ack(); }), failingAt(3, 1), retry(), offsets());
  expectObservable(consume().pipe(mergeMap(work)), stop).toBe(records);
}));

test('where nothing was acked since the last delivery, the next one is 100 ms away', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  //                    1 fails 1 fails
  const records = '----0 99ms   0 99ms   (01)';
  const stop =    '300ms !';

  expectObservable(consume().pipe(mergeMap((partition) => partition.pipe(failingAt(1, 2), retry(), offsets()))), stop).toBe(records);
}));

test('a retry that has waited by itself for longer is not paced once more', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  const records = '----0 499ms (01)';       // 1 fails at 4
  const stop =    '700ms !';

  expectObservable(consume().pipe(mergeMap((partition) => partition.pipe(failingAt(1, 1), retry({ delay: 500 }), offsets()))), stop).toBe(records);
}));

test('a stream that waits for its next delivery is told at once that it is over', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  const until =  '----------u';
  const stream = '----0-----(s|)';       // 1 fails at 4: it would be delivered again at 104
  const stop =   '1s !';

  const work = (partition: PartitionStream): Observable<string> => concat(partition.pipe(failingAt(1, 1), retry(), offsets()), of('s'));
  expectObservable(consume({ until: hot(until), drainTimeout: 0 }).pipe(mergeMap(work), named(), catchError(() => EMPTY)), stop).toBe(stream);
}));

test('where something was acked it is at once, but never inside of subscribe', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  let partition: PartitionStream | undefined;
  const order = new Subject<string>();
  const again =  '----------s----';
  const events = '----0-----(sr)-';       // 0 is acked, 1 is not: it comes after the call of subscribe has returned
  const stop =   '--------------!';

  const begun = consume().pipe(tap((stream) => { partition = stream; }), mergeMap((stream) => stream.pipe(take(2), tap(({ offset }) => offset === 0 && order.next('0')))));
  expectObservable(order, stop).toBe(events, { 0: '0', s: 'subscribed', r: 'record 1' });
  expectObservable(begun.pipe(tap((record) => { if (record.offset === 0) record.ack(); }), ignoreElements()), stop).toBe('');
  play(again, {
    s: () => {
      partition?.pipe(take(1)).subscribe({ next: ({ offset }) => order.next(`record ${offset}`), error: (error: unknown) => order.error(error) });
      order.next('subscribed');
    },
  });
}));

test('a partition that errs delivers the good records first, and when it is subscribed again tries again; its neighbour goes on', marble(({ cluster, consume, told, play, expectObservable }) => {
  cluster.topic('orders', 2).append('orders', 0, 2);
  cluster.append('orders', 0, 1);
  cluster.partition('orders', 0).log.damage(2);
  //                                  x is written to orders-1; after 100 ms the damaged batch of orders-0 is fetched anew, and good
  const script =  '----------x---------m          ';
  const records = '----(01)---x 93ms         2    ';
  const failed =  '----f                          ';
  const stop =    '120ms                         !';

  const fetch = { minBytes: 1, maxWait: 20, maxBytes: 1_000_000, maxPartitionBytes: 1_000_000 };
  const consumed = consume({ mode: ofPartitions(2), fetch }).pipe(
    mergeMap((partition) => partition.pipe(ackEach(), retry(), map(({ offset }) => (partition.partition === 0 ? String(offset) : 'x')))),
  );
  expectObservable(told('failed').pipe(map(({ topic, partition, error }) => `${topic}-${partition} ${String(codeOf(error))}`)), stop).toBe(failed, { f: 'orders-0 CORRUPT_MESSAGE' });
  expectObservable(consumed, stop).toBe(records);
  play(script, { x: () => cluster.append('orders', 1, 1), m: () => cluster.partition('orders', 0).log.damage(2) });
}));

test('one subscriber at a time: a second one is refused, and the first goes on', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const records = '----0----';
  const second =  '--#      ';
  const stop =    '--------!';

  const streams = consume().pipe(share());
  expectObservable(streams.pipe(mergeAll(), offsets()), stop).toBe(records);
  expectObservable(streams.pipe(mergeAll(), named()), stop).toBe(second, {}, 'ALREADY_SUBSCRIBED');
}));
