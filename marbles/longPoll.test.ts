import { map, mergeAll, mergeMap, tap } from 'rxjs';
import { test } from 'vitest';
import type { KafkaRecord } from '../src/model/record.ts';
import { marble, ofPartitions, offsets } from '../test/support/scripted/index.ts';

const polling = { minBytes: 1, maxWait: 20, maxBytes: 1_000_000, maxPartitionBytes: 1_000_000 };
const backoff = { initial: 10, max: 1_000, jitter: 0.2 };
const lines = { f: 'fetch orders/0@0', g: 'fetch orders/0@1', h: 'fetch orders/0@2', i: 'fetch orders/0@3' };

test('after an empty answer the next long poll goes out at once; what is written meanwhile ends it', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders');
  const script =  '---- 20ms -  9ms w';
  const fetches = '---f 20ms f 10ms  g';       // 3 + maxWait + 1 on the way back
  const records = '---- 20ms - 10ms  0';
  const stop =    '45ms !';

  expectObservable(cluster.sent('Fetch'), stop).toBe(fetches, lines);
  expectObservable(consume({ fetch: polling, backoff }).pipe(mergeAll(), offsets()), stop).toBe(records);
  play(script, { w: () => cluster.append('orders', 0, 1) });
}));

test('an answer that came empty too fast is paced: two rounds that bring nothing are backoff.initial apart', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders');
  const script =  '---------------------w-----';
  const fetches = '---f--------f---------fg---';       // minBytes 0: the broker never waits. The first round began at 2, with connecting
  const records = '-----------------------0---';       // what brought something is not paced
  const stop =    '---------------------------!';

  expectObservable(cluster.sent('Fetch'), stop).toBe(fetches, lines);
  expectObservable(consume({ fetch: { ...polling, minBytes: 0 }, backoff }).pipe(mergeAll(), offsets()), stop).toBe(records);
  play(script, { w: () => cluster.append('orders', 0, 1) });
}));

test('a partition is asked for until it holds its slice, and again when it holds less than half of it', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders');
  for (let batch = 0; batch < 5; batch++) cluster.append('orders', 0, 1, { valueBytes: 1_000 });
  const taken: KafkaRecord[] = [];
  const acks =    '-------------a----a-----a--';
  const fetches = '---fgh------------ij-------';       // three batches of 1 KB fill 2.9 KB; after the second ack less than half is held
  const records = '----012------------34------';
  const stop =    '---------------------------!';

  const fetch = { ...polling, maxPartitionBytes: 1_000 };
  const consumed = consume({ maxBuffered: 2_900, fetch, backoff }).pipe(mergeAll(), tap((record) => taken.push(record)), offsets());
  expectObservable(cluster.sent('Fetch'), stop).toBe(fetches, { ...lines, j: 'fetch orders/0@4' });
  expectObservable(consumed, stop).toBe(records);
  play(acks, { a: () => taken.shift()?.ack() });
}));

test('an error of one partition costs its neighbours nothing', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2);
  cluster.failPartition('orders', 0, 'KAFKA_STORAGE_ERROR', 'OFFSET_NOT_AVAILABLE');
  const written = '---w-w-w-- 94ms w----w';
  const fetches = '---fg-h-i- 94ms -kl---m';       // orders-0 comes along again with the first round after its back-off of 100 ms
  const records = '----a-b-c- 94ms -d----e';
  const stop =    '130ms !';

  const consumed = consume({ mode: ofPartitions(2) }).pipe(mergeMap((partition) => partition.pipe(map(({ offset }) => 'abcde'[offset]))));
  expectObservable(cluster.sent('Fetch'), stop).toBe(fetches, {
    f: 'fetch orders/0@0 orders/1@0',
    g: 'fetch orders/1@1',
    h: 'fetch orders/1@2',
    i: 'fetch orders/1@3',
    k: 'fetch orders/1@4 orders/0@0', // it was forgotten meanwhile, and stands last in the session
    l: 'fetch orders/1@4',
    m: 'fetch orders/1@5',
  });
  expectObservable(consumed, stop).toBe(records);
  play(written, { w: () => cluster.append('orders', 1, 1) });
}));

test('an idle partition comes along with every round: what is written to it arrives at once, however busy its neighbour is', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2);
  const written = '-----b-b--b-x--b--';
  const fetches = '---f--f-f--f-f--f-';       // what brings something for orders-1 paces nobody
  const records = '------b-b--b-x--b-';
  const stop =    '-----------------!';

  const consumed = consume({ mode: ofPartitions(2) }).pipe(mergeMap((partition) => partition.pipe(map(() => (partition.partition === 0 ? 'x' : 'b')))));
  expectObservable(cluster.sent('Fetch').pipe(map(partitionsIn)), stop).toBe(fetches, { f: 2 });
  expectObservable(consumed, stop).toBe(records);
  play(written, { b: () => cluster.append('orders', 1, 1), x: () => cluster.append('orders', 0, 1) });
}));

test("while a neighbour's position is being looked up polls are kept to 50 ms, since it waits behind them", marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 2).append('orders', 1, 1);
  cluster.apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 0, offset: 0 });
  cluster.fail('ListOffsets', { delay: 20 });
  //               orders-0 is polled from 6 on, for 50 ms instead of 500; where orders-1 begins is known at 26
  const records = '------ 52ms x';
  const stop =    '80ms !';

  const consumed = consume({ mode: ofPartitions(2, 'g'), startFrom: 'earliest' }).pipe(mergeMap((partition) => partition.pipe(map(() => 'x'))));
  expectObservable(consumed, stop).toBe(records);
}));

function partitionsIn(fetch: string): number {
  return fetch.split(' ').length - 1;
}
