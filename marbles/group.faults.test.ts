import { ignoreElements, map, mergeAll, mergeMap } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import { asMember, codeOf, marble, NEVER_ANSWERED, RESET } from '../test/support/scripted/index.ts';

const quick = asMember({ heartbeatInterval: 1_000 });
const lines = {
  j: 'join',
  k: 'join m-1',
  s: 'sync m-1 in 1',
  t: 'sync m-1 in 2',
  h: 'heartbeat m-1 in 1',
  l: 'leave m-1',
};

test('a heartbeat that fails is followed by the next after the back-off, further and further apart; one that is answered by the next after an interval', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1);
  //                      refused   refused   answered   refused   refused
  const script =  '--------x 1500ms                 x                       ';
  const beats =   '------- 1s h 100ms h 200ms h 1000ms h 100ms h 200ms h    ';
  const stop =    '3s !';

  expectObservable(cluster.sent('Heartbeat'), stop).toBe(beats, lines);
  expectObservable(consume({ mode: quick }).pipe(mergeAll()), stop).toBe('');
  play(script, { x: () => cluster.fail('Heartbeat', 'COORDINATOR_LOAD_IN_PROGRESS', { times: 2 }) });
}));

test('a SyncGroup that a rebalance has overtaken: it joins again, and is given nothing until then', marble(({ cluster, consume, told, expectObservable }) => {
  cluster.topic('orders', 1);
  cluster.fail('SyncGroup', 'REBALANCE_IN_PROGRESS');
  const sent =     '-----jks 100ms ks ';
  const assigned = '-------- 100ms --a';
  const stop =     '200ms !';

  expectObservable(cluster.sent('JoinGroup', 'SyncGroup'), stop).toBe(sent, lines);
  expectObservable(told('assigned').pipe(map(({ generation }) => String(generation))), stop).toBe(assigned, { a: '1' });
  expectObservable(consume({ mode: quick }).pipe(mergeAll()), stop).toBe('');
}));

test('what fails on the way into the group is told by its name, JoinGroup or SyncGroup', marble(({ cluster, consume, told, expectObservable }) => {
  cluster.topic('orders', 1);
  cluster.fail('JoinGroup', RESET);
  cluster.fail('SyncGroup', RESET);
  const faults = '------a 104ms b';
  const stop =   '200ms !';

  expectObservable(told('retryScheduled').pipe(map(({ api, error }) => `${api} ${String(codeOf(error))}`)), stop).toBe(faults, { a: 'JoinGroup CONNECTION_LOST', b: 'SyncGroup CONNECTION_LOST' });
  expectObservable(consume({ mode: quick }).pipe(mergeAll()), stop).toBe('');
}));

test('joins that fail are further and further apart; a generation that came about ends that', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1);
  cluster.fail('JoinGroup', 'COORDINATOR_LOAD_IN_PROGRESS', { times: 2 });
  const script = '------ 500ms             r              ';
  const sent =   '-----j 100ms j 200ms jks 1000ms k 100ms kt';
  const stop =   '5s !';

  expectObservable(cluster.sent('JoinGroup', 'SyncGroup'), stop).toBe(sent, lines);
  expectObservable(consume({ mode: quick }).pipe(mergeAll()), stop).toBe('');
  play(script, { r: () => { cluster.fail('JoinGroup', 'COORDINATOR_LOAD_IN_PROGRESS'); cluster.apply({ kind: 'rebalance' }); } });
}));

test('a LeaveGroup that the coordinator cannot take yet is sent again after the back-off', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('orders', 1);
  cluster.fail('LeaveGroup', 'COORDINATOR_LOAD_IN_PROGRESS', { times: 2 });
  const until = '------------u                   ';
  const sent =  '------------l 100ms l 200ms l   ';
  const end =   '------------- 101ms   201ms | ';
  const stop =  '1s !';

  expectObservable(cluster.sent('LeaveGroup'), stop).toBe(sent, lines);
  expectObservable(consume({ mode: quick, until: hot(until) }).pipe(mergeAll()), stop).toBe(end);
}));

test('a LeaveGroup that is not answered is waited for no longer than requestTimeout, and sent once', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('orders', 1);
  cluster.fail('LeaveGroup', NEVER_ANSWERED, { times: 9 });
  const until = '------------u      ';
  const sent =  '------------l      ';
  const end =   '------------ 300ms |';
  const stop =  '2s !';

  expectObservable(cluster.sent('LeaveGroup'), stop).toBe(sent, lines);
  expectObservable(consume({ mode: quick, requestTimeout: 300, until: hot(until) }).pipe(mergeAll()), stop).toBe(end);
}));

test('a commit that is refused for one partition, and for another since we are unknown: that we are unknown is heard at once', marble(({ cluster, consume, told, play, expectObservable }) => {
  cluster.topic('orders', 2, 1);
  const script = '20ms x       ';
  const lost =   '62ms l       ';       // with the commit, long before the next heartbeat
  const stop =   '500ms !';

  const consumed = consume({ mode: quick, commit: { interval: 50, records: Infinity } }).pipe(mergeMap((stream) => stream.pipe(ackEach())), ignoreElements());
  expectObservable(told('lost').pipe(map(() => 'l')), stop).toBe(lost);
  expectObservable(consumed, stop).toBe('');
  play(script, {
    x: () => {
      cluster.apply({ kind: 'evict' });
      cluster.inject({ api: 'OffsetCommit', topic: 'orders', partition: 0, kind: 'error', error: 'NOT_COORDINATOR' });
    },
  });
}));
