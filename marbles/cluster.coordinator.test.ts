import { filter, ignoreElements, map, mergeMap } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import { asMember, marble, ofPartitions } from '../test/support/scripted/index.ts';

test('several who need the coordinator anew wait for one look-up', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1);
  //               a heartbeat and a commit are under way when the connection breaks; both are tried again 100 ms later
  const script =  '106ms w---x          ';
  const sent =    '---c 103ms (hp) 97ms c----------(hp)';
  const stop =    '230ms !';
  const lines = { c: 'findCoordinator', h: 'heartbeat m-1 in 1', p: 'commit orders/0=1 in 1' };

  const consumed = consume({ mode: asMember({ heartbeatInterval: 100 }), commit: { interval: 5_000, records: 1 } }).pipe(mergeMap((stream) => stream.pipe(ackEach())), ignoreElements());
  expectObservable(cluster.sent('FindCoordinator', 'Heartbeat', 'OffsetCommit').pipe(filter((line) => line !== 'commit orders/0=0 in 1')), stop).toBe(sent, lines);
  expectObservable(consumed, stop).toBe('');
  play(script, { w: () => { cluster.fail('OffsetCommit', { delay: 20 }); cluster.append('orders', 0, 1); }, x: () => { cluster.fail('FindCoordinator', { delay: 10 }); cluster.cut(1); } });
}));

test('where the coordinator cannot be found, it is told who said so', marble(({ cluster, consume, told, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('FindCoordinator', 'COORDINATOR_NOT_AVAILABLE', { times: 1 });
  const said = '----a';
  const stop = '50ms !';
  expectObservable(told('retryScheduled').pipe(map(({ api, error }) => `${api} ${String(Reflect.get(error, 'broker'))}`)), stop).toBe(said, { a: 'OffsetFetch b1:9092' });
  expectObservable(consume({ mode: ofPartitions(1, 'g') }).pipe(mergeMap((stream) => stream), ignoreElements()), stop).toBe('');
}));
