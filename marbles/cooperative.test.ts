import { concat, defer, fromEvent, map, mergeMap, of, Subject, tap, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import { cooperativeSticky } from '../src/group/assignors/cooperativeSticky.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import { asMember, codeOf, marble } from '../test/support/scripted/index.ts';

const cooperative = asMember({ assignors: [cooperativeSticky], heartbeatInterval: 10 });
const coming = ['JoinGroup', 'SyncGroup', 'LeaveGroup', 'OffsetCommit'];

/** Each record, `0@5`, and the end of each stream, `0!`. `taken`: what is not acked at once. */
function lives(taken?: { push(record: KafkaRecord): void }): (streams: Observable<PartitionStream>) => Observable<string> {
  return mergeMap((stream) => {
    const records = taken === undefined ? stream.pipe(ackEach()) : stream.pipe(tap((record) => taken.push(record)));
    const end = defer(() => of(`${stream.partition}!${stream.signal.aborted ? ` ${String(codeOf(stream.signal.reason))}` : ''}`));
    return concat(records.pipe(map(({ offset }) => `${stream.partition}@${offset}`)), end);
  });
}

test('a rebalance that moves nothing adds no time to anything: streams stay, and records come as they are written', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const script =  '------------r---------w-----------';
  const sent =    '-----jks----------kt---------------';
  const seen =    '-----------b-----------c----------';
  const stop =    '---------------------------------!';

  expectObservable(cluster.sent('JoinGroup', 'SyncGroup'), stop).toBe(sent, { j: 'join', k: 'join m-1', s: 'sync m-1 in 1', t: 'sync m-1 in 2' });
  expectObservable(consume({ mode: cooperative }).pipe(lives()), stop).toBe(seen, { b: '0@0', c: '0@1' });
  play(script, { r: () => cluster.apply({ kind: 'rebalance' }), w: () => cluster.append('orders', 0, 1) });
}));

test('what the new assignment takes away is worked off and committed under the new generation, then joined again without it; the other partition does not notice', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2, 1);
  const taken = new Map<string, KafkaRecord>();
  const script =  '40ms ----------a---w---------------';       // what was delivered is acked; something is written to both
  const sent =    '-----jks-mn 17ms JK 10ms k(tu) 5ms ck 11ms K(vw) 51ms d';
  const first =   '-----------cd 29ms e 12ms f';
  const second =  '65ms ---g';
  const stop =    '120ms !';
  const later =   '--- 20ms ^ 95ms !';

  const lines = {
    ...{ j: 'join', k: 'join m-1', J: 'join', K: 'join m-2', s: 'sync m-1 in 1', t: 'sync m-1 in 2', u: 'sync m-2 in 2', v: 'sync m-2 in 3', w: 'sync m-1 in 3' },
    ...{ m: 'commit orders/0=0 in 1', n: 'commit orders/1=0 in 1', c: 'commit orders/1=1 in 2', d: 'commit orders/1=2 in 3' },
  };
  const seen = { c: '0@0', d: '1@0', e: '1!', f: '0@1', g: '1@1' };
  const consumed = consume({ mode: cooperative }, {}).pipe(lives({ push: (record) => taken.set(`${record.partition}@${record.offset}`, record) }));
  expectObservable(cluster.sent(...coming), stop).toBe(sent, lines);
  expectObservable(consumed, stop).toBe(first, seen);
  expectObservable(consume({ mode: cooperative }, {}).pipe(lives()), later).toBe(second, seen);
  play(script, { a: () => { taken.get('0@0')?.ack(); taken.get('1@0')?.ack(); }, w: () => { cluster.append('orders', 0, 1); cluster.append('orders', 1, 1); } });
}));

test('what is not acked at the deadline is given up without it, and its signal aborts; the partition that stays goes on all the time', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2, 1);
  const streams = new Subject<PartitionStream>();
  const script =  '3s w';
  const sent =    '-----jk--mn 17ms JK 10ms k 3001ms k-K';
  const first =   '-----------cd 29ms e 2958ms f';
  const aborts =  '3042ms x';
  const second =  '3046ms ---g';
  const stop =    '3700ms !';

  const lines = { j: 'join', k: 'join m-1', J: 'join', K: 'join m-2', m: 'commit orders/0=0 in 1', n: 'commit orders/1=0 in 1' };
  const seen = { c: '0@0', d: '1@0', e: '1!', f: '0@1', g: '1@0' };
  const mode = { ...cooperative, rebalanceTimeout: 5_000 };
  const consumed = consume({ mode }, {}).pipe(tap((stream) => streams.next(stream)), lives({ push: () => undefined }));
  const aborted = streams.pipe(mergeMap(({ partition, signal }) => fromEvent(signal, 'abort').pipe(map(() => `${partition} ${String(codeOf(signal.reason))}`))));
  expectObservable(cluster.sent('JoinGroup', 'OffsetCommit'), stop).toBe(sent, lines);
  expectObservable(aborted, stop).toBe(aborts, { x: '1 HAND_OVER_DEADLINE' });
  expectObservable(consumed, stop).toBe(first, seen);
  expectObservable(consume({ mode: cooperative }, {}).pipe(lives()), '--- 20ms ^ 3700ms !').toBe(second, seen);
  play(script, { w: () => cluster.append('orders', 0, 1) });
}));

test('while its join is parked a member delivers, commits and is heard of: nothing is suspended, however long the others take', marble(({ cluster, consume, play, told, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const script =  '100ms r 999ms w';        // the other one is gone without a word by then, and is waited for
  const sent =    '-----jks-m 18ms JK 10ms k(tu) 15ms c 46ms k 993ms d 999ms v';
  const seen =    '-----------b 1089ms c';
  const stop =    '3s !';

  const mode = { ...cooperative, rebalanceTimeout: 2_000 };
  const commit = { interval: 50, records: Infinity };
  const gone = consume({ mode: { ...mode, leaveOnClose: false } }, {});
  expectObservable(told('stalled'), stop).toBe('');
  const lines = {
    ...{ j: 'join', k: 'join m-1', J: 'join', K: 'join m-2', s: 'sync m-1 in 1', t: 'sync m-1 in 2', u: 'sync m-2 in 2', v: 'sync m-1 in 3' },
    ...{ m: 'commit orders/0=0 in 1', c: 'commit orders/0=1 in 2', d: 'commit orders/0=2 in 2' },
  };
  expectObservable(cluster.sent(...coming), stop).toBe(sent, lines);
  expectObservable(consume({ mode: { ...mode, sessionTimeout: 100 }, commit }, {}).pipe(lives()), stop).toBe(seen, { a: '0', b: '0@0', c: '0@1' });
  expectObservable(gone.pipe(lives()), '--- 20ms ^ 60ms !').toBe('');
  play(script, { r: () => cluster.apply({ kind: 'rebalance' }), w: () => cluster.append('orders', 0, 1) });
}));
