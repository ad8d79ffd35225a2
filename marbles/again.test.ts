import { ignoreElements, map, mergeMap, NEVER, retry } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import { marble, named } from '../test/support/scripted/index.ts';

const lines = { b: 'bootstrap' };
const backoff = { initial: 100, max: 400, jitter: 0.2 };

test('a consumer that gets nowhere is started again by a bare retry() further and further apart', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders');
  cluster.refuse(1, 'SASL_AUTHENTICATION_FAILED');
  const begun = 'b 100ms b 200ms b 400ms b 400ms b';
  const stop =  '1400ms !';

  expectObservable(cluster.sent('Bootstrap'), stop).toBe(begun, lines);
  expectObservable(consume({ backoff }).pipe(retry()), stop).toBe('');
}));

test('a consumer whose records were acked is started again at once', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const script = '---------x 93ms -a   ';       // refused: noticed at 103, when who leads is asked anew
  const begun =  'b--------- 93ms b    ';
  const stop =   '150ms !';

  expectObservable(cluster.sent('Bootstrap'), stop).toBe(begun, lines);
  expectObservable(consume({ backoff }).pipe(mergeMap((stream) => stream.pipe(ackEach())), ignoreElements(), retry()), stop).toBe('');
  play(script, {
    x: () => { cluster.refuse(1, 'SASL_AUTHENTICATION_FAILED'); cluster.cut(1); },
    a: () => cluster.accept(1),
  });
}));

test('an assigned stream that nobody subscribes is said, and ends the consumer after unattendedTimeout', marble(({ cluster, consume, told, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const said =  '1s u             ';       // looked at once a second
  const ended = '1s - 1999ms #    ';
  const stop =  '5s !';

  expectObservable(told('unattended').pipe(map(({ reason }) => reason)), stop).toBe(said, { u: 'no subscriber' });
  expectObservable(consume({ unattendedTimeout: 2_000 }).pipe(mergeMap(() => NEVER), named()), stop).toBe(ended, {}, 'UNATTENDED_PARTITION');
}));
