import { concat, defer, filter, map, mergeMap, of, retry, Subject, tap, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import { asMember, codeOf, marble } from '../test/support/scripted/index.ts';

const FENCED = 'FENCED_INSTANCE_ID';
const coming = ['JoinGroup', 'SyncGroup', 'LeaveGroup'];

/** A static member, which does not leave when it ends. */
const named = (instanceId: string) => asMember({ instanceId, leaveOnClose: false, heartbeatInterval: 10, sessionTimeout: 200 });

/** What is delivered: `0@5`; a partition when it begins, `0`, and when it ends, `0!`. */
function lives(streams: Observable<PartitionStream>): Observable<string> {
  return streams.pipe(
    mergeMap((stream) => {
      const end = defer(() => of(`${stream.partition}! ${stream.signal.aborted ? String(codeOf(stream.signal.reason)) : ''}`));
      return concat(of(`${stream.partition}`), stream.pipe(ackEach(), map(({ offset }) => `${stream.partition}@${offset}`)), end);
    }),
  );
}

const seen = { a: '0', b: '1', c: '0@0', d: '1@0', e: '0@1', f: '1@1', l: '0! PARTITION_LOST' };

test('a static member that is restarted within its session has its partition again; there is no rebalance, and the other one notices nothing', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2, 1);
  const sent =    '-----(jj) 17ms (st) 78ms j u                    ';       // the group begins 20 ms after the last that came
  const stays =   '--------------------- 6ms a--c 120ms e           ';
  const before =  '--------------------- 6ms b--d                   ';
  const after =   '----------------- 93ms b-- 38ms f                ';
  const written = '150ms w';
  const stop =    '299ms !';

  const lines = { j: 'join', s: 'sync a-1 in 1', t: 'sync b-2 in 1', u: 'sync b-3 in 1' };
  expectObservable(cluster.sent(...coming), stop).toBe(sent, lines);
  expectObservable(consume({ mode: named('a') }, {}).pipe(lives), stop).toBe(stays, seen);
  expectObservable(consume({ mode: named('b') }, {}).pipe(lives), '^ 59ms !').toBe(before, seen);
  expectObservable(consume({ mode: named('b') }, {}).pipe(lives), '--- 100ms ^ 195ms !').toBe(after, seen);
  play(written, { w: () => { cluster.append('orders', 0, 1); cluster.append('orders', 1, 1); } });
}, 1, 10));

test('so does a leader: it keeps the assignment that there is', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2, 1);
  const sent =    '-----(jj) 17ms (st) 78ms j u                    ';
  const before =  '--------------------- 6ms a--c                   ';
  const after =   '----------------- 93ms a-- 38ms e                ';
  const stays =   '--------------------- 6ms b--d 120ms f           ';
  const written = '150ms w';
  const stop =    '299ms !';

  const lines = { j: 'join', s: 'sync a-1 in 1', t: 'sync b-2 in 1', u: 'sync a-3 in 1' };
  expectObservable(cluster.sent(...coming), stop).toBe(sent, lines);
  expectObservable(consume({ mode: named('a') }, {}).pipe(lives), '^ 59ms !').toBe(before, seen);
  expectObservable(consume({ mode: named('b') }, {}).pipe(lives), stop).toBe(stays, seen);
  expectObservable(consume({ mode: named('a') }, {}).pipe(lives), '--- 100ms ^ 195ms !').toBe(after, seen);
  play(written, { w: () => { cluster.append('orders', 0, 1); cluster.append('orders', 1, 1); } });
}, 1, 10));

test('the older of two members of one instance is lost with the next thing that it says; it does not leave for the other, which goes on', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const sent =  '-----j s 23ms j t';
  const older = '-------a--c 28ms (l#)';
  const newer = '------------------------- 7ms a--c';
  const stop =  '150ms !';

  const lines = { j: 'join', s: 'sync i-1 in 1', t: 'sync i-2 in 1' };
  expectObservable(cluster.sent(...coming), stop).toBe(sent, lines);
  expectObservable(consume({ mode: { ...named('i'), leaveOnClose: true } }, {}).pipe(lives), stop).toBe(older, seen, FENCED);
  expectObservable(consume({ mode: named('i') }, {}).pipe(lives), '------------------------- ^ 124ms !').toBe(newer, seen);
}));

test.each([
  ['JoinGroup', '-----r', '------#'],
  ['SyncGroup', '------r', '-------#'],
  ['Heartbeat', '---------------- r', '-------a--c------(l#)'],
  ['OffsetCommit', '--------r', '-------a-(l#)'],
])('it hears of it in the answer to a %s', (api, sent, end) => marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail(api, FENCED);
  const stop = '1s !';
  expectObservable(cluster.sent(api, 'LeaveGroup').pipe(map(() => 'r')), stop).toBe(sent);
  expectObservable(consume({ mode: { ...named('i'), leaveOnClose: true } }, {}).pipe(lives), stop).toBe(end, seen, FENCED);
})());

test('a join that is parked is answered at once when the newer one comes', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const sent =  '-----j 24ms j 75ms t';
  const older = '------------------------- 6ms #';
  const newer = '------------------------- 82ms a--c';
  const stop =  '150ms !';

  expectObservable(cluster.sent(...coming), stop).toBe(sent, { j: 'join', t: 'sync i-2 in 1' });
  expectObservable(consume({ mode: named('i') }, {}).pipe(lives), stop).toBe(older, {}, FENCED);
  expectObservable(consume({ mode: named('i') }, {}).pipe(lives), '------------------------- ^ 200ms !').toBe(newer, seen);
}, 1, 100));

test('who subscribes it again hears the same, later and later, and no broker hears of it', marble(({ cluster, scheduler, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('Heartbeat', FENCED);
  const errors = '----------------- f 99ms f 199ms f 399ms f';
  const end =    '-------a--c------ l           699ms       #';
  const stop =   '1s !';

  const told = new Subject<string>();
  const work = consume({ mode: named('i') }).pipe(tap({ error: (error: unknown) => told.next(String(codeOf(error))) }), retry(3), lives);
  expectObservable(told, stop).toBe(errors, { f: FENCED });
  expectObservable(cluster.sent().pipe(filter(() => scheduler.now() > 17)), stop).toBe('');
  expectObservable(work, stop).toBe(end, seen, FENCED);
}));

test('another instance, another group and another source are free', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('Heartbeat', FENCED);
  const first = '-------a--c------(l#)';
  const fenced = consume({ mode: named('i') }).pipe(lives);
  expectObservable(fenced, '1s !').toBe(first, seen, FENCED);
  expectObservable(defer(() => fenced), '50ms ^ 1s !').toBe('50ms --- 64ms #', {}, FENCED);
  expectObservable(consume({ mode: named('j') }).pipe(lives), '200ms ^ 99ms !').toBe('210ms a--c', seen);
  expectObservable(consume({ mode: { ...named('i'), groupId: 'h' } }).pipe(lives), '400ms ^ 99ms !').toBe('407ms a--c', seen);
  expectObservable(consume({ mode: named('i') }, {}).pipe(lives), '800ms ^ 99ms !').toBe('807ms a', seen);
}));

test('one whose last commit is refused for it has been told as well: it does not come back and fence the other', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const first =   '-------a--c';
  const lives1 =  '^------------------------- !';
  const newer =   '-------------------- 7ms a--c';
  const lives2 =  '-------------------- ^ 800ms !';
  const again =   '100ms - 26ms #';       // 100 ms from the end of the first
  const lives3 =  '100ms ^ 600ms !';

  const work = consume({ mode: named('i'), commit: { interval: 5_000, records: Infinity } }).pipe(lives);
  expectObservable(work, lives1).toBe(first, seen);
  expectObservable(consume({ mode: named('i') }, {}).pipe(lives), lives2).toBe(newer, seen);
  expectObservable(defer(() => work), lives3).toBe(again, {}, FENCED);
}));

test('a stop ends the wait', marble(({ cluster, consume, hot, scheduler, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('Heartbeat', FENCED);
  const until = '--------------------u';
  const end =   '-------a--c------l--|';
  const stop =  '1s !';
  expectObservable(cluster.sent().pipe(filter(() => scheduler.now() > 17)), stop).toBe('');
  expectObservable(consume({ mode: named('i'), until: hot(until) }).pipe(retry(3), lives), stop).toBe(end, seen, FENCED);
}));

test('a static member that comes back with other topics is given its old ones, reads nothing of them, and joins anew', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1).topic('bills', 1, 1);
  const sent =    '-----j 10ms s 91ms jtl 100ms j 10ms u';
  const before =  '- 16ms a--c';
  const after =   '- 222ms a--c';
  const stop =    '500ms !';

  const lines = { j: 'join', s: 'sync a-1 in 1', t: 'sync a-2 in 1', l: 'leave a-2', u: 'sync a-3 in 3' };
  const other = { ...named('a'), topics: ['bills'] };
  expectObservable(cluster.sent(...coming), stop).toBe(sent, lines);
  expectObservable(consume({ mode: named('a') }, {}).pipe(lives), '^ 59ms !').toBe(before, seen);
  expectObservable(consume({ mode: other }, {}).pipe(lives), '--- 100ms ^ 390ms !').toBe(after, seen);
}, 1, 10));

test('it joins anew as well where the coordinator does not hear that it leaves', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1).topic('bills', 1, 1);
  cluster.inject({ api: 'LeaveGroup', kind: 'reset', when: 'before', times: 1 });
  const sent =    '-----j 10ms s 91ms jtl 101ms jum 100ms j 10ms v';
  const stop =    '400ms !';

  const lines = { j: 'join', s: 'sync a-1 in 1', t: 'sync a-2 in 1', l: 'leave a-2', u: 'sync a-3 in 1', m: 'leave a-3', v: 'sync a-4 in 3' };
  expectObservable(cluster.sent(...coming), stop).toBe(sent, lines);
  expectObservable(consume({ mode: named('a') }, {}).pipe(lives), '^ 59ms !').toBe('- 16ms a--c', seen);
  expectObservable(consume({ mode: { ...named('a'), topics: ['bills'] } }, {}).pipe(lives), '--- 100ms ^ 290ms !').toBe('- 326ms a--c', seen);
}, 1, 10));
