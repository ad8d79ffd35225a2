import { catchError, defer, EMPTY, finalize, ignoreElements, map, mergeAll, mergeMap, NEVER, of, Subject, tap, timer } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import { asMember, codeOf, marble, ofPartitions, offsets } from '../test/support/scripted/index.ts';

test('startFrom: of several answers the first counts', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  const records = '----(12)--';
  const stop =    '---------!';
  expectObservable(consume({ startFrom: () => of({ offset: 1 }, { offset: 2 }) }).pipe(mergeAll(), offsets()), stop).toBe(records);
}));

test('startFrom: no answer at all, and none within requestTimeout, is an error of that stream', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 2, 1);
  const errors = '--x 47ms y';
  const consumed = consume({ mode: ofPartitions(2), requestTimeout: 48, startFrom: ({ partition }) => (partition === 0 ? EMPTY : NEVER) }).pipe(
    mergeMap((stream) => stream.pipe(offsets(), catchError((error: unknown) => of(`${stream.key} ${error instanceof Error ? error.name : ''} ${String(codeOf(error))}`)))),
  );
  expectObservable(consumed, '100ms !').toBe(errors, { x: 'orders-0 OptionsError INVALID_OPTIONS', y: 'orders-1 TimeoutError TimeoutError: Timeout has occurred' });
}));

test('startFrom: each assignment asks anew', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const script =  '------------r        ';       // nothing is committed
  const asked =  '---------a-----------a-----';
  const stop =   '---------------------------!';
  const questions = new Subject<string>();
  const startFrom = () => { questions.next('asked'); return { offset: 0 }; };
  expectObservable(questions, stop).toBe(asked, { a: 'asked' });
  expectObservable(consume({ mode: asMember({ heartbeatInterval: 10 }), commit: false, startFrom: () => of(startFrom()) }).pipe(mergeMap((stream) => stream.pipe(ackEach())), ignoreElements()), stop).toBe('');
  play(script, { r: () => cluster.apply({ kind: 'rebalance' }) });
}));

test('startFrom: a seek meanwhile lets go of the question; its answer would not count', marble(({ scheduler, cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  let stream: PartitionStream | undefined;
  const heard = new Subject<string>();
  const script =   '----------s          ';
  const question = '--a-------z          ';
  const records =  '------------2        ';
  const startFrom = () => defer(() => { heard.next('asked'); return timer(50, scheduler).pipe(map(() => ({ offset: 0 }))); }).pipe(finalize(() => heard.next('let go')));
  expectObservable(heard, '100ms !').toBe(question, { a: 'asked', z: 'let go' });
  expectObservable(consume({ startFrom }).pipe(tap((one) => { stream = one; }), mergeAll(), offsets()), '100ms !').toBe(records);
  play(script, { s: () => stream?.seek({ offset: 2 }) });
}));

test('startFrom: what else happens to the partition meanwhile, as a pause, leaves the question alone', marble(({ scheduler, cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  let stream: PartitionStream | undefined;
  const script =  '----------p          ';
  const records = '-- 50ms --0          ';
  const startFrom = () => timer(50, scheduler).pipe(map(() => ({ offset: 0 })));
  expectObservable(consume({ startFrom }).pipe(tap((one) => { stream = one; }), mergeAll(), offsets()), '100ms !').toBe(records);
  play(script, { p: () => { stream?.pause().unsubscribe(); } });
}));
