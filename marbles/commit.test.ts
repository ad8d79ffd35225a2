import { ignoreElements, mergeAll, mergeMap, Subject, tap, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import { marble, ofPartitions, offsets } from '../test/support/scripted/index.ts';

const alone = ofPartitions(1, 'g');
const lines = {
  0: 'commit orders/0=0',
  1: 'commit orders/0=1',
  2: 'commit orders/0=2',
  3: 'commit orders/0=3',
  4: 'commit orders/0=4',
  c: 'findCoordinator',
};

test('what is acked is committed every commit.interval, and only when there is something new', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  //               the start at once: it was not read from the group. 0 and 1 are acked at 7, 2 at 207
  const written = '-----  50ms - 150ms w';
  const commits = '-----0 50ms 2 150ms 3';       // the last commit was at 57: overdue
  const stop =    '400ms !';

  const consumed = consume({ mode: alone, commit: every(50) }).pipe(acked());
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(commits, lines);
  expectObservable(consumed, stop).toBe('');
  play(written, { w: () => cluster.append('orders', 0, 1) });
}));

test('acks out of order are committed when the one before them has come, at the latest an interval later', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  const taken: { ack(): void }[] = [];
  const acks =    '------ 93ms c-b 102ms a      ';
  const commits = '-----0 93ms --- 102ms - 44ms 3';
  const stop =    '500ms !';

  const consumed = consume({ mode: alone, commit: every(50) }).pipe(mergeAll(), tap((record) => taken.push(record)), ignoreElements());
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(commits, lines);
  expectObservable(consumed, stop).toBe('');
  play(acks, { a: () => taken[0]?.ack(), b: () => taken[1]?.ack(), c: () => taken[2]?.ack() });
}));

test('after commit.records acks of one partition the commit goes out at once', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1);
  const written = '---------w---x---w---';       // x: two records
  const commits = '-----0--------2---4--';
  const stop =    '---------------------!';

  const consumed = consume({ mode: alone, commit: { interval: 5_000, records: 2 } }).pipe(acked());
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(commits, lines);
  expectObservable(consumed, stop).toBe('');
  play(written, { w: () => cluster.append('orders', 0, 1), x: () => cluster.append('orders', 0, 2) });
}));

test('a commit says what holds when it is sent: not what held before its coordinator was found, and a seek came', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  let partition: PartitionStream | undefined;
  //               the group moves; who coordinates is asked when the back-off is over, at 158, and told 50 ms later
  const script =  '30ms   m 149ms s       ';
  const commits = '------a 50ms b 151ms c';
  const stop =    '240ms !';

  const consumed = consume({ mode: alone, commit: every(50) }).pipe(tap((stream) => { partition = stream; }), acked());
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(commits, { a: 'commit orders/0=0 at b1', b: 'commit orders/0=2 at b1', c: 'commit orders/0=0 at b2' });
  expectObservable(consumed, stop).toBe('');
  play(script, {
    m: () => { cluster.apply({ kind: 'moveCoordinator', node: 2 }); cluster.fail('FindCoordinator', { delay: 50 }); },
    s: () => partition?.seek({ offset: 0 }),
  });
}, 2));

test('one commit is under way at a time; the next one says what holds by then', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1);
  cluster.fail('OffsetCommit', { delay: 20 });
  const written = '---------w---w---w-- 6ms --w-';
  const commits = '-----0-------------- 6ms 3--4';       // the first is answered at 26
  const stop =    '50ms !';

  const consumed = consume({ mode: alone, commit: { interval: 5_000, records: 1 } }).pipe(acked());
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(commits, lines);
  expectObservable(consumed, stop).toBe('');
  play(written, { w: () => cluster.append('orders', 0, 1) });
}));

test('a commit that is refused is tried again after the back-off, where the coordinator is now, with what holds by then', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('OffsetCommit', 'NOT_COORDINATOR', { times: 2 });
  const written = '------ 100ms -- 98ms w         ';
  const asked =   '---c-0 100ms c1      200ms   c2';
  const stop =    '400ms !';

  const consumed = consume({ mode: alone, commit: every(50) }).pipe(acked());
  expectObservable(cluster.sent('OffsetCommit', 'FindCoordinator'), stop).toBe(asked, lines);
  expectObservable(consumed, stop).toBe('');
  play(written, { w: () => cluster.append('orders', 0, 1) });
}));

test('a coordinator that is away keeps commits waiting and nothing else; where it comes back they go on', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders').apply({ kind: 'moveCoordinator', node: 2 });
  const script =  '---------xw-w-w- 200ms c              ';
  const records = '-----------0-1-2 200ms                ';
  const commits = '-----a---------- 200ms -     343ms   b';       // tried until 559, further and further apart: then it is found elsewhere
  const stop =    '2s !';

  const consumed = consume({ mode: alone, commit: every(50) }).pipe(mergeMap((partition) => partition.pipe(ackEach())), offsets());
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(commits, { a: 'commit orders/0=0 at b2', b: 'commit orders/0=3 at b1' });
  expectObservable(consumed, stop).toBe(records);
  play(script, {
    x: () => { cluster.refuse(2); cluster.cut(2); },
    w: () => cluster.append('orders', 0, 1),
    c: () => { cluster.apply({ kind: 'moveCoordinator', node: 1 }); },
  });
}, 2));

test("a stream's commit() says what is acked at that moment, and completes when Kafka knows", marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  let partition: PartitionStream | undefined;
  const done = new Subject<string>();
  const commit = (name: string): void => { partition?.commit().subscribe({ complete: () => done.next(name), error: (error: unknown) => done.error(error) }); };
  const asked =     '---------a------b---';
  const commits =   '---------2----------';
  const completed = '----------a-----b---';       // nothing new at b
  const stop =      '--------------------!';

  const consumed = consume({ mode: alone, commit: false }).pipe(tap((stream) => { partition = stream; }), acked());
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(commits, lines);
  expectObservable(done, stop).toBe(completed);
  expectObservable(consumed, stop).toBe('');
  play(asked, { a: () => commit('a'), b: () => commit('b') });
}));

test('commit() while one is under way waits for it, and sends another only where that was not enough', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  cluster.fail('OffsetCommit', { delay: 20 });
  let partition: PartitionStream | undefined;
  const asked =   '---------a-----------------   ';       // 0 and 1 are acked at 7; what is under way since 5 speaks of the start
  const commits = '-----0--------------------2---';
  const stop =    '30ms !';

  const consumed = consume({ mode: alone }).pipe(tap((stream) => { partition = stream; }), acked());
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(commits, lines);
  expectObservable(consumed, stop).toBe('');
  play(asked, { a: () => partition?.commit().subscribe() });
}));

test('with commit: false nothing is committed by itself, not even at the end', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  const stop = '50ms !';
  expectObservable(cluster.sent('OffsetCommit'), '100ms !').toBe('');
  expectObservable(consume({ mode: alone, commit: false }).pipe(acked()), stop).toBe('');
}));

test('what is acked by the time of the unsubscription is committed then, and nothing after it', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  const taken: { ack(): void }[] = [];
  const acks =    '----------a---b-----';
  const commits = '-----0------1-------';
  const stop =    '------------!       ';
  const end =     '--------------------!';

  const consumed = consume({ mode: alone }).pipe(mergeAll(), tap((record) => taken.push(record)), ignoreElements());
  expectObservable(cluster.sent('OffsetCommit'), end).toBe(commits, lines);
  expectObservable(consumed, stop).toBe('');
  play(acks, { a: () => taken[0]?.ack(), b: () => taken[1]?.ack() });
}));

function every(interval: number): { readonly interval: number; readonly records: number } {
  return { interval, records: Infinity };
}

function acked(): (streams: Observable<PartitionStream>) => Observable<never> {
  return (streams) => streams.pipe(mergeMap((partition) => partition.pipe(ackEach())), ignoreElements());
}
