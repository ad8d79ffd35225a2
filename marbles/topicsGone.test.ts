import { filter, map, merge, mergeMap, Subject, tap, timer, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import { cooperativeSticky } from '../src/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { Marble } from '../test/support/scripted/marble.ts';
import { asMember, codeOf, marble } from '../test/support/scripted/index.ts';

const fetch = { minBytes: 1, maxWait: 10, maxBytes: 1_000_000, maxPartitionBytes: 1_000_000 };
const member = asMember({ topics: ['a', 'b'], heartbeatInterval: 1_000 });
const byHand = { kind: 'manual', partitions: [{ topic: 'a', partition: 0 }, { topic: 'b', partition: 0 }] } as const;
const groups = ['JoinGroup', 'OffsetCommit', 'LeaveGroup'];
/** Everything that follows is at a topic that is gone: it is told by one answer, and by another after the back-off. */
const said = { v: 'b-0 completed', x: 'a-0 aborted PARTITION_LOST', y: 'a-0 completed', z: 'lost a deleted', w: 'lost a recreated' };
const read = { a: 'a-0@0', b: 'b-0@0', c: 'b-0@1', d: 'a-0@1', e: 'a-0@2' };

test('a topic that is deleted ends its streams as lost, and their signals abort; neighbours do not notice. When it is there again it is read from its beginning', marble((kit) => {
  const { cluster, consume, play, expectObservable } = kit;
  cluster.topic('a', 1, 1).topic('b', 1, 1);
  const script = '-          49ms d                 449ms b     99ms c              ';
  const heard =  '------ab 212ms                (xyz) 294ms c  111ms  (ad)          ';
  expectObservable(life(kit, consume({ mode: byHand, fetch, startFrom: 'earliest' })), '2s !').toBe(heard, { ...said, ...read });
  play(script, { d: () => cluster.apply({ kind: 'deleteTopic', topic: 'a' }), b: () => cluster.append('b', 0, 1), c: () => cluster.topic('a', 1, 2) });
}));

test('in a group as well: the leader assigns what there is', marble((kit) => {
  const { cluster, consume, play, expectObservable } = kit;
  cluster.topic('a', 1, 1).topic('b', 1, 1);
  const stop = '2s !';
  const script = '-           49ms d              449ms c              ';
  const sent =   '-----jk          218ms k          402ms k            ';
  const heard =  '-----------ab    212ms (xyzv)  4ms b 392ms v---b 11ms (ad)';
  expectObservable(cluster.sent(...groups), stop).toBe(sent, { j: 'join', k: 'join m-1' });
  expectObservable(life(kit, consume({ mode: member, fetch, commit: false })), stop).toBe(heard, { ...said, ...read });
  play(script, { d: () => cluster.apply({ kind: 'deleteTopic', topic: 'a' }), c: () => cluster.topic('a', 1, 2) });
}));

test('a topic that is deleted and created again at once: what was acked of the old one is not committed onto the new one, which is read from its beginning', marble((kit) => {
  const { cluster, consume, play, expectObservable } = kit;
  cluster.topic('a', 1, 3).topic('b', 1, 1);
  const stop = '5500ms !';
  const sent =   '-----jk---m-n 201ms o 5s p';
  expectObservable(cluster.sent(...groups), stop).toBe(sent, { j: 'join', k: 'join m-1', m: 'commit a/0=3 in 1', n: 'commit b/0=1 in 1', o: 'commit a/0=0 in 1', p: 'commit a/0=2 in 1' });
  const heard =  '- 212ms w-(ad)';       // twice the broker has said that it is another one
  expectObservable(life(kit, consume({ mode: member, fetch, startFrom: 'latest' })).pipe(filter((line) => !line.startsWith('a-0 '))), stop).toBe(heard, { ...said, ...read });
  const again = () => {
    cluster.apply({ kind: 'deleteTopic', topic: 'a' });
    cluster.topic('a', 1, 2);
  };
  play('- 49ms d', { d: again });
}));

test('a broker that lags behind and does not know a topic takes nothing away', marble((kit) => {
  const { cluster, consume, play, expectObservable } = kit;
  cluster.apply({ kind: 'staleMetadata', node: 2 });
  cluster.topic('a', 1, 3).topic('b', 1, 1);
  const script = '- 549ms b';
  const heard =  '----(adeb) 595ms f';
  const asked =  '- 102ms x 304ms x 302ms x 302ms x';
  const stop =   '1100ms !';
  expectObservable(cluster.sent('Metadata').pipe(filter((line) => line === 'metadata at b2')), stop).toBe(asked, { x: 'metadata at b2' });
  expectObservable(life(kit, consume({ mode: byHand, fetch, metadataMaxAge: 100 })), stop).toBe(heard, { ...read, f: 'a-0@3' });
  play(script, { b: () => cluster.append('a', 0, 1) });
}, 3));

test('a topic that a pattern matched and that is deleted is no reason to ask for metadata any more than ever', marble((kit) => {
  const { cluster, consume, play, expectObservable } = kit;
  cluster.topic('a', 1, 1).topic('b', 1, 1);
  const mode = asMember({ topics: [], patterns: [/^[ab]$/], heartbeatInterval: 1_000 });
  const asked = '-m 121ms m 100ms m 100ms m 30s m 30s m';       // the fetch fails; one answer, another; then it settles
  const stop =  '90s !';
  expectObservable(cluster.sent('Metadata'), stop).toBe(asked, { m: 'metadata' });
  expectObservable(consume({ mode, fetch, commit: false, metadataMaxAge: 30_000 }).pipe(mergeMap((stream) => stream.pipe(ackEach(), map(() => stream.key)))), stop).toBe('-----------ab 222ms b', { a: 'a-0', b: 'b-0' });
  play('- 49ms d', { d: () => cluster.apply({ kind: 'deleteTopic', topic: 'a' }) });
}));

test('a member that does not lead begins again in a topic that was created anew, though nobody calls the group together', marble(({ cluster, consume, told, play, scheduler, expectObservable }) => {
  cluster.topic('a', 2, 3);
  const mode = asMember({ topics: ['a'], heartbeatInterval: 10, assignors: [cooperativeSticky] });
  const joins =   '-----jj------------------jj--j--j--------j             ';       // and no more
  const lost =    '                                              - 1114ms l 31ms m';
  const records = '-----------ab 1104ms                               a 31ms b';
  const heard = (source: object): Observable<string> =>
    consume({ mode, fetch }, source).pipe(mergeMap((stream) => stream.pipe(ackEach(), filter(({ offset }) => offset === 0), map(() => stream.key))));
  expectObservable(cluster.sent('JoinGroup').pipe(map(() => 'j')), '1300ms !').toBe(joins);
  expectObservable(told('lost').pipe(map(({ partitions }) => partitions.map(({ partition }) => (partition === 0 ? 'l' : 'm')).join())), '1300ms !').toBe(lost);
  expectObservable(merge(heard({}), timer(20, scheduler).pipe(mergeMap(() => heard({})))), '1300ms !').toBe(records, { a: 'a-0', b: 'a-1' });
  const again = (): void => {
    cluster.apply({ kind: 'deleteTopic', topic: 'a' });
    cluster.topic('a', 2, 1);
  };
  play('- 1s d', { d: again });
}));

test('a topic that comes again while the group is being called together is for the next assignment to give', marble(({ cluster, consume, play, scheduler, expectObservable }) => {
  cluster.topic('a', 2, 3).topic('b', 2, 3);
  const mode = asMember({ topics: ['a', 'b'], heartbeatInterval: 3_000, assignors: [cooperativeSticky] });
  //               the leader has joined when it is there again, and the group waits for the other's heartbeat at 9 s; who has not joined goes on
  const records = '-----------ax 7307ms x 1696ms a';
  const heard = (source: object): Observable<string> =>
    consume({ mode, fetch }, source).pipe(mergeMap((stream) => stream.pipe(ackEach(), filter(({ offset }) => stream.topic === 'a' && offset === 0), map(() => stream.key))));
  expectObservable(merge(heard({}), timer(20, scheduler).pipe(mergeMap(() => heard({})))), '13s !').toBe(records, { a: 'a-0', x: 'a-1' });
  play('- 7s d 299ms c', { d: () => cluster.apply({ kind: 'deleteTopic', topic: 'a' }), c: () => cluster.topic('a', 2, 1) });
}));

/** What is read, and what becomes of the streams. */
function life({ told }: Marble, streams: Observable<PartitionStream>): Observable<string> {
  const ends = new Subject<string>();
  const records = streams.pipe(
    tap(({ key, signal }) => signal.addEventListener('abort', () => ends.next(`${key} aborted ${String(codeOf(signal.reason))}`))),
    mergeMap((stream) => stream.pipe(ackEach(), map(({ offset }) => `${stream.key}@${String(offset)}`), tap({ complete: () => ends.next(`${stream.key} completed`) }))),
  );
  const lost = told('lost').pipe(map(({ partitions, reason }) => `lost ${partitions.map(({ topic }) => topic).join()} ${String(reason)}`));
  return merge(ends, lost, records);
}
