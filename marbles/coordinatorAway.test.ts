import { filter, ignoreElements, mergeMap, type Observable } from 'rxjs';
import { test } from 'vitest';
import { asMember, marble, type Marble } from '../test/support/scripted/index.ts';

const lines = { a: 'heartbeat m-1 in 1 at b1', b: 'heartbeat m-1 in 1 at b2', c: 'findCoordinator at b2' };
const member = { mode: asMember({ heartbeatInterval: 1_000, sessionTimeout: 30_000 }), backoff: { initial: 4_000, max: 4_000, jitter: 0 } };
const stop = '7s !';

/** A member whose heartbeats are a second apart, and its back-off four. */
function work({ consume }: Marble): Observable<never> {
  return consume(member).pipe(mergeMap((stream) => stream), ignoreElements());
}

/** What it sends from 1.5 s on. */
function sent({ cluster, scheduler }: Marble): Observable<string> {
  return cluster.sent('FindCoordinator', 'Heartbeat').pipe(filter(() => scheduler.now() > 1_500));
}

/** The coordinator is at broker 1, which is gone from 1.5 s on; broker 2 takes over. */
const away = ({ cluster }: Marble) => ({
  d: () => { cluster.refuse(1); cluster.cut(1); },
  m: () => cluster.apply({ kind: 'moveCoordinator', node: 2 }),
});

test('a heartbeat that waits for the broker of the coordinator asks twice a second who took over, and goes there', marble((tools) => {
  const { cluster, play, expectObservable } = tools;
  //                                   a heartbeat fails at once, connecting backs off for 4 s, and the next heartbeat waits for that
  const script = '1500ms d      3s m';
  const requests = '    3009ms c 500ms c 499ms c 499ms cb 1s b 1s b';
  cluster.topic('orders', 1);
  expectObservable(sent(tools), stop).toBe(requests, lines);
  expectObservable(work(tools), stop).toBe('');
  play(script, away(tools));
}, 2));

test('a look-up that fails meanwhile is followed by the next one, and whoever took over is given its time to answer', marble((tools) => {
  const { cluster, play, expectObservable } = tools;
  const script = '1500ms d 1699ms f 500ms m 300ms l';
  const requests = '    3009ms c 500ms c 499ms cb 1700ms b 1s b';
  cluster.topic('orders', 1);
  expectObservable(sent(tools), stop).toBe(requests, lines);
  expectObservable(work(tools), stop).toBe('');
  play(script, {
    ...away(tools),
    f: () => cluster.fail('FindCoordinator', 'COORDINATOR_NOT_AVAILABLE'),
    l: () => cluster.fail('Heartbeat', { delay: 700 }),
  });
}, 2));

test('while an answer is awaited nobody is asked', marble((tools) => {
  const { cluster, play, expectObservable } = tools;
  const script = '1500ms l';
  const requests = '    2008ms a 3200ms a 1s a';
  cluster.topic('orders', 1);
  expectObservable(sent(tools), stop).toBe(requests, lines);
  expectObservable(work(tools), stop).toBe('');
  play(script, { l: () => cluster.fail('Heartbeat', { delay: 2_200 }) });
}, 2));
