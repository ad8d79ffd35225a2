import { ignoreElements, map, merge, mergeAll, mergeMap, Subject, tap, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import { asMember, marble, NEVER_ANSWERED } from '../test/support/scripted/index.ts';

const quick = asMember({ heartbeatInterval: 10 });
const calm = asMember({ heartbeatInterval: 1_000 });
const lines = {
  j: 'join',
  k: 'join m-1',
  s: 'sync m-1 in 1',
  t: 'sync m-1 in 2',
  h: 'heartbeat m-1 in 1',
  i: 'heartbeat m-1 in 2',
  n: 'commit orders/0=0 in 1',
  p: 'commit orders/0=1 in 1',
  l: 'leave m-1',
};
const joining = ['JoinGroup', 'SyncGroup'];

test('a topic that grows: the leader hands over, calls for another rebalance, and assigns all of it', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1);
  const script =   '---------g       ';
  const sent =     '-----jks- 94ms kt';       // metadata is looked at again at 101
  const assigned = '--------a 94ms --(ab)';
  const stop =     '130ms !';

  expectObservable(cluster.sent(...joining), stop).toBe(sent, lines);
  expectObservable(partitionsOf(consume({ mode: asMember(), metadataMaxAge: 100, commit: false })), stop).toBe(assigned);
  play(script, { g: () => cluster.apply({ kind: 'addPartitions', topic: 'orders', partitions: 2 }) });
}));

test('the leader waits until it knows the topics of the others, and then gives each member its own', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1).topic('payments', 1);
  const lives =  '--------------------^ 180ms !';
  const first =  '--------a-----------  84ms a ';       // again after the rebalance that the second one brings
  const second = '--------------------  84ms x ';
  const stop =   '200ms !';

  const named = { a: 'orders-0', x: 'payments-0' };
  const other = consume({ mode: asMember({ heartbeatInterval: 10, topics: ['payments'] }) }, {});
  expectObservable(consume({ mode: quick }, {}).pipe(map(({ key }) => key)), stop).toBe(first, named);
  expectObservable(other.pipe(map(({ key }) => key)), lives).toBe(second, named);
}));

test('a commit that hangs does not keep a hand-over longer than the coordinator waits', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  //               the commit of the hand-over, at 18, is not answered; the last word without a rebalance was at 7
  const script =  '------------r        ';
  const sent =    '-----jks- 2998ms kt';
  const stop =    '4s !';

  const told = new Subject<string>();
  const consumed = consume({ mode: { ...quick, rebalanceTimeout: 3_000 } }).pipe(tap(({ signal }) => signal.addEventListener('abort', () => told.next('aborted'))), acked());
  expectObservable(told, stop).toBe('');       // all of it was acked
  expectObservable(cluster.sent(...joining), stop).toBe(sent, lines);
  expectObservable(consumed, stop).toBe('');
  play(script, { r: () => { cluster.fail('OffsetCommit', NEVER_ANSWERED, { times: 9 }); cluster.apply({ kind: 'rebalance' }); } });
}));

test('a commit that Kafka refuses for good does not keep a hand-over from its end', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const script =  '------------r--------';
  const sent =    '-----jks-----------kt';       // the heartbeat at 17 tells; the commit is refused at 18
  const stop =    '---------------------!';

  const consumed = consume({ mode: quick }).pipe(acked());
  expectObservable(cluster.sent(...joining), stop).toBe(sent, lines);
  expectObservable(consumed, stop).toBe('');
  play(script, { r: () => { cluster.fail('OffsetCommit', 'TOPIC_AUTHORIZATION_FAILED', { times: 9 }); cluster.apply({ kind: 'rebalance' }); } });
}));

test('a stop does not join any more: a rebalance that begins while it drains is for the others', marble(({ cluster, consume, told, play, hot, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const taken: KafkaRecord[] = [];
  const until =  '------------u                      ';
  const script = '-------------r---- 40ms a          ';
  const sent =   '-----jks---------- 40ms -l         ';
  const asked =  '';       // to give anything up
  const end =    '------------------ 40ms --|        ';
  const stop =   '70ms !';

  const consumed = consume({ mode: quick, until: hot(until) }).pipe(mergeAll(), tap((record) => taken.push(record)), ignoreElements());
  expectObservable(cluster.sent(...joining, 'LeaveGroup'), stop).toBe(sent, lines);
  expectObservable(told('revokeRequested'), stop).toBe(asked);
  expectObservable(consumed, stop).toBe(end);
  play(script, { r: () => cluster.apply({ kind: 'rebalance' }), a: () => taken[0]?.ack() });
}));

test('a commit that is refused since we are unknown ends the membership at once, not at the next heartbeat', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1);
  const script = '---------e---w                ';       // one record, committed at once
  const sent =   '-----jks----------- 91ms vwx';
  const stop =   '200ms !';

  const consumed = consume({ mode: calm, commit: { interval: 5_000, records: 1 } }).pipe(acked());
  expectObservable(cluster.sent(...joining), stop).toBe(sent, { ...lines, v: 'join', w: 'join m-2', x: 'sync m-2 in 3' });
  expectObservable(consumed, stop).toBe('');
  play(script, { e: () => cluster.apply({ kind: 'evict' }), w: () => cluster.append('orders', 0, 1) });
}));

test('after a LeaveGroup nothing is said any more, however long its answer takes', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('orders', 1);
  cluster.fail('LeaveGroup', { delay: 50 });
  const until = '------------u          ';
  const sent =  '-----jk-----l          ';       // heartbeats every 10 ms were due from 17 on
  const end =   '-------------   50ms | ';
  const stop =  '100ms !';

  expectObservable(cluster.sent('JoinGroup', 'Heartbeat', 'LeaveGroup'), stop).toBe(sent, lines);
  expectObservable(consume({ mode: quick, until: hot(until) }).pipe(mergeAll()), stop).toBe(end);
}));

/** Which partitions are held, at each assignment. */
function partitionsOf(streams: Observable<PartitionStream>): Observable<string> {
  return streams.pipe(mergeMap((stream) => merge(stream.pipe(ignoreElements()), [stream.partition === 0 ? 'a' : 'b'])));
}

function acked(): (streams: Observable<PartitionStream>) => Observable<never> {
  return (streams) => streams.pipe(mergeMap((partition) => partition.pipe(ackEach())), ignoreElements());
}
