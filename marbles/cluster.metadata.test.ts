import { filter, map, mergeAll, NEVER, Subject, timer } from 'rxjs';
import { test } from 'vitest';
import { createCluster } from '../src/cluster/cluster.ts';
import { refreshLoop } from '../src/cluster/refresh.ts';
import { marble, NEVER_ANSWERED, ofPartitions } from '../test/support/scripted/index.ts';
import { metadata } from '../test/cluster/scenario.ts';
import { contextOf } from './cluster.context.ts';

const backoff = { initial: 100, max: 400, jitter: 0.2 };
const lines = { n: 'metadata at b2' };

test('an answer that knows no broker is not believed: it is asked again after the back-off', marble((kit) => {
  const { scheduler, expectObservable } = kit;
  const said = new Subject<string>();
  const answers = [metadata([]), metadata([1])];
  const heard = 'a 100ms ab';
  const asking = refreshLoop({
    ...{ context: contextOf(kit), topics: () => ({ names: [] }), changed: NEVER, wait: () => 1_000 },
    ask: () => timer(1, scheduler).pipe(map(() => answers.shift() as never)),
    asked: () => said.next('asked'),
    answered: ({ brokers }) => said.next(`brokers ${brokers.map(({ nodeId }) => nodeId).join()}`),
  });
  expectObservable(said, '500ms !').toBe(heard, { a: 'asked', b: 'brokers 1' });
  expectObservable(asking, '500ms !').toBe('');
}));

test('a broker that hangs is not asked again before backoff.max: it costs its time-out once', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 2, 1);
  cluster.fail('Metadata', NEVER_ANSWERED, { node: 2, times: 9 });
  const asked =   '53ms n 508ms n      ';       // gives up at 153, 400 ms before the next; the brokers take turns each 50 ms
  const records = '----(rr)           ';
  expectObservable(cluster.sent('Metadata').pipe(filter((line) => line === lines.n)), '900ms !').toBe(asked, lines);
  expectObservable(consume({ mode: ofPartitions(2), backoff, requestTimeout: 100, metadataMaxAge: 50 }).pipe(mergeAll(), map(() => 'r')), '900ms !').toBe(records);
}, 2));

test('who listens to the cluster hears nothing before something is known of it, then what is known', marble((kit) => {
  const { expectObservable } = kit;
  const cluster = createCluster(contextOf(kit), () => ['orders']);
  kit.cluster.topic('orders', 1);
  const early = '--v----------';
  const later = '------v------';
  const stop =  '-------------!';
  expectObservable(cluster.views.pipe(map(() => 'v')), stop).toBe(early);
  expectObservable(cluster.views.pipe(map(() => 'v')), `------^------!`).toBe(later);
  expectObservable(cluster.refreshing, stop).toBe('');
}));
