import { filter, ignoreElements, map, mergeMap, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { FetchRequest } from '../src/protocol/apis/fetch.ts';
import { marble, ofPartitions, offsets, type ScriptedCluster } from '../test/support/scripted/index.ts';

/** What each Fetch says itself: of a session or none, in which epoch, which partitions, and which to forget. */
function said(cluster: ScriptedCluster): Observable<string> {
  return cluster.traffic.pipe(
    filter(({ kind, api }) => kind === 'request' && api === 'Fetch'),
    map(({ sent }) => {
      const { sessionId, sessionEpoch, topics, forgottenTopicsData } = sent as FetchRequest;
      const asked = topics.flatMap(({ partitions }) => partitions.map(({ partition, fetchOffset }) => ` ${String(partition)}@${String(fetchOffset)}`));
      const forgotten = forgottenTopicsData.flatMap(({ partitions }) => partitions.map((partition) => ` -${String(partition)}`));
      return `${sessionId === 0 ? 'none' : 'session'} ${String(sessionEpoch)}:${[...asked, ...forgotten].join('')}`;
    }),
  );
}

function reading(partition: PartitionStream): Observable<string> {
  return partition.pipe(ackEach(), map(({ offset }) => `${String(partition.partition)}@${String(offset)}`));
}

const lines = { a: 'none 0: 0@0 1@0', b: 'session 1:', c: 'session 2: 1@1', r: 'session 0: 0@0 1@0' };

test('a thousand partitions in which nothing happens cost one small request for each long poll', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1_000);
  const polls = '---a 500ms b 500ms b 500ms b';
  const stop =  '1800ms !';

  const sizes = cluster.traffic.pipe(
    filter(({ kind, api }) => kind === 'request' && api === 'Fetch'),
    map(({ bytes = 0 }) => (bytes > 30_000 ? 'all' : bytes < 100 ? 'small' : String(bytes))),
  );
  expectObservable(sizes, stop).toBe(polls, { a: 'all', b: 'small' });
  expectObservable(consume({ mode: ofPartitions(1_000) }).pipe(mergeMap(reading)), stop).toBe('');
}));

test('a position that has moved is said again, and only that', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2);
  const script =  '------w';
  const asked =   '---a---b';
  const records = '-------x';
  const stop =    '400ms !';

  expectObservable(said(cluster), stop).toBe(asked, { ...lines, b: 'session 1: 1@1' });
  expectObservable(consume({ mode: ofPartitions(2) }).pipe(mergeMap(reading)), stop).toBe(records, { x: '1@0' });
  play(script, { w: () => cluster.append('orders', 1, 1) });
}));

test.each(['FETCH_SESSION_ID_NOT_FOUND', 'INVALID_FETCH_SESSION_EPOCH', 'FETCH_SESSION_TOPIC_ID_ERROR'])('%s: another session is opened after the back-off, and nobody asks who leads', (error) => marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 2);
  cluster.inject({ api: 'Fetch', kind: 'error', error, after: 1 });
  const asked =    '---a 500ms b 100ms r';
  const metadata = '-m';
  const stop =     '800ms !';

  expectObservable(said(cluster), stop).toBe(asked, lines);
  expectObservable(cluster.sent('Metadata'), stop).toBe(metadata, { m: 'metadata' });
  expectObservable(consume({ mode: ofPartitions(2) }).pipe(mergeMap(reading)), stop).toBe('');
})());

test('a session that the broker has dropped costs one back-off, and no record', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2);
  const script =  '------w--x--w';       // x: others need its slot
  const asked =   '---a---d-----f 100ms e';
  const records = '-------x-----y';       // a poll that waits is answered once more
  const stop =    '300ms !';

  expectObservable(said(cluster), stop).toBe(asked, { ...lines, d: 'session 1: 1@1', f: 'session 2: 1@2', e: 'session 0: 0@0 1@2' });
  expectObservable(consume({ mode: ofPartitions(2) }).pipe(mergeMap(reading)), stop).toBe(records, { x: '1@0', y: '1@1' });
  play(script, { x: () => { cluster.model.brokers.get(1)?.sessions.clear(); }, w: () => cluster.append('orders', 1, 1) });
}));

test('a broker that has restarted does not know the session: the next request opens one', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2);
  const script =  '------x-u';
  const asked =   '---a 103ms ac 500ms i';       // it leads in a new epoch: who asks with the old one is told so, and says them again
  const stop =    '800ms !';

  expectObservable(said(cluster), stop).toBe(asked, { ...lines, c: 'session 1: 0@0 1@0', i: 'session 2:' });
  expectObservable(consume({ mode: ofPartitions(2) }).pipe(mergeMap(reading)), stop).toBe('');
  play(script, { x: () => cluster.apply({ kind: 'down', node: 1 }), u: () => cluster.apply({ kind: 'up', node: 1 }) });
}));

test('a broker without room for a session is told everything each time', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2);
  const script =  '------w';
  const asked =   '---a---d 500ms d';
  const records = '-------x';
  const stop =    '600ms !';

  expectObservable(said(cluster), stop).toBe(asked, { ...lines, d: 'none 0: 0@0 1@1' });
  expectObservable(consume({ mode: ofPartitions(2) }).pipe(mergeMap(reading)), stop).toBe(records, { x: '1@0' });
  play(script, { w: () => cluster.append('orders', 1, 1) });
}, { settings: { fetchSessionSlots: 0 } }));

test('a partition that has enough is forgotten: no bytes of it come until there is room', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2).append('orders', 0, 1, { valueBytes: 2_000 }).append('orders', 0, 1, { valueBytes: 2_000 });
  let held: { unsubscribe(): void } | undefined;
  const script =  '------------ 50ms w 50ms (rv)';
  const asked =   '---ab 58ms c 50ms de';
  const records = '63ms x 49ms abc';
  const stop =    '300ms !';

  const fetch = { minBytes: 1, maxWait: 500, maxBytes: 1_000_000, maxPartitionBytes: 1_000 };
  const paused = (partition: PartitionStream): Observable<string> => {
    if (partition.partition === 0) held = partition.pause();
    return reading(partition);
  };
  expectObservable(said(cluster), stop).toBe(asked, { a: 'none 0: 0@0 1@0', b: 'session 1: 1@0 -0', c: 'session 2: 1@1', d: 'session 3: 0@1 1@2', e: 'session 4: 0@2' });
  expectObservable(consume({ mode: ofPartitions(2), maxBuffered: 3_000, fetch }).pipe(mergeMap(paused)), stop).toBe(records, { x: '1@0', a: '0@0', b: '1@1', c: '0@1' });
  play(script, { w: () => cluster.append('orders', 1, 1), r: () => held?.unsubscribe(), v: () => cluster.append('orders', 1, 1) });
}));

test('a seek while a fetch is in flight: its answer counts for nothing, and the new position is said in the next request', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 3).append('orders', 0, 2);
  let stream: PartitionStream | undefined;
  const script =  '---------- 20ms s';
  const asked =   '---ab 500ms cd';
  const records = '---- (01234) 495ms (34)';
  const stop =    '700ms !';

  const sought = (partition: PartitionStream): Observable<string> => {
    stream = partition;
    return partition.pipe(ackEach(), offsets());
  };
  expectObservable(said(cluster), stop).toBe(asked, { a: 'none 0: 0@0', b: 'session 1: 0@5', c: 'session 2: 0@3', d: 'session 3: 0@5' });
  expectObservable(consume().pipe(mergeMap(sought)), stop).toBe(records);
  play(script, { s: () => stream?.seek({ offset: 3 }) });
}));

test('a partition that backs off is forgotten, and said again afterwards', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2);
  const script = '------f 199ms w';
  const asked =  '---a---b 199ms c';
  const stop =   '400ms !';

  expectObservable(said(cluster), stop).toBe(asked, { a: 'none 0: 0@0 1@0', b: 'session 1: -0', c: 'session 2: 0@0 1@1' });
  expectObservable(consume({ mode: ofPartitions(2) }).pipe(mergeMap(reading), ignoreElements()), stop).toBe('');
  play(script, { f: () => cluster.failPartition('orders', 0, 'OFFSET_NOT_AVAILABLE'), w: () => cluster.append('orders', 1, 1) });
}));
