import { concat, defer, filter, fromEvent, ignoreElements, map, merge, mergeMap, of, Subject, take, tap, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import { asMember, codeOf, marble, offsets } from '../test/support/scripted/index.ts';

const quick = asMember({ heartbeatInterval: 10 });
const lines = {
  b: 'bootstrap',
  j: 'join',
  k: 'join m-1',
  2: 'join m-2',
  s: 'sync m-1 in 1',
  t: 'sync m-1 in 2',
  h: 'heartbeat m-1 in 1',
  i: 'heartbeat m-1 in 2',
  n: 'commit orders/0=0 in 1',
  c: 'commit orders/0=2 in 1',
  l: 'leave m-1',
  m: 'leave m-2',
};
const membership = ['JoinGroup', 'SyncGroup', 'Heartbeat', 'LeaveGroup', 'OffsetCommit'];

/** What becomes of each stream: its epoch when it begins, and again when it has completed. */
function lives(taken: { push(record: KafkaRecord): void } = []): (streams: Observable<PartitionStream>) => Observable<string> {
  return mergeMap((stream) =>
    concat(
      of(`${stream.key} begins in epoch ${stream.assignmentEpoch}`),
      stream.pipe(tap((record) => taken.push(record)), ignoreElements()),
      defer(() => of(`${stream.key} ends${stream.signal.aborted ? `: ${String(codeOf(stream.signal.reason))}` : ''}`)),
    ),
  );
}

const epochs = {
  a: 'orders-0 begins in epoch 1',
  b: 'orders-0 begins in epoch 2',
  e: 'orders-0 ends',
  f: 'orders-0 ends: PARTITION_LOST',
};

test('a rebalance: streams complete, acks are awaited and committed under the old generation; then it joins, and what returns is a new stream', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  const taken: KafkaRecord[] = [];
  const script =  '------------r----------a-b------';       // the rebalance begins; both records are acked
  const sent =    '-----jks-n-------h-------ckt----';
  const streams = '--------a---------e---------b---';
  const stop =    '--------------------------------!';

  const consumed = consume({ mode: quick }).pipe(lives(taken));
  expectObservable(cluster.sent(...membership), stop).toBe(sent, lines);
  expectObservable(consumed, stop).toBe(streams, epochs);
  play(script, { r: () => cluster.apply({ kind: 'rebalance' }), a: () => taken[0]?.ack(), b: () => taken[1]?.ack() });
}));

test('after a rebalance delivery goes on at what was committed, not before and not behind', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  const script =  '------------r-----w             ';       // written when the stream has ended
  const records = '-----------(01)--------2        ';
  const stop =    '--------------------------------!';

  const consumed = consume({ mode: quick }).pipe(mergeMap((stream) => stream.pipe(ackEach())), offsets());
  expectObservable(consumed, stop).toBe(records);
  play(script, { r: () => cluster.apply({ kind: 'rebalance' }), w: () => cluster.append('orders', 0, 1) });
}));

test('an answer that was under way when the partition was taken away delivers nothing, and opens no ghost of a stream', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  cluster.fail('Fetch', { delay: 30 });       // answered at 41: the stream ends at 18, and its successor begins at 20
  const script =  '------------r                      ';
  const streams = '--------a---------e-b 20ms         ';
  const fetches = '----------f---------- 20ms fg      ';
  const records = '--------------------- 20ms -(01)   ';
  const stop =    '60ms !';

  const delivered = new Subject<KafkaRecord>();
  expectObservable(cluster.sent('Fetch'), stop).toBe(fetches, { f: 'fetch orders/0@0', g: 'fetch orders/0@2' });
  expectObservable(delivered.pipe(offsets()), stop).toBe(records);
  expectObservable(consume({ mode: quick }).pipe(lives({ push: (record) => delivered.next(record) })), stop).toBe(streams, epochs);
  play(script, { r: () => cluster.apply({ kind: 'rebalance' }) });
}));

test('a second member: each of the two ends up with its own partition, and both go on', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2);
  const written = '-----------w-------- 44ms w   ';
  const first =   '------------ab------ 44ms --a ';       // orders-0: 1 ms later, since the poll for both was still under way
  const second =  '-------------------- 44ms -b  ';       // orders-1, from where the first had committed it
  const lives1 =  '^                       90ms !';
  const lives2 =  '--------------------^   70ms !';

  const work = (): Observable<string> =>
    consume({ mode: quick }, {}).pipe(mergeMap((stream) => stream.pipe(ackEach(), map(() => 'ab'[stream.partition] ?? ''))));
  expectObservable(work(), lives1).toBe(first);
  expectObservable(work(), lives2).toBe(second);
  play(written, { w: () => { cluster.append('orders', 0, 1); cluster.append('orders', 1, 1); } });
}));

test('lost: the signal aborts and the stream completes at once, nothing of it is committed, and it joins anew', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  const taken: KafkaRecord[] = [];
  const script =  '------------x------a';       // forgotten by its coordinator; what is acked after that counts for nothing
  const sent =    '-----jks-n-------h 100ms j2u--';
  const streams = '--------a---------f 100ms --b';
  const stop =    '130ms !';

  const consumed = consume({ mode: quick }).pipe(lives(taken));
  expectObservable(cluster.sent(...membership), stop).toBe(sent, { ...lines, u: 'sync m-2 in 3' });
  expectObservable(consumed, stop).toBe(streams, epochs);
  play(script, { x: () => cluster.apply({ kind: 'evict' }), a: () => taken[0]?.ack() });
}));

test('acks that do not come keep a rebalance waiting until the hand-over deadline; then the signal says so', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const script =  '------------r         ';
  const signal =  '------- 1000ms (x|)   ';       // the last word without a rebalance was at 7; 3 s from then, less 2 s for commit and join
  const stop =    '2s !';

  const consumed = consume({ mode: { ...quick, rebalanceTimeout: 3_000 } }).pipe(mergeMap((stream) => merge(stream.pipe(ignoreElements()), aborted(stream.signal))), take(1));
  expectObservable(consumed, stop).toBe(signal, { x: 'HAND_OVER_DEADLINE' });
  play(script, { r: () => cluster.apply({ kind: 'rebalance' }) });
}));

test('while the session is over by our own clock nothing is delivered; nothing is given up, and with the first answer it goes on', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  //              a heartbeat at 17 is not answered within 20 ms, half the session: the next one, over another connection, is answered at 49. The
  //              session of 40 ms, which began at 7 for us and at 17 for the coordinator, is over at 47
  cluster.fail('Heartbeat', { delay: 37 });
  const written = '------------------w--- 25ms w     ';
  const records = '-----------0-------1-- 25ms ---2  ';
  const stop =    '100ms !';

  const consumed = consume({ mode: { ...quick, sessionTimeout: 40 } }).pipe(mergeMap((stream) => stream.pipe(ackEach())), offsets());
  expectObservable(consumed, stop).toBe(records);
  play(written, { w: () => cluster.append('orders', 0, 1) });
}));

test('a consumer of the same source and group waits for the last commit and the leave of the one before it', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  cluster.fail('OffsetCommit', { delay: 4 }, { times: 2 });
  const first =   '^---------------!                        ';
  const second =  '-----------------^-----------------------!';
  const sent =    'b--------n------c----lb------------------m';
  const records = '-----------(01)';

  const work = consume({ mode: asMember() }).pipe(mergeMap((stream) => stream.pipe(ackEach())), offsets());
  expectObservable(cluster.sent('Bootstrap', 'OffsetCommit', 'LeaveGroup'), '50ms !').toBe(sent, lines);
  expectObservable(work, first).toBe(records);
  expectObservable(work, second).toBe('');
}));

function aborted(signal: AbortSignal): Observable<string> {
  return fromEvent(signal, 'abort').pipe(map(() => String(codeOf(signal.reason))));
}

test('a partition that we are given before our metadata tells of it is asked for at once, and until it is known', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  // The leader looks at metadata every second, the other one every five minutes.
  const script =  '1s p       ';
  const records = '1s - 13ms r';
  const stop =    '10s !';

  const read = (metadataMaxAge: number): Observable<string> =>
    consume({ mode: quick, metadataMaxAge }, {}).pipe(mergeMap((stream) => stream.pipe(ackEach(), map(({ offset }) => `${stream.key} ${offset}`))));
  expectObservable(merge(read(1_000), read(300_000)).pipe(filter((line) => line.startsWith('orders-1'))), stop).toBe(records, { r: 'orders-1 0' });
  play(script, { p: () => cluster.apply({ kind: 'addPartitions', topic: 'orders', partitions: 2 }).append('orders', 1, 1) });
}, 1, 5));
