import { map, mergeMap, skip, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import { marble, offsets, ofPartitions, type Marble, type ScriptedCluster } from '../test/support/scripted/index.ts';

const old = { brokers: 2, kafka: '2.1' } as const;
const reading = (partition: PartitionStream): Observable<string> => partition.pipe(ackEach(), offsets());
const asked = (cluster: ScriptedCluster): Observable<string> => cluster.sent('Fetch', 'OffsetForLeaderEpoch').pipe(map((line) => line.replace('orders/', '')));
const positions = ({ told }: Marble): Observable<string> => told('positioned').pipe(map(({ from, to, reason }) => `${from === undefined ? '' : `${String(from)} to `}${String(to)}: ${reason}`));

function three(cluster: ScriptedCluster): void {
  cluster.topic('orders', 1, 0, { replicationFactor: 2 });
  for (let i = 0; i < 3; i++) cluster.append('orders', 0, 1);
}

test('Kafka 2.1, whose Fetch does not compare epochs: after each change of leader it is asked whether the log is the one that was read', marble((drawn) => {
  const { cluster, consume, play, expectObservable } = drawn;
  three(cluster);
  const stop = '500ms !';
  expectObservable(asked(cluster), stop).toBe('--- a b 100ms c d c e', { a: 'fetch 0@0 at b1', b: 'fetch 0@3 at b1', c: 'fetch 0@3 at b2', d: 'OffsetForLeaderEpoch at b2', e: 'fetch 0@4 at b2' });
  expectObservable(positions(drawn).pipe(skip(1)), stop).toBe('');
  expectObservable(consume().pipe(mergeMap(reading)), stop).toBe('---- (012) 99ms 3');
  play('50ms x 50ms w', { x: () => cluster.move('orders', 0, 2), w: () => cluster.append('orders', 0, 1) });
}, old));

test('Kafka 2.1: a log that was cut is found by that, and nothing of it is taken in before', marble((drawn) => {
  const { cluster, consume, play, expectObservable } = drawn;
  three(cluster);
  const stop = '500ms !';
  expectObservable(asked(cluster), stop).toBe('--- a b 99ms b - c d c d e', { a: 'fetch 0@0 at b1', b: 'fetch 0@3 at b1', c: 'OffsetForLeaderEpoch at b1', d: 'fetch 0@1 at b1', e: 'fetch 0@5 at b1' });
  expectObservable(positions(drawn).pipe(skip(1)), stop).toBe('107ms p', { p: '3 to 1: truncated' });
  expectObservable(consume().pipe(mergeMap(reading)), stop).toBe('---- (012) 101ms (1234)');
  play('50ms x', { x: () => { cluster.apply({ kind: 'truncate', topic: 'orders', partition: 0, end: 1 }); for (let i = 0; i < 4; i++) cluster.append('orders', 0, 1); } });
}, old));

test('Kafka 2.8: a topic that was created anew is read in the session that goes by its name', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  const stop = '20s !';
  expectObservable(consume({ metadataMaxAge: 1_000 }).pipe(mergeMap((stream) => stream.pipe(ackEach(), map(({ offset }) => `${String(stream.assignmentEpoch)}@${String(offset)}`)))), stop).toBe('---- (abc) 2096ms (de) 8893ms f', { a: '1@0', b: '1@1', c: '1@2', d: '2@0', e: '2@1', f: '2@2' });
  play('2s d 9s w', { d: () => { cluster.apply({ kind: 'deleteTopic', topic: 'orders' }); cluster.topic('orders', 1, 2); }, w: () => cluster.append('orders', 0, 1) });
}, { kafka: '2.8' }));

test('a hint of a leader that is not known says where it is: it is asked at once', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 0, { replicationFactor: 2 });
  cluster.apply({ kind: 'down', node: 2 });
  const stop = '300ms !';
  expectObservable(asked(cluster), stop).toBe('--- a 99ms b c', { a: 'fetch 0@0 at b1', b: 'fetch 0@0 at b2', c: 'fetch 0@1 at b2' });
  expectObservable(consume().pipe(mergeMap(reading)), stop).toBe('104ms 0');
  play('50ms u 50ms x', { u: () => cluster.apply({ kind: 'up', node: 2 }), x: () => { cluster.move('orders', 0, 2); cluster.append('orders', 0, 1); } });
}, 2));

test.each(['FENCED_LEADER_EPOCH', 'UNKNOWN_LEADER_EPOCH'])('%s: who leads is asked, and the leader again after the back-off', (error) => marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2);
  const stop = '800ms !';
  expectObservable(cluster.sent('Metadata', 'Fetch'), stop).toBe('- a - b 47ms c 51ms a 448ms d (ca)', { a: 'metadata', b: 'fetch orders/0@0 orders/1@0', c: 'fetch orders/1@0', d: 'fetch orders/1@0 orders/0@0' });
  expectObservable(consume({ mode: ofPartitions(2) }).pipe(mergeMap(reading)), stop).toBe('');
  play('50ms x', { x: () => cluster.failPartition('orders', 0, error, error) });
})());
