import { filter, ignoreElements, map, merge, mergeMap, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import { cooperativeSticky } from '../src/group/assignors/cooperativeSticky.ts';
import { asMember, marble, offsets } from '../test/support/scripted/index.ts';
import type { Marble } from '../test/support/scripted/marble.ts';

function said({ told }: Marble): Observable<string> {
  return merge(
    merge(told('stalled'), told('recovered')).pipe(filter(({ reason }) => reason === 'session-expired'), map(({ kind }) => kind)),
    merge(told('joined'), told('lost'), told('revoked')).pipe(map(({ kind }) => kind)),
  );
}

test.each([45_000, 10_000])('a coordinator that hangs, while another one has taken its place: it is found before the session of %i ms is over', (sessionTimeout) => marble((kit) => {
  const { cluster, consume, play, expectObservable } = kit;
  cluster.topic('orders', 1, 1).apply({ kind: 'moveCoordinator', node: 2 });
  const stop = '120s !';

  const work = consume({ mode: asMember({ sessionTimeout }) }).pipe(mergeMap((partition) => partition.pipe(ackEach())), offsets());
  expectObservable(said(kit), stop).toBe('--------j', { j: 'joined' });
  expectObservable(work, stop).toBe('11ms 0 59989ms 1');
  play('20s x 39999ms w', {
    x: () => { cluster.apply({ kind: 'freeze', node: 2 }); cluster.apply({ kind: 'moveCoordinator', node: 3 }); },
    w: () => cluster.append('orders', 0, 1),
  });
}, 3)());

const lines = {
  ...{ j: 'join', k: 'join m-1', s: 'sync m-1 in 1', a: 'commit orders/0=0 in 1', b: 'commit orders/1=0 in 1', c: 'commit orders/0=1 orders/1=1 in 1' },
  ...{ o: 'join', h: 'heartbeat m-1 in 1', r: 'sync m-1 in 2', i: 'heartbeat m-1 in 2' },
  ...{ d: 'commit orders/0=2 in 2', e: 'commit orders/0=3 in 2', l: 'leave m-1' },
};

test('a join that is parked holds up neither heartbeats nor commits, nor the leave', marble(({ cluster, consume, hot, play, expectObservable }) => {
  cluster.topic('orders', 2, 1);
  const mode = asMember({ assignors: [cooperativeSticky], heartbeatInterval: 10_000 });
  const until =  '50s u';
  const script = '20s w 23999ms w';
  //              the second one comes at 10 s and is gone at 10.1 s, without a word: the first waits for it with its join from 10,010 on
  const sent =   '-----jks-ab 5000ms c 4993ms o-hkrk 9990ms d 7ms i 10s i 10s i 3989ms e 5998ms l';
  const stop =   '70s !';

  const first = consume({ mode, until: hot(until) }, {}).pipe(mergeMap((partition) => partition.pipe(ackEach())), offsets());
  const second = consume({ mode: { ...mode, leaveOnClose: false } }, {}).pipe(ignoreElements());
  expectObservable(cluster.sent('JoinGroup', 'SyncGroup', 'Heartbeat', 'OffsetCommit', 'LeaveGroup').pipe(filter((line) => !line.includes('m-2'))), stop).toBe(sent, lines);
  expectObservable(first, stop).toBe('-----------00 19988ms 1 23999ms 2 5999ms |');
  expectObservable(second, '10s ^ 100ms !').toBe('');
  play(script, { w: () => cluster.append('orders', 0, 1) });
}));
