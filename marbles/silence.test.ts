import { filter, ignoreElements, map, merge, mergeAll, mergeMap, NEVER, tap, type Observable } from 'rxjs';
import { expect, test, vi } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import { asMember, marble, NEVER_ANSWERED, ofPartitions } from '../test/support/scripted/index.ts';
import type { Marble } from '../test/support/scripted/marble.ts';

/** `stalled window 1000`: since when. */
function said({ told }: Marble): Observable<string> {
  return merge(told('stalled'), told('recovered')).pipe(map(({ kind, reason, since }) => `${kind} ${reason} ${since}`));
}

test('a window that is full for 30 s without an ack is said once, and that it goes on as well', marble((kit) => {
  const { cluster, consume, play, expectObservable } = kit;
  cluster.topic('orders', 1, 5);
  const taken: KafkaRecord[] = [];
  const script = '40500ms      a';
  const words =  '31s s 9999ms r';       // full since it was first looked at, at 1 s; looked at again at 41 s
  const stop =   '60s          !';

  expectObservable(said(kit), stop).toBe(words, { s: 'stalled window 1000', r: 'recovered window 1000' });
  expectObservable(consume({ window: { records: 3, bytes: 1e6 } }).pipe(mergeAll(), tap((record) => taken.push(record)), ignoreElements()), stop).toBe('');
  play(script, { a: () => taken[0]?.ack() });
}));

test('an ack within 30 s keeps it quiet', marble((kit) => {
  const { cluster, consume, play, expectObservable } = kit;
  cluster.topic('orders', 1, 9);
  const taken: KafkaRecord[] = [];
  const stop = '80s !';
  expectObservable(said(kit), stop).toBe('');
  expectObservable(consume({ window: { records: 3, bytes: 1e6 } }).pipe(mergeAll(), tap((record) => taken.push(record)), ignoreElements()), stop).toBe('');
  play('25s a 24999ms a', { a: () => taken.shift()?.ack() });
}));

test('a slice of the buffer that is full of records that nobody acks is said like a window', marble((kit) => {
  const { cluster, consume, expectObservable } = kit;
  cluster.topic('orders').append('orders', 0, 2, { valueBytes: 5_000 }).append('orders', 0, 2, { valueBytes: 5_000 });
  const stop = '40s !';
  expectObservable(said(kit), stop).toBe('31s s', { s: 'stalled window 1000' });
  expectObservable(consume({ maxBuffered: 8_000, fetch: { minBytes: 1, maxWait: 500, maxBytes: 8_000, maxPartitionBytes: 8_000 } }).pipe(mergeAll(), ignoreElements()), stop).toBe('');
}));

test('a partition whose subscriber waits for new records, or holds a pause, has nothing to say', marble((kit) => {
  const { cluster, consume, expectObservable } = kit;
  cluster.topic('orders', 2, 3);
  const stop = '5m !';
  const work = consume({ mode: ofPartitions(2) }).pipe(mergeMap((partition) => {
    if (partition.partition === 1) partition.pause();
    return partition.pipe(ackEach());
  }), ignoreElements());
  expectObservable(merge(said(kit), kit.told('unattended'), kit.told('commitHeldBack')), stop).toBe('');
  expectObservable(work, stop).toBe('');
}));

test('a leader that is away for 30 s is said for each of its partitions; its return as well', marble((kit) => {
  const { cluster, consume, play, expectObservable } = kit;
  cluster.topic('orders', 1, 1);
  const stop = '70s !';
  const words = said(kit).pipe(map((word) => word.replace(/\d+$/, '')));
  expectObservable(words, stop).toBe('36s s 23999ms r', { s: 'stalled broker-away ', r: 'recovered broker-away ' });
  expectObservable(consume({ backoff: { initial: 100, max: 400, jitter: 0 } }).pipe(mergeMap((partition) => partition.pipe(ackEach())), ignoreElements()), stop).toBe('');
  play('5500ms x 53499ms a', { x: () => { cluster.refuse(1); cluster.cut(1); }, a: () => { cluster.accept(1); } });
}));

test('a leader that takes requests and never answers is away', marble((kit) => {
  const { cluster, consume, expectObservable } = kit;
  cluster.topic('orders', 1, 1);
  cluster.fail('Fetch', NEVER_ANSWERED, { times: 9 });
  const stop = '50s !';
  expectObservable(said(kit).pipe(map((word) => word.replace(/\d+$/, ''))), stop).toBe('34s s', { s: 'stalled broker-away ' });
  expectObservable(consume().pipe(mergeAll(), ignoreElements()), stop).toBe('');
}));

test('a partition that nobody leads for 30 s is said', marble((kit) => {
  const { cluster, consume, play, expectObservable } = kit;
  cluster.topic('orders', 1, 1);
  const stop = '60s !';
  expectObservable(said(kit).pipe(filter((word) => word.startsWith('stalled')), map((word) => word.replace(/\d+$/, ''))), stop).toBe('35s s', { s: 'stalled no-leader ' });
  expectObservable(consume().pipe(mergeMap((partition) => partition.pipe(ackEach())), ignoreElements()), stop).toBe('');
  play('4500ms x', { x: () => { cluster.move('orders', 0, -1); } });
}));

test('a session that is over by our clock is said at once, and that it goes on', marble((kit) => {
  const { cluster, consume, play, expectObservable } = kit;
  cluster.topic('orders', 1, 1);
  const stop = '40s !';
  const words = said(kit).pipe(map((word) => word.replace(/\d+$/, '')));
  // heartbeats at 9 ms + 3 s …; the last one that is answered was sent at 9 s
  expectObservable(words, stop).toBe('20s s 9999ms r', { s: 'stalled session-expired ', r: 'recovered session-expired ' });
  expectObservable(consume({ mode: asMember({ sessionTimeout: 10_000 }), backoff: { initial: 100, max: 400, jitter: 0 } }).pipe(mergeMap((partition) => partition.pipe(ackEach())), ignoreElements()), stop).toBe('');
  play('10s x 19499ms a', { x: () => cluster.apply({ kind: 'down', node: 1 }), a: () => cluster.apply({ kind: 'up', node: 1 }) });       // who coordinates next begins all sessions anew
}));

test("a group's coordinator that does not say what is committed is away", marble((kit) => {
  const { cluster, consume, expectObservable } = kit;
  cluster.topic('orders', 1, 1);
  cluster.fail('OffsetFetch', 'COORDINATOR_NOT_AVAILABLE', { times: 999 });
  const stop = '40s !';
  expectObservable(said(kit), stop).toBe('31s s', { s: 'stalled coordinator-away 1000' });
  expectObservable(consume({ mode: ofPartitions(1, 'g') }).pipe(mergeAll(), ignoreElements()), stop).toBe('');
}));

test('a startFrom that never says where to begin is said', marble((kit) => {
  const { cluster, consume, expectObservable } = kit;
  cluster.topic('orders', 1, 1);
  const stop = '40s !';
  expectObservable(said(kit), stop).toBe('31s s', { s: 'stalled start-from 1000' });
  expectObservable(consume({ startFrom: () => NEVER, requestTimeout: 60_000 }).pipe(mergeAll(), ignoreElements()), stop).toBe('');
}));

test('a stopAt that waits for acks says so', marble((kit) => {
  const { cluster, consume, expectObservable } = kit;
  cluster.topic('orders', 1, 2);
  const stop = '40s !';
  expectObservable(said(kit), stop).toBe('31s s', { s: 'stalled unacked 1000' });
  expectObservable(consume({ stopAt: 'end' }).pipe(mergeAll(), ignoreElements()), stop).toBe('');
}));

test('one record that is not acked, while later ones are, is said after 60 s and then each minute', marble(({ cluster, consume, told, expectObservable }) => {
  cluster.topic('orders', 1, 5);
  const words = '61s a 59999ms b';
  const stop =  '130s !';
  const heldBack = told('commitHeldBack').pipe(map(({ offset, age, behind }) => `${offset} ${age} ${behind}`));
  expectObservable(heldBack, stop).toBe(words, { a: '1 60000 4', b: '1 120000 4' });
  expectObservable(consume({ mode: ofPartitions(1, 'g') }).pipe(mergeAll(), filter(({ offset }) => offset !== 1), ackEach(), ignoreElements()), stop).toBe('');
}));

test('records that nobody has acked at all hold nothing back that could be committed', marble(({ cluster, consume, told, expectObservable }) => {
  cluster.topic('orders', 1, 5);
  const stop = '130s !';
  expectObservable(told('commitHeldBack'), stop).toBe('');
  expectObservable(consume({ mode: ofPartitions(1, 'g') }).pipe(mergeAll(), ignoreElements()), stop).toBe('');
}));

test('at most once the position is committed, so no record holds that back', marble(({ cluster, consume, told, expectObservable }) => {
  cluster.topic('orders', 1, 5);
  const stop = '130s !';
  const consumed = consume({ mode: ofPartitions(1, 'g'), delivery: 'at-most-once' });
  expectObservable(told('commitHeldBack'), stop).toBe('');
  expectObservable(consumed.pipe(mergeAll(), filter(({ offset }) => offset !== 1), ackEach(), ignoreElements()), stop).toBe('');
}));

test('at most once, a coordinator that does not take the commit before delivery is away', marble((kit) => {
  const { cluster, consume, expectObservable } = kit;
  cluster.topic('orders', 1, 5);
  cluster.fail('OffsetCommit', 'COORDINATOR_NOT_AVAILABLE', { times: 999 });
  const stop = '40s !';
  expectObservable(said(kit), stop).toBe('31s s', { s: 'stalled coordinator-away 1000' });
  expectObservable(consume({ mode: ofPartitions(1, 'g'), delivery: 'at-most-once' }).pipe(mergeAll(), ackEach(), ignoreElements()), stop).toBe('');
}));

test('a stream that nobody subscribes is said though unattendedTimeout is false, and each minute again', marble(({ cluster, consume, told, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const stop = '90s !';
  expectObservable(told('unattended').pipe(map(({ reason }) => reason)), stop).toBe('1s u 59999ms u', { u: 'no subscriber' });
  expectObservable(consume({ unattendedTimeout: false }).pipe(mergeMap(() => NEVER)), stop).toBe('');
}));

test('where nobody listens to events, the process is warned', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
  marble(({ cluster, consume, expectObservable }) => {
    cluster.topic('orders', 1, 5);
    const silent = { events: undefined } as unknown as Record<string, never>;
    expectObservable(consume({ window: { records: 3, bytes: 1e6 }, ...silent }).pipe(mergeAll(), ignoreElements()), '5m !').toBe('');
  })();
  expect(warn.mock.calls).toEqual([
    [
      '3 records of orders-0 delivered, none acked for 30 s: use processRecords, ackEach or record.ack()',
      { type: 'KafkaRxWarning', code: 'KAFKA_RX_STALLED' },
    ],
  ]);
});
