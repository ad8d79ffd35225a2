import { map, mergeMap, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import { asMember, marble, offsets, type ScriptedCluster } from '../test/support/scripted/index.ts';

/** Broker 1 stands in r1 and leads, broker 2 in r2 and follows: near us. Time is taken from the assignment on. */
const racks = { brokers: ['r1', 'r2'], settings: { rackAware: true } } as const;
const near = { mode: asMember({ rackId: 'r2' }), commit: false } as const;

function two(cluster: ScriptedCluster): void {
  cluster.topic('orders', 1, 2, { replicationFactor: 2 });
}

/** `1@0`: to which broker, from where. */
const fetches = (cluster: ScriptedCluster): Observable<string> =>
  cluster.sent('Fetch').pipe(map((line) => line.replace(/fetch orders\/0(@\d+)? ?at b(\d)/, '$2$1')));
const reading = (partition: PartitionStream): Observable<string> => partition.pipe(ackEach(), offsets());
const lines = { a: '1@0', b: '2@0', c: '2@2', d: '1@2', e: '1@3', f: '2@3', g: '3@2', h: '1@4' };

test('the leader names a replica that is near, and that is read', marble(({ cluster, consume, play, expectObservable }) => {
  two(cluster);
  const stop = '700ms !';

  expectObservable(fetches(cluster), stop).toBe('----------- a - b c 36ms f 500ms f', lines);
  expectObservable(consume(near).pipe(mergeMap(reading)), stop).toBe('14ms (01) 33ms 2');
  play('50ms w', { w: () => cluster.append('orders', 0, 1) });
}, racks));

test('without a rackId the leader is read', marble(({ cluster, consume, expectObservable }) => {
  two(cluster);
  expectObservable(fetches(cluster), '300ms !').toBe('----------- a d', lines);
  expectObservable(consume({ ...near, mode: asMember() }).pipe(mergeMap(reading)), '300ms !').toBe('12ms (01)');
}, racks));

test('the lease is as long as metadata is good for; then the leader is asked, who names the nearest again', marble(({ cluster, consume, expectObservable }) => {
  two(cluster);
  const stop = '2200ms !';
  expectObservable(fetches(cluster), stop).toBe('----------- a - b c 500ms c 500ms d c 500ms c 500ms d c', lines);
  expectObservable(consume({ ...near, metadataMaxAge: 1_000 }).pipe(mergeMap(reading)), stop).toBe('14ms (01)');
}, racks));

test.each([
  ['cut', '----------- a - b c 35ms d 500ms d 500ms d - c 500ms c'],
  ['down', '----------- a - b c 35ms d 500ms d 500ms d 500ms d'],
] as const)('a follower that goes away (%s): the leader is asked at once, and for as long as the lease', (kind, asked) => marble(({ cluster, consume, play, expectObservable }) => {
  two(cluster);
  const stop = '2s !';
  expectObservable(fetches(cluster), stop).toBe(asked, lines);
  expectObservable(consume({ ...near, metadataMaxAge: 1_000 }).pipe(mergeMap(reading)), stop).toBe('14ms (01)');
  play('50ms x', { x: () => cluster.apply({ kind, node: 2 }) });
}, racks)());

test('a follower that says out of range is no reason to reset: the leader has it', marble(({ cluster, consume, told, play, expectObservable }) => {
  two(cluster);
  const stop = '700ms !';
  expectObservable(fetches(cluster), stop).toBe('----------- a - b c 36ms d e 500ms e', lines);
  expectObservable(told('positioned').pipe(map(({ reason }) => reason)), stop).toBe('10ms s', { s: 'start' });
  expectObservable(consume(near).pipe(mergeMap(reading)), stop).toBe('14ms (01) 34ms 2');
  play('50ms xw', { x: () => { cluster.inject({ api: 'Fetch', node: 2, topic: 'orders', partition: 0, kind: 'error', error: 'OFFSET_OUT_OF_RANGE' }); }, w: () => cluster.append('orders', 0, 1) });
}, racks));

test('bytes of a follower that are none are asked of the leader', marble(({ cluster, consume, play, expectObservable }) => {
  two(cluster);
  const stop = '700ms !';
  expectObservable(fetches(cluster), stop).toBe('----------- a - b c 36ms f 23ms e h 500ms h', lines);
  expectObservable(consume(near).pipe(mergeMap(reading)), stop).toBe('14ms (01) 33ms 2 24ms 3');
  play('50ms (xw) 20ms w', { x: () => { cluster.inject({ api: 'Fetch', node: 2, kind: 'corrupt', at: -12 }); }, w: () => cluster.append('orders', 0, 1) });
}, racks));

test('a log that was cut is heard of from a follower, and believed of the leader', marble(({ cluster, consume, told, play, expectObservable }) => {
  two(cluster);
  cluster.append('orders', 0, 1);
  const stop = '700ms !';
  expectObservable(fetches(cluster), stop).toBe('----------- a - b f 36ms e e f e d e 500ms e', lines);
  expectObservable(told('positioned').pipe(map(({ to, reason }) => `${String(to)} ${reason}`)), stop).toBe('10ms s 44ms t', { s: '0 start', t: '2 truncated' });
  expectObservable(consume(near).pipe(mergeMap(reading)), stop).toBe('14ms (012) 37ms 2');
  play('50ms x', { x: () => { cluster.apply({ kind: 'truncate', topic: 'orders', partition: 0, end: 2 }).append('orders', 0, 1); } });
}, racks));

test('another leader: the follower is left, though it is the same', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 2, { replicationFactor: 3 });
  const stop = '700ms !';
  expectObservable(fetches(cluster), stop).toBe('----------- a - b c 36ms d g c 48ms f 500ms f', lines);
  expectObservable(consume(near).pipe(mergeMap(reading)), stop).toBe('14ms (01) 84ms 2');
  play('50ms x 50ms w', { x: () => cluster.move('orders', 0, 3), w: () => cluster.append('orders', 0, 1) });
}, { brokers: ['r1', 'r2', 'r3'], settings: { rackAware: true } }));

test('a topic that was created anew while a follower is read: all of the new one is delivered', marble(({ cluster, consume, play, expectObservable }) => {
  two(cluster);
  const stop = '3s !';
  expectObservable(consume(near).pipe(mergeMap((partition) => partition.pipe(ackEach(), map(({ offset }) => `${String(partition.assignmentEpoch)}@${String(offset)}`)))), stop).toBe('-------------- (ab) 189ms (cde)', { a: '1@0', b: '1@1', c: '2@0', d: '2@1', e: '2@2' });
  play('50ms x', { x: () => { cluster.apply({ kind: 'deleteTopic', topic: 'orders' }); cluster.topic('orders', 1, 3, { replicationFactor: 2 }); } });
}, racks));
