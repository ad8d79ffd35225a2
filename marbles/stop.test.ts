import { bufferCount, catchError, concat, concatMap, delay, EMPTY, ignoreElements, map, mergeAll, mergeMap, of, retry, Subject, take, tap, timer, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import { asMember, codeOf, marble, named, NEVER_ANSWERED, ofPartitions, offsets } from '../test/support/scripted/index.ts';

const lines = {
  0: 'commit orders/0=0',
  1: 'commit orders/0=1',
  3: 'commit orders/0=3',
  4: 'commit orders/0=4',
  n: 'commit orders/0=0 in 1',
  p: 'commit orders/0=1 in 1',
  j: 'join',
  m: 'join m-1',
  f: 'fetch orders/0@0',
  g: 'fetch orders/0@1',
  h: 'heartbeat m-1 in 1',
  l: 'leave m-1',
};

test('until: the streams complete first, so that buffers flush; then acks are awaited, committed, and the consumer completes', marble(({ scheduler, cluster, consume, hot, expectObservable }) => {
  cluster.topic('orders', 1, 4);
  const until =   '--------------------u----------';
  const batches = '------------a------------b|    ';       // 0 to 2 are worked on for 5 ms; 3 lies in the buffer until the stream completes
  const commits = '-----0-------------------4-----';
  const stop =    '------------------------------!';

  const work = (batch: readonly KafkaRecord[]): Observable<string> =>
    timer(5, scheduler).pipe(
      tap(() => batch.forEach((record) => record.ack())),
      map(() => batch.map(({ offset }) => offset).join()),
    );
  const consumed = consume({ mode: ofPartitions(1, 'g'), until: hot(until) }).pipe(mergeMap((partition) => partition.pipe(bufferCount(3), concatMap(work))));
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(commits, lines);
  expectObservable(consumed, stop).toBe(batches, { a: '0,1,2', b: '3' });
}));

test('heartbeats go on while it drains, nothing is fetched or joined any more, and the last word is a LeaveGroup', marble(({ cluster, consume, play, hot, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const taken: KafkaRecord[] = [];
  const until = '---------------- 4ms  u                 ';
  const acks =  '---------------- 4ms  -       20ms  a   ';
  const sent =  '-----jm--nfg-----h 10ms h 10ms h -  pl  ';
  const end =   '---------------- 4ms  -       20ms  --| ';
  const stop =  '100ms !';

  const consumed = consume({ mode: asMember({ heartbeatInterval: 10 }), until: hot(until) }).pipe(mergeAll(), tap((record) => taken.push(record)), ignoreElements());
  expectObservable(cluster.sent('OffsetCommit', 'Heartbeat', 'LeaveGroup', 'JoinGroup', 'Fetch'), stop).toBe(sent, lines);
  expectObservable(consumed, stop).toBe(end);
  play(acks, { a: () => taken[0]?.ack() });
}));

test('drainTimeout: what is not acked by then is given up, and said', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  const until = '----------u            ';
  const end =   '---------- 50ms #      ';
  const stop =  '200ms !';

  expectObservable(consume({ drainTimeout: 50, until: hot(until) }).pipe(mergeAll(), ignoreElements()), stop).toBe(end, {}, 'DRAIN_TIMED_OUT');
}));

test('what it began with goes before what the last commit ends with', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  cluster.fail('OffsetCommit', 'OFFSET_METADATA_TOO_LARGE', { times: 9 });
  const until = '----------u            ';
  const end =   '---------- 51ms #      ';       // 50 ms of patience, and the answer to the commit of what is acked
  const stop =  '200ms !';

  const consumed = consume({ mode: ofPartitions(1, 'g'), drainTimeout: 50, until: hot(until) }).pipe(mergeAll(), tap((record) => { if (record.offset === 0) record.ack(); }), ignoreElements());
  expectObservable(consumed, stop).toBe(end, {}, 'DRAIN_TIMED_OUT');
}));

test('until before anything is assigned stops at once', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  const until = '-u-----';
  const end =   '-|     ';
  const stop =  '------!';
  expectObservable(consume({ until: hot(until) }).pipe(mergeAll()), stop).toBe(end);
}));

test("a commit that is not answered within closeTimeout ends a stop with an error, in bounded time", marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('OffsetCommit', NEVER_ANSWERED, { times: 9 });
  const until = '----------u            ';
  const end =   '---------- 40ms #      ';
  const stop =  '200ms !';
  expectObservable(consume({ mode: ofPartitions(1, 'g'), closeTimeout: 40, until: hot(until) }).pipe(mergeMap((partition) => partition.pipe(ackEach())), ignoreElements()), stop).toBe(end, {}, 'COMMIT_FAILED');
}));

test("stopAt 'end': each stream ends where its log did at the beginning, and the consumer when all of it is acked", marble(({ scheduler, cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2, 2);
  const written = '----w              ';
  const records = '---------------- (01ab|)';       // 2 was written after the beginning
  const stop =    '100ms !';

  const consumed = consume({ mode: ofPartitions(2), stopAt: 'end' }).pipe(
    mergeMap((partition) => partition.pipe(delay(10, scheduler), ackEach(), map(({ offset }) => (partition.partition === 0 ? '012' : 'ab')[offset]))),
  );
  expectObservable(consumed, stop).toBe(records);
  play(written, { w: () => cluster.append('orders', 0, 1) });
}));

test('a mark behind a control batch is reached without a record, and opens no second stream', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 2, 1).append('orders', 0, 1, { isTransactional: true, isControl: true });
  const streams = '----(ab)-----';       // the answer comes at 6; orders-1 is never acked, so that the consumer goes on
  const stop =    '------------!';

  const streamed = consume({ mode: ofPartitions(2), stopAt: 'end' }).pipe(
    mergeMap((stream) => concat(of(stream.key), stream.pipe(tap((record) => { if (record.partition === 0) record.ack(); }), ignoreElements()))),
  );
  expectObservable(streamed, stop).toBe(streams, { a: 'orders-0', b: 'orders-1' });
}));

test('in a group, stopAt waits until the group as a whole has committed up to all marks', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2, 1);
  const taken: KafkaRecord[] = [];
  const acks =   '300ms a 399ms b';       // of orders-0, by the one; of orders-1, by the other
  const one =    '300ms - 399ms ----|';
  const other =  '300ms - 399ms ---|';
  const stop =   '2s !';

  const work = (): Observable<never> =>
    consume({ mode: asMember({ heartbeatInterval: 10 }), commit: { interval: 100, records: Infinity }, stopAt: 'end' }, {}).pipe(
      mergeAll(),
      tap((record) => taken.push(record)),
      ignoreElements(),
    );
  const ack = (partition: number): void => taken.filter((record) => record.partition === partition).forEach((record) => record.ack());
  expectObservable(work(), stop).toBe(one);
  expectObservable(work(), stop).toBe(other);
  play(acks, { a: () => ack(0), b: () => ack(1) });
}, 1, 10));       // both are in the first generation

test('a record that nobody acks keeps a stopAt waiting, without limit', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const taken: KafkaRecord[] = [];
  const acks = '-------- 5m a';
  const end =  '-------- 5m |';
  const stop = '10m !';

  const consumed = consume({ stopAt: 'end', drainTimeout: 50 }).pipe(mergeAll(), tap((record) => taken.push(record)), ignoreElements());
  expectObservable(consumed, stop).toBe(end);
  play(acks, { a: () => taken[0]?.ack() });
}));

test('an error that cannot be healed completes the streams and reaches the outer error, even under a bare inner retry()', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const script =  '----------x             ';
  const records = '----0------ 92ms #      ';       // at 102 who leads what is asked anew
  const stop =    '500ms !';

  const consumed = consume().pipe(mergeMap((partition) => partition.pipe(retry(), offsets())), named());
  expectObservable(consumed, stop).toBe(records, undefined, 'TLS_FAILED');
  play(script, { x: () => { cluster.refuse(1, 'TLS_FAILED'); cluster.cut(1); } });
}));

test('an error that cannot be healed: streams complete at once; what is acked is committed, and the group left, before the outer error', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1).apply({ kind: 'moveCoordinator', node: 2 });
  const script =  '------------x             ';
  const sent =    '-----jm--n------ 87ms pl  ';
  const records = '-----------0---- 87ms c-# ';
  const stop =    '500ms !';

  const consumed = consume({ mode: asMember() }).pipe(mergeMap((partition) => concat(partition.pipe(ackEach(), offsets()), of('completed'))), named());
  expectObservable(cluster.sent('OffsetCommit', 'JoinGroup', 'LeaveGroup').pipe(map((line) => line.replace(' at b2', ''))), stop).toBe(sent, lines);
  expectObservable(consumed, stop).toBe(records, { 0: '0', c: 'completed' }, 'TLS_FAILED');
  play(script, { x: () => { cluster.refuse(1, 'TLS_FAILED'); cluster.cut(1); } });
}, 2));

test('take(1), mergeAll() ends its own consumer: the stream that is left says so, in a later task', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const ended = '--#   ';
  const stop =  '-----!';
  expectObservable(consume().pipe(take(1), mergeAll(), named()), stop).toBe(ended, {}, 'CONSUMER_CLOSED');
}));

test('an ordinary unsubscription runs no catchError and no completion of the user, and aborts the signal at once', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const told = new Subject<unknown>();
  const records = '-----------0----       ';
  const said =    '---------------a---    ';
  const stop =    '---------------!       ';       // commit and leave take 2 ms more
  const end =     '----------------------!';

  const consumed = consume({ mode: asMember() }).pipe(
    mergeMap((partition) => {
      partition.signal.addEventListener('abort', () => told.next(`aborted: ${String(codeOf(partition.signal.reason))}`));
      return partition.pipe(
        tap({ complete: () => told.next('completed') }),
        catchError((error: unknown) => { told.next(error); return EMPTY; }),
        offsets(),
      );
    }),
  );
  expectObservable(told, end).toBe(said, { a: 'aborted: CONSUMER_CLOSED' });
  expectObservable(consumed, stop).toBe(records);
}));
