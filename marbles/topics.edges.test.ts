import { BehaviorSubject, filter, finalize, ignoreElements, map, merge, mergeMap, retry, Subject, takeUntil, tap, timer, type Observable } from 'rxjs';
import { expect, test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import { createCluster } from '../src/cluster/cluster.ts';
import { createCoordinator } from '../src/cluster/coordinator.ts';
import { entriesOf } from '../src/offsets/commit.ts';
import { committedAt, isDue, untilCommit } from '../src/offsets/commitPace.ts';
import { heartbeatApi } from '../src/protocol/apis/heartbeat.ts';
import { Table } from '../src/table/table.ts';
import { contextOf } from './cluster.context.ts';
import { cooperativeSticky, type TopicSelection } from '../src/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import { asMember, codeOf, marble } from '../test/support/scripted/index.ts';

const fetch = { minBytes: 1, maxWait: 10, maxBytes: 1_000_000, maxPartitionBytes: 1_000_000 };
const window = { records: 1, bytes: 1_000_000 };

function places(): (streams: Observable<PartitionStream>) => Observable<string> {
  return (streams) => streams.pipe(mergeMap((stream) => stream.pipe(ackEach(), map(({ offset }) => `${stream.key}@${String(offset)}`))));
}

/** Acks when it is told to. */
function held(streams: Observable<PartitionStream>, acks: (() => void)[]): Observable<string> {
  return streams.pipe(mergeMap((stream) => stream.pipe(tap((record) => acks.push(() => record.ack())), map(({ offset }) => `${stream.key}@${String(offset)}`))));
}

test('a topic that is deleted while the consumer drains does not make its graceful end an error', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('a', 1, 1).topic('b', 1, 1);
  const until = new Subject<void>();
  const acks: (() => void)[] = [];
  // until at 1 s, deleted at 1.5 s, acked at 2 s; over as soon as metadata has said so twice
  expectObservable(held(consume({ mode: asMember({ topics: ['a', 'b'] }), fetch, until, window }), acks)).toBe('-----------ab 2290ms |', { a: 'a-0@0', b: 'b-0@0' });
  play('- 999ms u 499ms d 499ms k', { u: () => until.next(), d: () => cluster.apply({ kind: 'deleteTopic', topic: 'a' }), k: () => acks.forEach((ack) => { ack(); }) });
}));

test('a topic that is deleted while its partition is handed over does not hold the group up', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('a', 1, 1).topic('b', 1, 2);
  const acks: (() => void)[] = [];
  const joins: number[] = [];
  const stop = '70s !';
  expectObservable(cluster.sent('JoinGroup').pipe(map(() => 'j'), tap(() => joins.push(1))), stop).toBe('-----jj 5295ms j', { j: 'j' });
  expectObservable(held(consume({ mode: asMember({ topics: ['a', 'b'] }), fetch, window, unattendedTimeout: false }), acks).pipe(filter((line) => line === 'b-0@1')), stop).toBe('- 5306ms b', { b: 'b-0@1' });
  play('- 999ms r 2999ms d 999ms k', { r: () => cluster.apply({ kind: 'rebalance' }), d: () => cluster.apply({ kind: 'deleteTopic', topic: 'a' }), k: () => acks.forEach((ack) => { ack(); }) });
}));

test('what is acked after a topic was created anew passes over nothing of the new one', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('a', 1, 3);
  const acks: (() => void)[] = [];
  // The window is full, but the next poll says at once that the id is not known (KIP-516). Acked at 2 s: of the old one, which nobody may commit.
  const consumed = consume({ mode: asMember({ topics: ['a'] }), fetch, window: { records: 3, bytes: 1_000_000 }, unattendedTimeout: false }).pipe(
    mergeMap((stream) => stream.pipe(tap((record) => (acks.length < 3 ? acks.push(() => record.ack()) : record.ack())), map(({ offset }) => `${String(stream.assignmentEpoch)}@${String(offset)}`))),
    filter((line) => line.startsWith('2@')),
  );
  expectObservable(consumed, '20s !').toBe('- 1115ms (abcde)', { a: '2@0', b: '2@1', c: '2@2', d: '2@3', e: '2@4' });
  play('- 999ms d 999ms k', { d: () => { cluster.apply({ kind: 'deleteTopic', topic: 'a' }); cluster.topic('a', 1, 5); }, k: () => acks.forEach((ack) => { ack(); }) });
}));

test('what is selected later is asked for at once, also where something else has long been without a leader', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('a', 1, 1).topic('dead', 1, 1).topic('c', 1, 1);
  cluster.move('dead', 0, -1);
  const selections = new BehaviorSubject<TopicSelection>(['a', 'dead']);
  const consumed = consume({ mode: asMember({ topics: [], selections }), fetch, commit: false }).pipe(places(), filter((place) => place.startsWith('c')));
  expectObservable(consumed, '80s !').toBe('- 70005ms c', { c: 'c-0@0' });
  play('- 69999ms s', { s: () => selections.next(['a', 'dead', 'c']) });
}));

test('a leader asks at once for what only others subscribe to: the whole group waits for it', marble(({ cluster, consume, scheduler, expectObservable }) => {
  cluster.topic('a', 1, 1).topic('dead', 1, 1).topic('c', 1, 1);
  cluster.move('dead', 0, -1);
  const one = consume({ mode: asMember({ topics: ['a', 'dead'], heartbeatInterval: 100 }), fetch, commit: false }, {}).pipe(places(), ignoreElements());
  const two = timer(70_000, scheduler).pipe(mergeMap(() => consume({ mode: asMember({ topics: ['c'] }), fetch, commit: false }, {})), places());
  expectObservable(merge(one, two), '80s !').toBe('- 70106ms c', { c: 'c-0@0' });
}));

test('a topic that is there when it is selected begins where startFrom says, also where its partition is assigned before metadata tells of it', marble(({ cluster, consume, play, scheduler, expectObservable }) => {
  cluster.topic('a', 2, 1).topic('b', 6, 3);
  cluster.apply({ kind: 'moveCoordinator', node: 2 });
  const selections = new BehaviorSubject<TopicSelection>('a');
  const mode = { heartbeatInterval: 500, assignors: [cooperativeSticky] };
  const leader = consume({ mode: asMember({ topics: ['a', 'b'], ...mode }), fetch, commit: false }, {}).pipe(places(), ignoreElements());
  const two = timer(100, scheduler).pipe(mergeMap(() => consume({ mode: asMember({ topics: [], selections, ...mode }), fetch, commit: false, startFrom: 'latest' }, {})), places());
  expectObservable(merge(leader, two), '30s !').toBe('');
  play('- 9999ms s', { s: () => { cluster.fail('Metadata', { delay: 8_000 }); selections.next(['a', 'b']); } });
}, 2));

test('a fence falls with the one who set it up: of two in one process the newcomer may start again', marble(({ cluster, consume, play, scheduler, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const mode = asMember({ instanceId: 'i', leaveOnClose: false, heartbeatInterval: 100, sessionTimeout: 6_000 });
  const older = consume({ mode, fetch }).pipe(places());
  let failed = false;
  const fails = tap<string>((place) => {
    if (place !== 'orders-0@1' || failed) return;
    failed = true;
    throw new Error('of the handler');
  });
  const newer = timer(1_000, scheduler).pipe(mergeMap(() => consume({ mode, fetch }).pipe(places(), fails, retry(1))));
  expectObservable(older, '20s !').toBe('----------a 1005ms #', { a: 'orders-0@0' }, 'FENCED_INSTANCE_ID');
  expectObservable(newer, '20s !').toBe('- 1009ms a 8010ms c', { a: 'orders-0@0', c: 'orders-0@2' });
  play('- 4999ms w 3999ms x', { w: () => cluster.append('orders', 0, 1), x: () => cluster.append('orders', 0, 1) });
}));

test('a graceful end commits what is acked, also while one broker says that the topic is another one', marble(({ cluster, consume, play, flush, expectObservable }) => {
  cluster.topic('a', 1, 3).apply({ kind: 'staleMetadata', node: 2 });
  cluster.apply({ kind: 'deleteTopic', topic: 'a' });
  cluster.topic('a', 1, 3);
  const until = new Subject<void>();
  const consumed = consume({ mode: asMember({ topics: ['a'] }), fetch, until, metadataMaxAge: 100, commit: { interval: 60_000, records: Infinity } }).pipe(places(), ignoreElements());
  expectObservable(consumed.pipe(tap({ complete: () => expect(cluster.committed('g', 'a', 0)).toBe(3) }))).toBe('- 351ms |');
  play('- 249ms u', { u: () => until.next() });
  flush();
}, 2));

test('a topic that matched and is gone before its mark is known holds the start up no more', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('a', 1, 1).topic('ab', 1, 1);
  cluster.fail('ListOffsets', 'NOT_LEADER_OR_FOLLOWER', { times: 2 });
  expectObservable(consume({ mode: asMember({ topics: [], patterns: [/^a/] }), fetch, stopAt: 'end' }).pipe(places(), map(() => 'a')), '70s !').toBe('- 413ms a--|');
  play('- 19ms d', { d: () => cluster.apply({ kind: 'deleteTopic', topic: 'ab' }) });
}));

test('a selection that comes while the consumer before still closes is not forgotten', marble(({ cluster, consume, play, scheduler, expectObservable }) => {
  cluster.topic('a', 1, 2);
  const selections = new Subject<TopicSelection>();
  const consumed = consume({ mode: asMember({ topics: [], selections }), fetch }).pipe(places());
  expectObservable(consumed.pipe(map(() => 'r')), '^ 299ms !').toBe('- 111ms (rr)');
  expectObservable(timer(400, scheduler).pipe(mergeMap(() => consumed), catchCode()), '80s !').toBe('');
  play('s 298ms f 199ms - s', { s: () => selections.next('a'), f: () => cluster.fail('OffsetCommit', { delay: 1_000 }) });
}));

function catchCode(): (source: Observable<string>) => Observable<string> {
  return (source) => source.pipe(tap({ error: (error: unknown) => expect.unreachable(String(codeOf(error))) }));
}

test('a request that there is nothing to send of any more is over at once', marble((kit) => {
  const context = contextOf(kit);
  const cluster = createCluster(context, () => []);
  const coordinator = createCoordinator(context, cluster, 'g');
  const nothing = coordinator.request('control', heartbeatApi, () => undefined, 1_000).pipe(finalize(() => cluster.close()));
  kit.expectObservable(merge(cluster.refreshing.pipe(takeUntil(timer(600, kit.scheduler))), nothing.pipe(tap({ complete: () => expect(kit.scheduler.now()).toBeLessThan(10) }))).pipe(ignoreElements()), '700ms !').toBe('600ms |');
}));

test('a commit is due only where there is something to commit: a place that is looked for is not committed again', () => {
  const table = new Table({ window, delivery: 'at-least-once', maxBuffered: 1, commitEvery: Infinity }, () => undefined);
  const cursor = table.assign({ topic: 'a', partition: 0 }, { kind: 'locating', target: { kind: 'place', at: 'latest' }, reason: 'seek' });
  cursor.commits.known(0);
  const [kept, now] = [12 * 3_600_000, 13 * 3_600_000];
  expect(entriesOf([cursor], (one) => isDue(one, kept, now))).toEqual([]);
  expect(untilCommit(committedAt(0), [cursor], { interval: 5_000, every: Infinity, kept }, now)).toBeGreaterThan(0);
});
