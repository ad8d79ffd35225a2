import { catchError, map, mergeMap, of, skip, tap, timer, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { AutoOffsetReset } from '../src/model/startPosition.ts';
import { asMember, codeOf, marble, offsets, type Marble, type ScriptedCluster } from '../test/support/scripted/index.ts';

/** The log is cut to `end`, by an election of a replica that did not have it all, and others write there: `n` batches of one record. */
function cut(cluster: ScriptedCluster, end: number, n: number): void {
  cluster.apply({ kind: 'truncate', topic: 'orders', partition: 0, end });
  for (let i = 0; i < n; i++) cluster.append('orders', 0, 1);
}

const positions = ({ told }: Marble): Observable<string> =>
  told('positioned').pipe(map(({ from, to, reason }) => `${from === undefined ? '' : `${String(from)} to `}${String(to)}: ${reason}`));

/** Six batches of one record. */
function six(cluster: ScriptedCluster): void {
  cluster.topic('orders');
  for (let i = 0; i < 6; i++) cluster.append('orders', 0, 1);
}

const reading = (partition: PartitionStream): Observable<string> => partition.pipe(ackEach(), offsets(), catchError((error: unknown) => of(codeOf(error) === 'LOG_TRUNCATED' ? 'T' : 'x')));

test.each<readonly [AutoOffsetReset, string, string]>([
  ['earliest', '- 11ms e', '---- (012345) - (3456) 23ms 7'],
  ['latest', '- 13ms l', '---- (012345) 30ms 7'],
  ['none', '', '---- (012345) T'],
])('autoOffsetReset %s: a log that was cut below what was delivered, and grew again', (autoOffsetReset, announced, records) => marble((drawn) => {
  const { cluster, consume, play, expectObservable } = drawn;
  six(cluster);
  const script = '----------x 30ms w';
  const stop =   '800ms !';

  expectObservable(positions(drawn).pipe(skip(1)), stop).toBe(announced, { e: '6 to 3: truncated', l: '6 to 7: truncated' });
  expectObservable(consume({ autoOffsetReset }).pipe(mergeMap(reading)), stop).toBe(records);
  play(script, { x: () => { cut(cluster, 3, 4); }, w: () => cluster.append('orders', 0, 1) });
})());

test('what is not acked is delivered again with it', marble((drawn) => {
  const { cluster, consume, play, expectObservable } = drawn;
  six(cluster);
  const script =    '----------x';
  const stop =      '300ms !';

  expectObservable(positions(drawn).pipe(skip(1)), stop).toBe('- 11ms p', { p: '6 to 2: truncated' });
  expectObservable(consume().pipe(mergeMap((partition) => partition.pipe(tap((record) => { if (record.offset < 2) record.ack(); }), offsets()))), stop).toBe('---- (012345) - (23456)');
  play(script, { x: () => { cut(cluster, 3, 4); } });
}));

test('at most once nothing that was delivered is delivered again, but for the new records in its place', marble((drawn) => {
  const { cluster, consume, play, expectObservable } = drawn;
  six(cluster);
  const script =    '----------------------x';
  const stop =      '300ms !';

  expectObservable(positions(drawn).pipe(skip(1)), stop).toBe('- 23ms p', { p: '6 to 3: truncated' });
  expectObservable(consume({ mode: asMember(), delivery: 'at-most-once' }).pipe(mergeMap((partition) => partition.pipe(offsets()))), stop).toBe('- 11ms 0 (12345) 6ms 3 (456)');
  play(script, { x: () => { cut(cluster, 3, 4); } });
}));

test('behind what was delivered: what is buffered of it is dropped, the position stays and is told', marble((drawn) => {
  const { cluster, consume, play, expectObservable } = drawn;
  six(cluster);
  let held: { unsubscribe(): void } | undefined;
  const script =    '----------x 300ms r';
  const stop =      '700ms !';

  const two = (partition: PartitionStream): Observable<string> =>
    partition.pipe(tap((record) => { record.ack(); if (record.offset === 1) held = partition.pause(); }), offsets());
  expectObservable(positions(drawn).pipe(skip(1)), stop).toBe('- 11ms p', { p: '2 to 2: truncated' });
  expectObservable(consume({ autoOffsetReset: 'none' }).pipe(mergeMap(two)), stop).toBe('---- (01) 303ms (23456)');
  play(script, { x: () => { cut(cluster, 3, 4); }, r: () => held?.unsubscribe() });
}));

test('exactly at what was read: nothing is lost, so nothing is told', marble((drawn) => {
  const { cluster, consume, play, expectObservable } = drawn;
  six(cluster);
  const script =    '----------x';
  const stop =      '300ms !';

  expectObservable(positions(drawn).pipe(skip(1)), stop).toBe('');
  expectObservable(consume({ autoOffsetReset: 'none' }).pipe(mergeMap(reading)), stop).toBe('---- (012345) (67)');
  play(script, { x: () => { cut(cluster, 6, 2); } });
}));

test('stopAt in a group: a log that was cut below its mark ends there, and so does the consumer', marble((drawn) => {
  const { cluster, consume, play, expectObservable } = drawn;
  six(cluster);
  let held: { unsubscribe(): void } | undefined;
  const script =  '30ms x 269ms r';

  const two = (partition: PartitionStream): Observable<string> =>
    partition.pipe(tap((record) => { record.ack(); if (record.offset === 1) held = partition.pause(); }), offsets());
  // Two batches have room, one is delivered: the mark is not fetched before the cut.
  const fetch = { minBytes: 1, maxWait: 500, maxBytes: 1_000_000, maxPartitionBytes: 1 };
  expectObservable(positions(drawn).pipe(skip(1))).toBe('302ms p', { p: '5 to 3: truncated' });
  expectObservable(consume({ mode: asMember(), stopAt: 'end', maxBuffered: 150, fetch }).pipe(mergeMap(two))).toBe('12ms 01 286ms (234)|');
  play(script, { x: () => { cut(cluster, 3, 1); }, r: () => held?.unsubscribe() });
}));

test('what a group has committed says of which epoch: the next consumer notices as well', marble((drawn) => {
  const { cluster, consume, play, expectObservable } = drawn;
  six(cluster);
  const script =    '7s x';
  const stop =      '9s !';

  expectObservable(consume({ mode: asMember() }, {}).pipe(mergeMap(reading)), '6s !').toBe('- 10ms (012345)');
  expectObservable(positions(drawn).pipe(skip(1)), stop).toBe('8009ms c - p', { c: '6: committed', p: '6 to 3: truncated' });
  const next = timer(8_000, drawn.scheduler).pipe(mergeMap(() => consume({ mode: asMember() }, {})), mergeMap(reading));
  expectObservable(next, stop).toBe('8012ms (3456)');
  play(script, { x: () => { cut(cluster, 3, 4); } });
}));

test('a clean move of the leader of a log in which nothing was written is no truncation, wherever the position was found', marble((drawn) => {
  const { cluster, consume, play, expectObservable } = drawn;
  cluster.topic('orders', 1, 5, { replicationFactor: 2 });
  cluster.move('orders', 0, 2);       // leads in a new epoch, and writes nothing in it
  const script =    '----------x 50ms w';
  const stop =      '300ms !';

  expectObservable(positions(drawn).pipe(skip(1)), stop).toBe('');
  expectObservable(consume({ startFrom: 'latest', autoOffsetReset: 'none' }).pipe(mergeMap(reading)), stop).toBe('62ms 5');
  play(script, { x: () => cluster.move('orders', 0, 1), w: () => cluster.append('orders', 0, 1) });
}, 2));
