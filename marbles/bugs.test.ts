import { ignoreElements, map, mergeAll, mergeMap, NEVER, startWith, Subject, switchMap, tap, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import { asMember, marble, ofPartitions, offsets } from '../test/support/scripted/index.ts';

// What `npm run bugs` puts back, and no other marble noticed.

const polling = { minBytes: 1, maxWait: 20, maxBytes: 1_000_000, maxPartitionBytes: 1_000_000 };

/** Acks all of it, whenever `reads` says so. */
function reading(reads: Observable<boolean>): (partition: PartitionStream) => Observable<string> {
  return (partition) => reads.pipe(startWith(true), switchMap((on) => (on ? partition.pipe(ackEach(), offsets()) : NEVER)));
}

test('a wake-up on subscribe: who subscribes again is fetched for at once, not when the clock is looked at next', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const reads = new Subject<boolean>();
  const script =  '-----n-- 400ms r--';       // the poll that was under way brings nothing: none follows while nobody reads
  const fetches = '---ff--- 400ms f--';
  const stop =    '-------- 400ms ---!';

  expectObservable(cluster.sent('Fetch').pipe(map(() => 'f')), stop).toBe(fetches);
  expectObservable(consume({ fetch: polling }).pipe(mergeMap(reading(reads))), stop).toBe('----0');
  play(script, { n: () => { reads.next(false); }, r: () => { reads.next(true); } });
}));

test('a commit is made under the generation that holds when it is sent, and under no earlier one', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const script =  '------------r------------w----';
  const commits = '---------a-----b-----------c--';
  const stop =    '------------------------------!';

  const consumed = consume({ mode: asMember({ heartbeatInterval: 10 }), commit: { interval: 5, records: Infinity } });
  const lines = { a: 'commit orders/0=0 in 1', b: 'commit orders/0=1 in 1', c: 'commit orders/0=2 in 2' };
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(commits, lines);
  expectObservable(consumed.pipe(mergeMap((partition) => partition.pipe(ackEach(), ignoreElements()))), stop).toBe('');
  play(script, { r: () => { cluster.apply({ kind: 'rebalance' }); }, w: () => { cluster.append('orders', 0, 1); } });
}));

test('records of an aborted transaction are passed over; what the same producer commits after it is not', marble(({ cluster, consume, expectObservable }) => {
  const transaction = { kind: 'transaction', topic: 'orders', partition: 0, producerId: 7 } as const;
  cluster.topic('orders', 1, 1);
  cluster.apply({ ...transaction, records: 3, ends: 'abort' });       // 1 to 3, and 4 is its marker
  cluster.apply({ ...transaction, records: 1, ends: 'commit' });      // 5, and 6
  cluster.apply({ ...transaction, records: 1, ends: 'abort' });       // 7, and 8
  cluster.append('orders', 0, 1);
  expectObservable(consume().pipe(mergeAll(), offsets()), '20ms !').toBe('----(059)');
}));

test('an ack of what was delivered before a seek means nothing after it: the window is as full as before', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  const taken: KafkaRecord[] = [];
  let stream: PartitionStream | undefined;
  const script =  '------s 18ms ----a---b---';       // back to the beginning, behind the poll that is under way; what the first delivery of record 0 was is acked, then the second
  const records = '----0-- 18ms -0------1---';
  const stop =    '------- 18ms ------------!';

  const consumed = consume({ window: { records: 1, bytes: 1e6 }, fetch: polling }).pipe(
    tap((partition) => { stream = partition; }),
    mergeMap((partition) => partition.pipe(tap((record) => taken.push(record)), offsets())),
  );
  expectObservable(consumed, stop).toBe(records);
  play(script, { s: () => { stream?.seek({ offset: 0 }); }, a: () => { taken[0]?.ack(); }, b: () => { taken[1]?.ack(); } });
}));

test('slices are cut anew when subscribers go: who has room now is asked for at once', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 4);
  for (let batch = 0; batch < 3; batch++) cluster.append('orders', 0, 1, { valueBytes: 1_000 });
  const others = new Subject<boolean>();
  const script =  '---------- n             ';       // orders-0 holds one batch, which is its slice; the others take no part any more
  const fetches = '---fg----- - 14ms hi-----';       // as soon as the poll for them is over
  const records = '----0----- - 14ms -(12)--';
  const stop =    '---------- - 14ms -------!';

  const all = (partitions: readonly number[]): string => `fetch ${partitions.map((partition) => `orders/${String(partition)}@0`).join(' ')}`;
  const lines = { f: all([0, 1, 2, 3]), g: all([1, 2, 3]), h: 'fetch orders/0@1', i: 'fetch orders/0@3' };
  const work = (partition: PartitionStream): Observable<string> => (partition.partition === 0 ? partition.pipe(offsets()) : reading(others)(partition));
  expectObservable(cluster.sent('Fetch'), stop).toBe(fetches, lines);
  expectObservable(consume({ mode: ofPartitions(4), maxBuffered: 4_000, fetch: polling }).pipe(mergeMap(work)), stop).toBe(records);
  play(script, { n: () => { others.next(false); } });
}));
