import { concatWith, defer, filter, map, mergeAll, mergeMap, of, share, take, tap, type Unsubscribable } from 'rxjs';
import { test } from 'vitest';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import { marble, offsets } from '../test/support/scripted/index.ts';

const threeRecords = { records: 3, bytes: 1_000_000 };

test('no more than window.records are delivered and un-acked; each ack lets exactly one more through', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 6);
  const taken: KafkaRecord[] = [];
  const acks =    '----------a----b----a|        ';
  const records = '----(012)-3----(45)-          ';       // b: two of them
  const stop =    '------------------------------!';

  const consumed = consume({ window: threeRecords }).pipe(mergeAll(), tap((record) => taken.push(record)), offsets());
  expectObservable(consumed, stop).toBe(records);
  play(acks, { a: () => taken.shift()?.ack(), b: () => { taken.shift()?.ack(); taken.shift()?.ack(); } });
}));

test('the window bounds the second and never the first: with nothing outstanding a record of any size goes', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders');
  cluster.append('orders', 0, 3, { valueBytes: 500 });
  const taken: KafkaRecord[] = [];
  const acks =    '----------a----a----';
  const records = '----0-----1----2----';
  const stop =    '-------------------!';

  const consumed = consume({ window: { records: 1_000, bytes: 100 } }).pipe(mergeAll(), tap((record) => taken.push(record)), offsets());
  expectObservable(consumed, stop).toBe(records);
  play(acks, { a: () => taken.shift()?.ack() });
}));

test('batches are whole: one that does not fit waits, and the first goes whatever its size', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 5).append('orders', 0, 2);
  const taken: { ack(): void }[] = [];
  const acks =    '----------a----';
  const batches = '----a-----b----';
  const stop =    '--------------!';

  const consumed = consume({ window: threeRecords }).pipe(mergeMap(({ batches: whole }) => whole), tap((batch) => taken.push(batch)));
  expectObservable(consumed.pipe(map(({ firstOffset, lastOffset }) => `${firstOffset} to ${lastOffset}`)), stop).toBe(batches, { a: '0 to 4', b: '5 to 6' });
  play(acks, { a: () => taken.shift()?.ack() });
}));

test('a pause stops delivery before the next record, until the last of its holders lets go; fetching goes on', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const holds: Unsubscribable[] = [];
  let partition: PartitionStream | undefined;
  //               two hold it, one lets go, twice; then the other
  const script =  '------p-p-w----r-r----r---';
  const fetches = '---fg------h--------------';
  const records = '----0-----------------1---';
  const stop =    '-------------------------!';

  const consumed = consume().pipe(tap((stream) => { partition = stream; }), mergeAll(), offsets());
  expectObservable(cluster.sent('Fetch'), stop).toBe(fetches, { f: 'fetch orders/0@0', g: 'fetch orders/0@1', h: 'fetch orders/0@2' });
  expectObservable(consumed, stop).toBe(records);
  let letGo = 0;
  play(script, {
    p: () => { if (partition !== undefined) holds.push(partition.pause()); },
    w: () => cluster.append('orders', 0, 1),
    r: () => holds[Math.floor(letGo++ / 2)]?.unsubscribe(),
  });
}));

test('a pause taken inside next holds back the very next record', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  let hold: Unsubscribable | undefined;
  const script =  '---------r---';
  const records = '----0----1---';
  const stop =    '------------!';

  const consumed = consume().pipe(mergeMap((partition) => partition.pipe(tap(() => (hold ??= partition.pause())))), offsets());
  expectObservable(consumed, stop).toBe(records);
  play(script, { r: () => hold?.unsubscribe() });
}));

test('a seek inside next takes effect before the next record; what was buffered or asked for before it is never seen', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 9);
  const fetches = '---fgh-------';
  const records = '----(01)-----';       // at 1 the user seeks to 7, in the middle of the answer to f
  const again =   '-----(78)----';
  const stop =    '------------!';

  const consumed = consume().pipe(
    mergeMap((partition) => partition.pipe(tap(({ offset }) => { if (offset === 1) partition.seek({ offset: 7 }); }))),
    offsets(),
    share(),
  );
  expectObservable(cluster.sent('Fetch'), stop).toBe(fetches, { f: 'fetch orders/0@0', g: 'fetch orders/0@7', h: 'fetch orders/0@9' });
  expectObservable(consumed.pipe(filter((offset) => offset < '7')), stop).toBe(records);
  expectObservable(consumed.pipe(filter((offset) => offset >= '7')), stop).toBe(again);
}));

test('whoever unsubscribes inside next gets nothing more, and the position stays there', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 5);
  const records = '----(01n)-';
  const stop =    '---------!';

  const consumed = consume().pipe(
    mergeMap((partition) => partition.pipe(take(2), offsets(), concatWith(defer(() => of(`next is ${partition.position}`))))),
  );
  expectObservable(consumed, stop).toBe(records, { 0: '0', 1: '1', n: 'next is 2' });
}));

test('a seek makes room, but nothing is asked for until its place is found', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 3).append('orders', 0, 3).append('orders', 0, 3);
  let partition: PartitionStream | undefined;
  const script =  '---------s-----';       // by then as much is held as may be
  const asked =   '---f------lg---';       // a connection of its own first
  const records = '----(012)------';
  const stop =    '---------------!';

  const fetch = { minBytes: 1, maxWait: 500, maxBytes: 1_000_000, maxPartitionBytes: 1 };
  const consumed = consume({ maxBuffered: 1, fetch }).pipe(tap((stream) => { partition = stream; }), mergeAll(), offsets());
  const lines = { f: 'fetch orders/0@0', l: 'listOffsets orders/0@latest', g: 'fetch orders/0@9' };
  expectObservable(cluster.sent('Fetch', 'ListOffsets'), stop).toBe(asked, lines);
  expectObservable(consumed, stop).toBe(records);
  play(script, { s: () => partition?.seek('latest') });
}));
