import { concat, finalize, ignoreElements, map, merge, mergeAll, mergeMap, NEVER, of, Subject, tap, throwError, toArray, timer, concatMap, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import { ConnectionError } from '../src/errors/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import { asMember, marble, named, NEVER_ANSWERED, ofPartitions } from '../test/support/scripted/index.ts';

const lines = {
  n: 'commit orders/0=0 in 1',
  p: 'commit orders/0=1 in 1',
  j: 'join',
  m: 'join m-1',
  l: 'leave m-1',
};

test('what is given as until is let go of when the consumer is', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const held = new Subject<string>();
  const until = concat(of(), NEVER).pipe(finalize(() => held.next('let go')));
  const stop =  '----------!   ';
  const heard = '----------g   ';
  expectObservable(held, '20ms !').toBe(heard, { g: 'let go' });
  expectObservable(consume({ until }).pipe(mergeAll(), ignoreElements()), stop).toBe('');
}));

test('an until that fails: streams complete, what is acked is committed and the group left; then the error', marble(({ scheduler, cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const until = timer(15, scheduler).pipe(concatMap(() => throwError(() => new ConnectionError('CONNECTION_FAILED', 'no'))));
  const sent =  '-----jm--n-----pl    ';
  const end =   '-----------------#   ';
  const stop =  '50ms !';
  expectObservable(cluster.sent('JoinGroup', 'OffsetCommit', 'LeaveGroup'), stop).toBe(sent, lines);
  expectObservable(consume({ mode: asMember(), until }).pipe(acked(), named()), stop).toBe(end, {}, 'CONNECTION_FAILED');
}));

test('an until that says it twice: drainTimeout runs from the first time', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const until = '-----------u 30ms u      ';
  const end =   '----------- 50ms #       ';
  expectObservable(consume({ drainTimeout: 50, until: hot(until) }).pipe(mergeAll(), ignoreElements(), named()), '200ms !').toBe(end, {}, 'DRAIN_TIMED_OUT');
}));

test('while it drains, what goes on at the brokers that it read from means nothing any more', marble(({ cluster, consume, play, hot, expectObservable }) => {
  cluster.topic('orders', 1, 1).apply({ kind: 'moveCoordinator', node: 2 });
  const taken: KafkaRecord[] = [];
  const until =  '-------------u            ';       // the long poll is under way still
  const script = '---------------x 200ms a  ';
  const end =    '---------------- 200ms -| ';
  const stop =   '500ms !';

  const consumed = consume({ mode: ofPartitions(1, 'g'), until: hot(until) }).pipe(mergeAll(), tap((record) => taken.push(record)), ignoreElements(), named());
  expectObservable(consumed, stop).toBe(end);
  play(script, {
    x: () => { cluster.refuse(1, 'TLS_FAILED'); cluster.cut(1); },
    a: () => taken[0]?.ack(),
  });
}, 2));

test('a coordinator that does not answer the LeaveGroup is waited for until closeTimeout, and no longer', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('orders', 1);
  cluster.fail('LeaveGroup', NEVER_ANSWERED, { times: 9 });
  const until = '------------u      ';
  const end =   '------------ 2s |  ';
  expectObservable(consume({ mode: asMember(), closeTimeout: 2_000, until: hot(until) }).pipe(mergeAll()), '60s !').toBe(end);
}));

test('nor does that hide what the stop ended with', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('LeaveGroup', NEVER_ANSWERED, { times: 9 });
  const until = '------------u             ';
  const end =   '------------ 2050ms #     ';
  const consumed = consume({ mode: asMember(), drainTimeout: 50, closeTimeout: 2_000, until: hot(until) }).pipe(mergeAll(), ignoreElements(), named());
  expectObservable(consumed, '60s !').toBe(end, {}, 'DRAIN_TIMED_OUT');
}));

test('the last commit is sent again where it was refused for a moment, and then the stop goes on', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('OffsetCommit', { delay: 0 });
  cluster.fail('OffsetCommit', 'COORDINATOR_LOAD_IN_PROGRESS');
  const until = '-------------u             ';
  const sent =  '---------n---p 100ms pl    ';
  const end =   '-------------- 100ms --|   ';
  const stop =  '1s !';
  expectObservable(cluster.sent('OffsetCommit', 'LeaveGroup'), stop).toBe(sent, lines);
  expectObservable(consume({ mode: asMember(), until: hot(until) }).pipe(acked(), named()), stop).toBe(end);
}));

test('a stop from inside of next, with a record of the other partition in the same answer: no second stream of that one', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 2, 1);
  const until = new Subject<void>();
  const streams = '----(s|)';
  const consumed = consume({ mode: ofPartitions(2), until }).pipe(
    mergeMap((stream) => merge(of(stream.key), stream.pipe(tap((record) => { record.ack(); until.next(); }), ignoreElements()))),
    toArray(),
  );
  expectObservable(consumed, '50ms !').toBe(streams, { s: ['orders-0', 'orders-1'] });
}));

test('an until that ends without a value is no stop', marble(({ cluster, consume, play, hot, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const until =   '-------|        ';
  const script =  '------------w   ';
  const records = '----0--------1  ';
  const stop =    '----------------!';

  expectObservable(consume({ until: hot(until) }).pipe(mergeMap((stream) => stream.pipe(ackEach(), map(({ offset }) => String(offset))))), stop).toBe(records);
  play(script, { w: () => cluster.append('orders', 0, 1) });
}));

function acked(): (streams: Observable<PartitionStream>) => Observable<never> {
  return (streams) => streams.pipe(mergeMap((partition) => partition.pipe(ackEach())), ignoreElements());
}
