import { config, filter, ignoreElements, map, mergeAll, mergeMap, NEVER, startWith, Subject, switchMap, tap, timer, type Observable, type SchedulerAction, type SchedulerLike } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { ConsumerSettings } from '../src/consumer/settings.ts';
import type { FetchRequest } from '../src/protocol/apis/fetch.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import { asMember, marble, named, ofPartitions, offsets } from '../test/support/scripted/index.ts';

const fetching = { minBytes: 1, maxWait: 500, maxBytes: 1_000_000, maxPartitionBytes: 1_000_000 };

/** Acks all of it. */
function reading(partition: PartitionStream): Observable<string> {
  return partition.pipe(ackEach(), offsets());
}

test('groupBy: a stream that is still read after the consumer was unsubscribed keeps nothing of it alive', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const kept = new Subject<PartitionStream>();
  const sent =    '5ms jjs 2999ms h 3s h ------ l   ';
  const records = '---- 7ms 0 6003ms     #     ';       // who was left behind is told so in a later task
  const stop =    '---- 6010ms               -!     ';
  const end =     '1m !';

  expectObservable(cluster.sent('JoinGroup', 'SyncGroup', 'Heartbeat', 'LeaveGroup').pipe(map((line) => line[0])), end).toBe(sent);
  expectObservable(kept.pipe(mergeMap(reading), named()), end).toBe(records, undefined, 'CONSUMER_CLOSED');
  expectObservable(consume({ mode: asMember() }).pipe(tap((partition) => kept.next(partition)), ignoreElements()), stop).toBe('');
}));

test('retry: a round that fails when nothing is wanted any more does not end the loop mutely: what is wanted later is asked for at once', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('Fetch', { delay: 20 });
  const reads = new Subject<boolean>();
  const script =  '-----n--x 10s r     ';       // nobody reads any more, then the connection breaks; much later somebody reads again
  const fetches = '---f----- 10s -ff--';
  const records = '--------- 10s --0--';
  const stop =    '--------- 10s ----!';

  const work = (partition: PartitionStream): Observable<string> => reads.pipe(startWith(true), switchMap((on) => (on ? reading(partition) : NEVER)));
  expectObservable(cluster.sent('Fetch').pipe(map(() => 'f')), stop).toBe(fetches);
  expectObservable(consume({ unattendedTimeout: false }).pipe(mergeMap(work)), stop).toBe(records);
  play(script, { n: () => reads.next(false), x: () => { cluster.cut(1); }, r: () => reads.next(true) });
}));

test('timers: none is longer than 2³¹ ms, whatever the options say; in Node it would fire at once', () => {
  const longest = 2 ** 31 - 1;
  const delays: number[] = [];
  const draw = (commit: ConsumerSettings['commit']): (() => void) => marble(({ scheduler, cluster, consume, expectObservable }) => {
    cluster.topic('orders', 2, 3);
    const watched: SchedulerLike = {
      now: () => scheduler.now(),
      schedule: <T>(work: (this: SchedulerAction<T>, state: never) => void, delay = 0, state?: T) => {
        delays.push(delay);
        return scheduler.schedule(work as (this: SchedulerAction<T>, state?: T) => void, delay, state);
      },
    };
    const times = { metadataMaxAge: longest, unattendedTimeout: longest, requestTimeout: longest - 500, startTimeout: longest, drainTimeout: longest, closeTimeout: longest };
    const mode = asMember({ sessionTimeout: 1_800_000, rebalanceTimeout: longest - 5_000, heartbeatInterval: longest });
    expectObservable(consume({ mode, commit, ...times, scheduler: watched }).pipe(mergeMap(reading), ignoreElements()), '10s !').toBe('');
  });
  draw({ interval: longest, records: Infinity })();
  draw(false)();
  expect(Math.max(...delays)).toBeLessThanOrEqual(longest);
});

test('staleness: a slow handler that blocks past its session is noticed before the next record', marble(({ scheduler, cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 5);
  let blocked = 0;
  const clock: SchedulerLike = { now: () => scheduler.now() + blocked, schedule: scheduler.schedule.bind(scheduler) };
  const block = ({ offset }: KafkaRecord): void => { blocked += offset === 1 ? 60_000 : 2; };
  const records =    '-----------(01) 2993ms   (234)';
  const heartbeats = '--------------- 2992ms h      ';       // its answer says that the session goes on

  const consumed = consume({ mode: asMember(), scheduler: clock }).pipe(mergeMap((partition) => partition.pipe(tap(block), ackEach(), offsets())));
  expectObservable(cluster.sent('Heartbeat').pipe(map(() => 'h')), '4s !').toBe(heartbeats);
  expectObservable(consumed, '4s !').toBe(records);
}));

test('a long poll is head-of-line: while a partition waits for acks that are coming, polls of its neighbours are kept to 50 ms', marble(({ scheduler, cluster, consume, expectObservable }) => {
  cluster.topic('orders', 2);
  for (let batch = 0; batch < 3; batch++) cluster.append('orders', 1, 1, { valueBytes: 1_000 });
  const fetches = '---ab 500ms eb ------ 44ms c --- 27ms d';       // orders-1 holds its slice until its record is acked, 30 ms after it came
  const acked =   '----- 29ms 0 501ms 1- ---- 45ms - 2      ';
  const stop =    '1s !';

  const slow = (partition: PartitionStream): Observable<string> =>
    partition.pipe(mergeMap((record) => timer(30, scheduler).pipe(tap(() => { record.ack(); }), map(() => String(record.offset)))));
  const lines = { a: 'fetch orders/0@0 orders/1@0', b: 'fetch orders/0@0', e: 'fetch orders/0@0 orders/1@1', c: 'fetch orders/1@2', d: 'fetch orders/1@3' };
  expectObservable(cluster.sent('Fetch'), stop).toBe(fetches, lines);
  expectObservable(consume({ mode: ofPartitions(2), maxBuffered: 2_000, fetch: { ...fetching, maxPartitionBytes: 1_000 } }).pipe(mergeMap(slow)), stop).toBe(acked);
}));

test('fetch sessions: what plan leaves out is forgotten, else the broker would go on sending it; after a failure the old id is opened anew', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2);
  const sessions = cluster.traffic.pipe(
    filter(({ kind, api }) => kind === 'request' && api === 'Fetch'),
    map(({ sent }) => {
      const { sessionId, sessionEpoch, topics, forgottenTopicsData: forgotten } = sent as FetchRequest;
      const asked = topics.flatMap(({ partitions }) => partitions);
      return `session ${sessionId === 0 ? 'none' : 'a'} in ${String(sessionEpoch)}: ${String(asked.length)} asked for, ${String(forgotten.length)} forgotten`;
    }),
  );
  const script = '--------------f-----w 99ms -w---x';       // f: orders-0 fails and backs off; w: a record for orders-1; x: the connection breaks
  const asked =  '---a-----------b-----c 99ms -d--- 100ms e';
  const lines = {
    a: 'session none in 0: 2 asked for, 0 forgotten',
    b: 'session a in 1: 0 asked for, 1 forgotten',
    c: 'session a in 2: 1 asked for, 0 forgotten',
    d: 'session a in 3: 2 asked for, 0 forgotten',
    e: 'session a in 0: 2 asked for, 0 forgotten',
  };
  expectObservable(sessions, '400ms !').toBe(asked, lines);
  expectObservable(consume({ mode: ofPartitions(2) }).pipe(mergeMap(reading), ignoreElements()), '400ms !').toBe('');
  play(script, { f: () => { cluster.failPartition('orders', 0, 'OFFSET_NOT_AVAILABLE'); }, w: () => { cluster.append('orders', 1, 1); }, x: () => { cluster.cut(1); } });
}));

describe('events', () => {
  afterEach(() => {
    config.onUnhandledError = null;
  });

  test('events: an observer that throws does not reach the engine', () => {
    const thrown: unknown[] = [];
    config.onUnhandledError = (error) => thrown.push(error);
    marble(({ cluster, consume, expectObservable }) => {
      cluster.topic('orders', 1, 3);
      const events = (): void => { throw new Error('no'); };
      expectObservable(consume({ events }).pipe(mergeAll(), offsets()), '1s !').toBe('----(012)');
    })();
    expect(new Set(thrown.map(String))).toEqual(new Set(['Error: no']));
  });

  test('events: at most one for each batch, however many records it has', marble(({ cluster, consume, told, expectObservable }) => {
    cluster.topic('orders').append('orders', 0, 1_000).append('orders', 0, 1);
    expectObservable(told('delivered').pipe(map(({ count }) => String(count))), '1s !').toBe('----(ab)', { a: '1000', b: '1' });
    expectObservable(consume().pipe(mergeMap(reading), ignoreElements()), '1s !').toBe('');
  }));
});
