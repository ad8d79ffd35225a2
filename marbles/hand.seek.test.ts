import { ignoreElements, map, merge, mergeAll, mergeMap, repeat, take, tap, timer } from 'rxjs';
import { expect, test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { StartPosition } from '../src/model/startPosition.ts';
import { asMember, codeOf, marble, ofPartitions, offsets } from '../test/support/scripted/index.ts';

// Where to read on is in the user's hand: seek, startFrom, stopAt, and what the stream says of itself.

const polling = { minBytes: 1, maxWait: 20, maxBytes: 1_000_000, maxPartitionBytes: 1_000_000 };
const all = '0123456789';

/** In a log of ten records, ten ms apart, of which the group has committed four; at 50 ms. A time behind the end is the end, though the reset policy is `earliest`. */
const targets: readonly (readonly [to: StartPosition | 'committed', first: string])[] = [
  ['earliest', '0'],
  ['latest', ''],
  ['committed', '4'],
  [{ offset: 7 }, '7'],
  [{ timestamp: 25 }, '3'],
  [{ timestamp: 9_999 }, ''],
  [{ ago: 20 }, '3'],
];

test.each(targets)('a seek to %j goes on there', (to, first) => marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders');
  for (let offset = 0; offset < 10; offset++) cluster.append('orders', 0, 1, { baseTimestamp: 10 * offset });
  cluster.apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 0, offset: 4 });
  let stream: PartitionStream | undefined;
  const seen: string[] = [];
  const consumed = consume({ mode: ofPartitions(1, 'g'), commit: false, autoOffsetReset: 'earliest' }).pipe(
    tap((partition) => { stream = partition; }),
    mergeAll(),
    offsets(),
    tap((offset) => { if (seen.length > 0) seen.push(offset); }),
  );
  expectObservable(merge(consumed.pipe(ignoreElements()), timer(999).pipe(map(() => seen.join('')))), '1s !').toBe('999ms x', { x: `s${first === '' ? '' : all.slice(Number(first))}` });
  play('50ms s', { s: () => { seen.push('s'); stream?.seek(to); } });
})());

test('a seek before the first position is known is where it begins; what the look-up finds later does not count', marble(({ cluster, consume, told, expectObservable }) => {
  cluster.topic('orders', 1, 5);
  cluster.fail('ListOffsets', { delay: 30 });
  const records = '----(34)-';
  const where =   '--a------';
  const stop =    '80ms !';

  const consumed = consume({ startFrom: 'earliest' }).pipe(
    tap((partition) => { expect([partition.position, partition.lag]).toEqual([undefined, undefined]); partition.seek({ offset: 3 }); }),
    mergeAll(),
    offsets(),
  );
  expectObservable(told('positioned').pipe(map(({ to, reason }) => `${to}: ${reason}`)), stop).toBe(where, { a: '3: seek' });
  expectObservable(consumed, stop).toBe(records);
}));

test('a seek while a commit is in flight: what it makes known is overtaken, and where the seek went is committed behind it', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 5);
  cluster.inject({ api: 'OffsetCommit', kind: 'latency', delay: 30, after: 1, times: 1 });
  let stream: PartitionStream | undefined;
  const consumed = consume({ mode: ofPartitions(1, 'g'), startFrom: 'earliest', commit: { interval: 20, records: Infinity }, fetch: polling }).pipe(
    tap((partition) => { stream = partition; }),
    mergeMap((partition) => partition.pipe(take(5), ackEach())),
  );
  const commits: string[] = [];
  cluster.sent('OffsetCommit').subscribe({ next: (line) => commits.push(line), error: expect.unreachable });
  expectObservable(merge(consumed.pipe(ignoreElements()), timer(299).pipe(map(() => `${commits.join()} ${cluster.committed('g', 'orders', 0)} ${stream?.committed}`))), '300ms !')
    .toBe('299ms x', { x: 'commit orders/0=0,commit orders/0=5,commit orders/0=2 2 2' });
  play('50ms s', { s: () => { stream?.seek({ offset: 2 }); } });
}));

test('once the stream has ended a seek says so; a target that is none is one clear error, and changes nothing', marble(({ cluster, consume, hot, play, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  let stream: PartitionStream | undefined;
  const errors: unknown[] = [];
  const attempt = (to: unknown): void => {
    try {
      stream?.seek(to as StartPosition);
    } catch (error) {
      errors.push(codeOf(error));
    }
  };
  const bad = [{ offset: -1 }, { offset: NaN }, { offset: 2 ** 53 }, { offset: Infinity }, { timestamp: -1 }, { ago: NaN }, {}, null, undefined, 5, 'end'];
  const consumed = consume({ until: hot('--------u') }).pipe(tap((partition) => { stream = partition; }), mergeMap((partition) => partition.pipe(ackEach(), offsets())));
  expectObservable(consumed, '50ms !').toBe('----(01)|');
  play('------b--e', {
    b: () => { for (const to of bad) attempt(to); expect(errors.splice(0)).toEqual(bad.map(() => 'INVALID_OPTIONS')); expect(stream?.position).toBe(2); },
    e: () => { attempt('earliest'); expect(errors).toEqual(['NOT_ASSIGNED']); },
  });
}));

test('lag is counted to the last stable offset under read_committed, to the high watermark else', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  cluster.apply({ kind: 'transaction', topic: 'orders', partition: 0, producerId: 7, records: 4, ends: 'open' });
  const lags: string[] = [];
  const streams: PartitionStream[] = [];
  const read = (isolationLevel: 'read_committed' | 'read_uncommitted') =>
    consume({ isolationLevel, window: { records: 1, bytes: 1e6 }, fetch: polling }, {}).pipe(tap((stream) => streams.push(stream)), mergeAll(), ignoreElements());
  expectObservable(merge(read('read_committed'), read('read_uncommitted'), timer(99).pipe(map(() => lags.join()))), '100ms !').toBe('99ms x', { x: '1 2,1 6' });
  play('50ms l', { l: () => { for (const { position, lag } of streams) lags.push(`${position} ${lag}`); } });
}));

test('startFrom: so many ms ago is a time like any other', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders');
  for (const baseTimestamp of [-50, -30, -10]) cluster.append('orders', 0, 1, { baseTimestamp: 10_000 + baseTimestamp });
  expectObservable(cluster.sent('ListOffsets'), '30ms !').toBe('---l', { l: 'listOffsets orders/0@0' });
  expectObservable(consume({ startFrom: { ago: 40 } }).pipe(mergeAll(), offsets()), '30ms !').toBe('------(0ab)', { 0: '0', a: '1', b: '2' });
}));

test('stopAt a time: each stream ends before the first record of that time or later, and where there is none at its end', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 2);
  for (let offset = 0; offset < 4; offset++) cluster.append('orders', 0, 1, { baseTimestamp: 100 + offset }).append('orders', 1, 1, { baseTimestamp: 10 });
  const seen: string[] = [];
  const consumed = consume({ mode: ofPartitions(2), stopAt: { timestamp: 102 } }).pipe(mergeMap((stream) => stream.pipe(ackEach())), tap(({ partition, offset }) => seen.push(`${partition}@${offset}`)));
  expectObservable(consumed.pipe(ignoreElements()), '500ms !').toBe('107ms |');       // where there is none the end is asked for after a back-off
  expectObservable(timer(400).pipe(map(() => seen.sort().join(' '))), '500ms !').toBe('400ms (x|)', { x: '0@0 0@1 1@0 1@1 1@2 1@3' });
}));

const tails: readonly (readonly [string, 'open' | 'abort', 'read_committed' | 'read_uncommitted', string])[] = [
  ['an open transaction is behind the end under read_committed', 'open', 'read_committed', '01'],
  ['an open transaction counts under read_uncommitted', 'open', 'read_uncommitted', '01234'],
  ['a tail that is aborted, and its marker, are passed', 'abort', 'read_committed', '01'],
];

test.each(tails)('stopAt end: %s', (_, ends, isolationLevel, records) => {
  for (const mode of [ofPartitions(1), ofPartitions(1, 'g'), asMember()])
    marble(({ cluster, consume, expectObservable }) => {
      cluster.topic('orders', 1, 2);
      cluster.apply({ kind: 'transaction', topic: 'orders', partition: 0, producerId: 7, records: 3, ends });
      let seen = '';
      const consumed = consume({ mode, isolationLevel, stopAt: 'end', startFrom: 'earliest' }).pipe(mergeMap((stream) => stream.pipe(ackEach())), tap(({ offset }) => { seen += String(offset); }), ignoreElements());
      let completed = false;
      expectObservable(merge(consumed.pipe(tap({ complete: () => { completed = true; } })), timer(19_999).pipe(map(() => `${seen} ${completed}`))), '20s !').toBe('19999ms (x|)', { x: `${records} true` });
    })();
});

test('stopAt end and repeat({ delay }): each round reads what was written since, and stops again', marble(({ cluster, consume, play, scheduler, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  const seen: string[] = [];
  const consumed = consume({ mode: ofPartitions(1, 'g'), startFrom: 'earliest', stopAt: 'end' }).pipe(
    mergeMap((stream) => stream.pipe(ackEach(), offsets())),
    repeat({ delay: () => timer(1_000, scheduler) }),
    tap((offset) => seen.push(`${offset}:${Math.floor(scheduler.now() / 1_000)}`)),
  );
  play('1500ms w 1s x', { w: () => cluster.append('orders', 0, 1), x: () => cluster.append('orders', 0, 1) });
  expectObservable(merge(consumed.pipe(ignoreElements()), timer(4_500).pipe(map(() => seen.join(' ')))), '5s !').toBe('4500ms x', { x: '0:0 1:0 2:2 3:3' });
}));
