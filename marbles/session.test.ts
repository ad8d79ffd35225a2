import { filter, fromEvent, ignoreElements, map, merge, mergeMap, NEVER, scan, tap, timer, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach, processRecords } from '../operators/index.ts';
import { asMember, marble } from '../test/support/scripted/index.ts';
import type { Marble } from '../test/support/scripted/marble.ts';

const seldom = { minBytes: 1, maxWait: 60_000, maxBytes: 1e6, maxPartitionBytes: 1e6 };

/** What is told of the membership, and of sessions that are over by our clock. */
function said({ told }: Marble): Observable<string> {
  return merge(
    merge(told('stalled'), told('recovered')).pipe(filter(({ reason }) => reason === 'session-expired'), map(({ kind }) => kind)),
    merge(told('joined'), told('lost'), told('revoked')).pipe(map(({ kind }) => kind)),
  );
}

const words = { j: 'joined', s: 'stalled', r: 'recovered', l: 'lost' };

test('all brokers away for 60 s, for longer than the session: handlers finish and ack, and nothing is repeated afterwards', marble((kit) => {
  const { cluster, consume, play, expectObservable } = kit;
  cluster.topic('orders', 1, 8);
  const script =  '10s x 59999ms y 19999ms w';
  const events =  '--------j 54991ms s 17999ms r';
  const sent =    '-----jk--a 8001ms b 64702ms c 8001ms d 17284ms e';
  const done =    '8011ms 0 7999ms 1 7999ms 2 7999ms 3 7999ms 4 7999ms 5 7999ms 6 24704ms 7 17284ms 8';
  const stop =    '120s !';

  // Each takes 8 s. The session is over at 54 s: what is being worked on then is finished and acked, and nothing more is begun.
  const work = consume({ mode: asMember() }).pipe(processRecords(({ offset }) => timer(8_000).pipe(map(() => String(offset)))));
  expectObservable(said(kit), stop).toBe(events, words);
  expectObservable(cluster.sent('OffsetCommit', 'JoinGroup', 'LeaveGroup'), stop).toBe(sent, {
    ...{ j: 'join', k: 'join m-1', a: 'commit orders/0=0 in 1', b: 'commit orders/0=1 in 1' },
    ...{ c: 'commit orders/0=7 in 1', d: 'commit orders/0=8 in 1', e: 'commit orders/0=9 in 1' },
  });
  expectObservable(work, stop).toBe(done);
  play(script, {
    x: () => cluster.apply({ kind: 'down', node: 1 }),
    y: () => cluster.apply({ kind: 'up', node: 1 }),
    w: () => cluster.append('orders', 0, 1),
  });
}));

test.each([110, 112, 114, 116, 118, 120])('a coordinator that comes back begins all sessions anew: however long it was away (%i s), it hears of us within a short one', (away) => marble((kit) => {
  const { cluster, consume, play, expectObservable } = kit;
  cluster.topic('orders', 1, 1);
  const script = `10s x ${away}s y`;
  const stop =   '180s !';

  const work = consume({ mode: asMember({ sessionTimeout: 6_000, heartbeatInterval: 2_000 }) }).pipe(mergeMap((stream) => stream.pipe(ackEach())), ignoreElements());
  expectObservable(said(kit).pipe(filter((word) => word !== 'recovered')), stop).toBe('--------j 14991ms s', words);       // and never lost
  expectObservable(work, stop).toBe('');
  play(script, {
    x: () => cluster.apply({ kind: 'down', node: 1 }),
    y: () => cluster.apply({ kind: 'up', node: 1 }),
  });
})());

test('a handler that takes an hour: heartbeats and membership are as ever', marble((kit) => {
  const { cluster, consume, expectObservable } = kit;
  cluster.topic('orders', 1, 1);
  const beats = '--- 3001003ms b';       // the thousandth: each comes 3 s after the answer to the one before it
  const done =  '--- 3600008ms d';
  const stop =  '61m !';

  const work = consume({ mode: asMember(), fetch: seldom }).pipe(processRecords(() => timer(3_600_000).pipe(map(() => 'd'))));
  expectObservable(cluster.sent('Heartbeat').pipe(scan((count) => count + 1, 0), filter((count) => count === 1_000), map(() => 'b')), stop).toBe(beats);
  expectObservable(said(kit), stop).toBe('--------j', words);
  expectObservable(work, stop).toBe(done);
}));

test('while the session is over by our clock: what is held is kept, its signal does not abort, and acks are tried under the old generation', marble((kit) => {
  const { cluster, consume, play, expectObservable } = kit;
  cluster.topic('orders', 1, 2);
  const taken: { ack(): void }[] = [];
  const script =  '500ms x 1999ms a 499ms y';
  const stop =    '5s !';

  const options = { mode: asMember({ sessionTimeout: 1_000, heartbeatInterval: 100 }), commit: { interval: 50, records: Infinity } };
  const work = consume(options).pipe(
    mergeMap((stream) => merge(stream.pipe(tap((record) => taken.push(record)), ignoreElements()), fromEvent(stream.signal, 'abort').pipe(map(() => 'aborted')))),
  );
  expectObservable(said(kit), stop).toBe('--------j 1991ms s 1999ms r', words);
  expectObservable(cluster.sent('OffsetCommit', 'JoinGroup'), stop).toBe('-----jk--a 3055ms b', { j: 'join', k: 'join m-1', a: 'commit orders/0=0 in 1', b: 'commit orders/0=1 in 1' });
  expectObservable(work, stop).toBe('');
  play(script, {
    x: () => cluster.apply({ kind: 'down', node: 1 }),
    a: () => taken[0]?.ack(),
    y: () => cluster.apply({ kind: 'up', node: 1 }),
  });
}));

test('lost while a handler runs that does not look up: its signal aborts, its ack is dropped, and the group is joined again without it', marble((kit) => {
  const { cluster, consume, play, expectObservable } = kit;
  cluster.topic('orders', 1, 2);
  const script = '2s x';
  const stop =   '10s !';

  const work = consume({ mode: asMember(), commit: { interval: 1_000, records: Infinity } }).pipe(processRecords(({ offset }, { signal }) => merge(timer(5_000).pipe(map(() => `done ${offset}`)), fromEvent(signal, 'abort').pipe(map(() => 'aborted')))));
  expectObservable(said(kit), stop).toBe('--------j 2999ms l 102ms j', words);
  expectObservable(cluster.sent('OffsetCommit', 'JoinGroup', 'LeaveGroup'), stop).toBe('-----jk--a 3098ms jm', { j: 'join', k: 'join m-1', m: 'join m-2', a: 'commit orders/0=0 in 1' });
  expectObservable(work, stop).toBe('3008ms x 2002ms d 3101ms d', { x: 'aborted', d: 'done 0' });
  play(script, { x: () => cluster.apply({ kind: 'evict' }) });
}));

test('a member that is lost again and again comes back later and later', marble((kit) => {
  const { cluster, consume, expectObservable } = kit;
  cluster.topic('orders', 1, 2);
  const stop =   '10s !';
  cluster.fail('JoinGroup', 'UNKNOWN_MEMBER_ID', { times: 6 });
  expectObservable(said(kit), stop).toBe('6314ms j', words);
  expectObservable(cluster.sent('JoinGroup'), stop).toBe('-----j 100ms j 200ms j 400ms j 800ms j 1600ms j 3200ms jk', { j: 'join', k: 'join m-1' });
  expectObservable(consume({ mode: asMember() }).pipe(processRecords(() => NEVER)), stop).toBe('');
}));

test.each([
  ['UNKNOWN_MEMBER_ID', '21ms #', 'COMMIT_FAILED'],
  ['ILLEGAL_GENERATION', '22ms #', 'COMMIT_FAILED'],       // it leaves, which its id is still good for
  ['FENCED_INSTANCE_ID', '21ms #', 'FENCED_INSTANCE_ID'],
])('a stop whose last commit is refused with %s is no success', (refusal, end, code) => marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.inject({ api: 'OffsetCommit', after: 1, times: Infinity, kind: 'error', error: refusal });
  const until = '20ms u';
  const stop =  '10s !';

  const work = consume({ mode: asMember(), until: hot(until) }).pipe(mergeMap((stream) => stream.pipe(ackEach())), ignoreElements());
  expectObservable(work, stop).toBe(end, {}, code);
})());
