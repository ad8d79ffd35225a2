import { ignoreElements, merge, mergeAll, mergeMap, of, Subject, tap, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import { asMember, marble, named, ofPartitions, RESET } from '../test/support/scripted/index.ts';

const commit = { interval: 100, records: Infinity };
const quick = asMember({ heartbeatInterval: 10 });
const lines = {
  a: 'offsetFetch orders/0',
  b: 'offsetFetch orders/1',
  q: 'offsetFetch orders/0 orders/1',
  j: 'join',
  m: 'join m-1',
  n: 'commit orders/0=0 in 1',
  p: 'commit orders/0=1 in 1',
  l: 'leave m-1',
};

test('in a group, once our own part is done, the group is asked every commit.interval, and no further when a stop comes', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('orders', 2, 1);
  cluster.fail('LeaveGroup', { delay: 300 });
  //               the other holds orders-1 and never acks; leaving takes 300 ms
  const until =   '400ms u                                                     ';
  const asked =   '-----------------------------(ab)- q 99ms q 99ms q 99ms q   ';
  const stop =    '900ms !';
  const consumed = (index: number): Observable<never> =>
    consume({ mode: quick, commit, stopAt: 'end', metadataMaxAge: 30, ...(index === 0 && { until: hot(until) }) }, {}).pipe(mergeMap((stream) => (stream.partition === 0 ? stream.pipe(ackEach()) : stream)), ignoreElements());
  expectObservable(cluster.sent('OffsetFetch'), stop).toBe(asked, lines);
  expectObservable(consumed(0), stop).toBe('701ms |');
  expectObservable(consumed(1), stop).toBe('');
}, 1, 10));

test('what fails when the group is asked is asked again an interval later', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const script = '-----------x';
  const asked =  '---------an-pa 99ms a ';
  const end =    '-------------- 99ms --|';
  const stop =   '900ms !';
  expectObservable(cluster.sent('OffsetFetch', 'OffsetCommit'), stop).toBe(asked, lines);
  expectObservable(consume({ mode: quick, commit, stopAt: 'end' }).pipe(acked()), stop).toBe(end);
  play(script, { x: () => cluster.fail('OffsetFetch', RESET) });
}));

test('a commit that Kafka refuses for good does not end a stopAt: the group is asked, and it is committed at the next interval', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const script = '-----------x';
  const asked =  '---------an-pa 99ms (pa)';
  const end =    '-------------- 99ms ---|';
  const stop =   '900ms !';
  expectObservable(cluster.sent('OffsetFetch', 'OffsetCommit'), stop).toBe(asked, lines);
  expectObservable(consume({ mode: quick, commit, stopAt: 'end' }).pipe(acked(), named()), stop).toBe(end);
  play(script, { x: () => cluster.fail('OffsetCommit', 'TOPIC_AUTHORIZATION_FAILED') });
}));

test('at the end of a stopAt nothing is handed over and nothing joined any more, though a rebalance begins before it has left', marble(({ cluster, consume, told, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const taken: KafkaRecord[] = [];
  const script = '--------------------a 15ms r';       // its own commit is refused, and somebody else commits for it
  const sent =   '------jm--n---------p-p 100ms pl ';       // the refusal of the partition is its own: to the coordinator this is the first failure
  const end =    '----------------------- 100ms --|';
  const stop =   '900ms !';
  expectObservable(cluster.sent('JoinGroup', 'OffsetCommit', 'LeaveGroup'), stop).toBe(sent, lines);
  expectObservable(told('revokeRequested'), stop).toBe('');
  expectObservable(consume({ mode: quick, commit, stopAt: 'end' }).pipe(mergeAll(), tap((record) => taken.push(record)), ignoreElements(), named()), stop).toBe(end);
  play(script, {
    a: () => {
      cluster.fail('OffsetCommit', 'TOPIC_AUTHORIZATION_FAILED');
      cluster.fail('OffsetCommit', 'COORDINATOR_LOAD_IN_PROGRESS');
      cluster.apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 0, offset: 1 });
      taken[0]?.ack();
    },
    r: () => cluster.apply({ kind: 'rebalance' }),
  });
}));

test('where looking up the marks fails, the brokers are asked again after the back-off', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('ListOffsets', RESET);
  cluster.fail('ListOffsets', 'LEADER_NOT_AVAILABLE');
  const asked = '---l 101ms l 200ms l      ';       // the first time it has to connect anew
  const end =   '---- 101ms - 200ms ---|   ';
  const stop =  '900ms !';
  expectObservable(cluster.sent('ListOffsets'), stop).toBe(asked, { l: 'listOffsets orders/0@latest' });
  expectObservable(consume({ stopAt: 'end' }).pipe(acked(), named()), stop).toBe(end);
}));

test('a stream that comes to its mark behind a control batch and stops the consumer: no second stream of it', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 2, 1).append('orders', 1, 1, { isTransactional: true, isControl: true });
  const until = new Subject<void>();
  const streams = '----(ab)-----';       // orders-0 is never acked, so that it goes on draining
  const stop =    '------------!';

  const streamed = consume({ mode: ofPartitions(2), stopAt: 'end', until }).pipe(
    mergeMap((stream) => merge(of(stream.key), stream.pipe(tap({ next: (record) => { if (record.partition === 1) record.ack(); }, complete: () => until.next() }), ignoreElements()))),
  );
  expectObservable(streamed, stop).toBe(streams, { a: 'orders-0', b: 'orders-1' });
}));

function acked(): (streams: Observable<PartitionStream>) => Observable<never> {
  return (streams) => streams.pipe(mergeMap((partition) => partition.pipe(ackEach())), ignoreElements());
}
