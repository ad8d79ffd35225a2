import { ignoreElements, mergeMap, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import { marble, ofPartitions } from '../test/support/scripted/index.ts';

/** Nothing is written: a poll takes as long as it may. */
const calm = { minBytes: 1, maxWait: 600_000, maxBytes: 1e6, maxPartitionBytes: 1e6 };

test('a partition whose commits are refused backs off by itself: its neighbour is committed every interval', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2, 1);
  cluster.inject({ api: 'OffsetCommit', topic: 'orders', partition: 0, times: Infinity, kind: 'error', error: 'TOPIC_AUTHORIZATION_FAILED' });
  const written = '-----------    39ms w 49ms w 49ms w 49ms w 49ms w';
  //               orders-0 is tried again at 106 and, twice as long behind that, at 307; in the meantime it is as if it were not there
  const commits = '-----ab 50ms c 48ms d 50ms e 50ms f 50ms g';
  const stop =    '300ms !';

  const consumed = consume({ mode: ofPartitions(2, 'g'), commit: { interval: 50, records: Infinity } }).pipe(acked());
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(commits, {
    ...{ a: 'commit orders/0=0', b: 'commit orders/1=0', c: 'commit orders/1=2', d: 'commit orders/0=1 orders/1=3' },
    ...{ e: 'commit orders/1=4', f: 'commit orders/1=5', g: 'commit orders/1=6' },
  });
  expectObservable(consumed, stop).toBe('');
  play(written, { w: () => cluster.append('orders', 1, 1) });
}));

test('what a group without members has committed is committed again after 12 hours though nothing changes: Kafka forgets it else', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1);
  const commits = '-----a 43200000ms a';
  const stop =    '721m !';

  const consumed = consume({ mode: ofPartitions(1, 'g'), fetch: calm }).pipe(acked());
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(commits, { a: 'commit orders/0=0' });
  expectObservable(consumed, stop).toBe('');
}));

function acked(): (streams: Observable<PartitionStream>) => Observable<never> {
  return (streams) => streams.pipe(mergeMap((partition) => partition.pipe(ackEach())), ignoreElements());
}
