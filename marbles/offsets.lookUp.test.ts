import { EMPTY, ignoreElements, map, mergeAll, mergeMap, tap, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import { marble, ofPartitions, offsets, RESET } from '../test/support/scripted/index.ts';

const lines = {
  e: 'listOffsets orders/0@earliest',
  o: 'offsetFetch orders/0',
  0: 'commit orders/0=0',
  1: 'commit orders/1=1',
  a: 'commit orders/0=1',
};

test('a place in the log that is asked for in vain is asked for again, further and further apart', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('ListOffsets', RESET, { times: 2 });
  const asked =   '---e 101ms e 201ms e ';
  const records = '---- 101ms - 201ms ---0';
  const stop =    '500ms !';
  expectObservable(cluster.sent('ListOffsets'), stop).toBe(asked, lines);
  expectObservable(consume({ startFrom: 'earliest' }).pipe(mergeAll(), offsets()), stop).toBe(records);
}));

test('what the group has committed is asked for again, further and further apart, while its coordinator cannot say', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('OffsetFetch', 'COORDINATOR_LOAD_IN_PROGRESS', { times: 2 });
  const asked =   '----o 100ms o 200ms o ';
  const records = '----- 100ms - 200ms ---0';
  const stop =    '500ms !';
  expectObservable(cluster.sent('OffsetFetch'), stop).toBe(asked, lines);
  expectObservable(consume({ mode: ofPartitions(1, 'g') }).pipe(mergeAll(), offsets()), stop).toBe(records);
}));

test('a commit that is refused is told, with what it was to say', marble(({ cluster, consume, told, expectObservable }) => {
  cluster.topic('orders', 1);
  cluster.fail('OffsetCommit', 'COORDINATOR_LOAD_IN_PROGRESS');
  cluster.fail('OffsetCommit', 'TOPIC_AUTHORIZATION_FAILED');
  const events = '------a 100ms b';
  const stop =   '200ms !';
  const failed = told('commitFailed').pipe(map(({ offsets: of, error, retrying }) => `${of.map(({ topic, partition, offset }) => `${topic}/${partition}=${offset}`).join()} ${String(Reflect.get(error, 'code'))} ${String(retrying)}`));
  expectObservable(failed, stop).toBe(events, { a: 'orders/0=0 COORDINATOR_LOAD_IN_PROGRESS true', b: 'orders/0=0 TOPIC_AUTHORIZATION_FAILED false' });
  expectObservable(consume({ mode: ofPartitions(1, 'g') }).pipe(mergeAll()), stop).toBe('');
}));

test('who asked for a commit and does not wait for it has no part in the next one', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2, 1);
  const streams: PartitionStream[] = [];
  const script =  '-----------x--y----------';
  const commits = '-----------a--1----------';       // both are answered after 62
  const stop =    '100ms !';
  const commit = (partition: number): Observable<unknown> => streams.find((stream) => stream.partition === partition)?.commit() ?? EMPTY;
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(commits, lines);
  expectObservable(consume({ mode: ofPartitions(2, 'g'), commit: false }).pipe(tap((stream) => streams.push(stream)), acked()), stop).toBe('');
  play(script, {
    x: () => { cluster.fail('OffsetCommit', { delay: 50 }); commit(0).subscribe().unsubscribe(); },
    y: () => { commit(1).subscribe(); },
  });
}));

test('who no longer waits for a commit that is under way does not let a second one begin', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const streams: PartitionStream[] = [];
  const script =  '------x----y            ';       // the first commit, of the start, is under way from 5 to 36
  const commits = '-----0 30ms a           ';
  const stop =    '60ms !';
  cluster.fail('OffsetCommit', { delay: 30 });
  const commit = (): Observable<unknown> => streams[0]?.commit() ?? EMPTY;
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(commits, lines);
  expectObservable(consume({ mode: ofPartitions(1, 'g') }).pipe(tap((stream) => streams.push(stream)), acked()), stop).toBe('');
  play(script, { x: () => commit().subscribe().unsubscribe(), y: () => { commit().subscribe(); } });
}));

function acked(): (streams: Observable<PartitionStream>) => Observable<never> {
  return (streams) => streams.pipe(mergeMap((partition) => partition.pipe(ackEach())), ignoreElements());
}
