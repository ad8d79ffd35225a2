import { catchError, concat, EMPTY, ignoreElements, map, mergeMap, NEVER, of, range, Subject, take, takeUntil, tap, throwError, timer, type Observable, type SchedulerLike, type Unsubscribable } from 'rxjs';
import { expect, test } from 'vitest';
import { processRecords } from '../operators/index.ts';
import { assigned, FakePartition } from '../test/support/fakePartition.ts';
import { marble, named, ofPartitions, offsets } from '../test/support/scripted/index.ts';

const failure = new Error('the handler failed');

test('a handler that fails: the others settle first, all of them, and what they bring comes out; then the error', marble(({ scheduler, cluster, consume, expectObservable }) => {
  cluster.topic('orders', 3, 1);
  const values = '---------b----(c#)';       // delivered at 4: that of orders-0 fails at once, the others take 5 and 10 ms
  const stop =   '100ms !';

  const handler = ({ partition }: { readonly partition: number }): Observable<string> =>
    partition === 0 ? after(scheduler, 0, throwError(() => failure)) : after(scheduler, 5 * partition, of('abc'[partition] ?? ''));
  expectObservable(consume({ mode: ofPartitions(3) }).pipe(processRecords(handler)), stop).toBe(values, undefined, failure);
}));

test('a handler that does not settle: its signal aborts after drainTimeout, and only then the error comes', marble(({ scheduler, cluster, consume, expectObservable }) => {
  cluster.topic('orders', 2, 1);
  const said = new Subject<string>();
  const heard = '---- 50ms (ae)';
  const stop = '200ms !';

  const handler = ({ partition }: { readonly partition: number }, { signal }: { readonly signal: AbortSignal }): Observable<never> => {
    if (partition === 0) return after(scheduler, 0, throwError(() => failure));
    signal.addEventListener('abort', () => said.next('aborted'));
    return NEVER;
  };
  const consumed = consume({ mode: ofPartitions(2), drainTimeout: 50 }).pipe(processRecords(handler), catchError(() => { said.next('error'); return EMPTY; }));
  expectObservable(said, stop).toBe(heard, { a: 'aborted', e: 'error' });
  expectObservable(consumed, stop).toBe('---- 50ms |');
}));

test('the end of the consumer waits for the handlers that run', marble(({ scheduler, cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const script = '-------x          ';
  const values = '---- 150ms    (v#)';       // the consumer is over at 102
  const stop =   '500ms !';

  expectObservable(consume().pipe(processRecords(() => after(scheduler, 150, of('v'))), named()), stop).toBe(values, undefined, 'TLS_FAILED');
  play(script, { x: () => { cluster.refuse(1, 'TLS_FAILED'); cluster.cut(1); } });
}));

test('a stream that fails while its handler runs is restarted when that has settled', marble(({ scheduler, play, expectObservable }) => {
  const partition = streamOf(scheduler, 1);
  const said = new Subject<string>();
  const script = '-s-----x---------------';
  const heard =  '---------------------(0r)';       // the handler takes 20 ms
  const stop =   '60ms !';

  const restart = (): Observable<unknown> => { said.next('r'); return of('now'); };
  const consumed = assigned(partition).pipe(processRecords(({ offset }) => after(scheduler, 20, of(String(offset))), { restart }), tap((value) => said.next(value)));
  expectObservable(said, stop).toBe(heard);
  play(script, { s: () => { consumed.subscribe(); }, x: () => partition.fail(failure) });
}));

test('what is unsubscribed while a failed stream waits for its handler leaves no timer behind', marble(({ scheduler, play, expectObservable }) => {
  const partition = streamOf(scheduler, 1);
  const armed = new Subject<string>();
  let consuming: Unsubscribable | undefined;
  const script = '-s-----xtut-';
  const timers = '--------b-a-';
  const stop =   '-----------!';

  const patient = (): number => scheduler.actions.filter(({ closed, delay }) => !closed && delay > 30_000 && delay < 31_000).length;
  expectObservable(armed, stop).toBe(timers, { b: '1', a: '0' });
  play(script, {
    s: () => { consuming = assigned(partition).pipe(processRecords(() => NEVER, { restart: () => of('now') })).subscribe(); },
    ...{ x: () => partition.fail(failure), u: () => consuming?.unsubscribe() },
    t: () => armed.next(String(patient())),
  });
}));

test('what ends the subscription ends the handler as well, though its values come one after the other in one go', marble(({ scheduler, expectObservable }) => {
  const made: number[] = [];
  const values = '(0|)';
  const handler = (): Observable<string> => range(0, 5).pipe(tap((value) => made.push(value)), map((value) => String(value)));
  const consumed = assigned(streamOf(scheduler, 1)).pipe(processRecords(handler), take(1));
  expectObservable(consumed).toBe(values);
  scheduler.schedule(() => expect(made).toEqual([0]), 10);
}));

test('what a promise brings after the unsubscription is nobody\'s: it is not acked', async () => {
  const partition = new FakePartition({ records: 1 });
  let bring = (): void => undefined;
  const promised = new Promise<string>((resolve) => { bring = () => resolve('late'); });
  const consuming = assigned(partition).pipe(processRecords(() => promised)).subscribe();
  consuming.unsubscribe();
  bring();
  await promised;
  await Promise.resolve();
  expect(partition.acks).toEqual([]);
});

test('the pause of a handler is given back when the operator is unsubscribed', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  const end =     '-------x           ';
  const records = '------- 100ms (01) ';
  const stop =    '200ms !';
  const ending = hot(end);
  const consumed = consume().pipe(
    mergeMap((stream) => concat(of(stream).pipe(processRecords(() => NEVER), takeUntil(ending)), stream.pipe(offsets()))),
  );
  expectObservable(consumed, stop).toBe(records);
}));

function after<T>(scheduler: SchedulerLike, ms: number, then: Observable<T>): Observable<T> {
  return concat(timer(ms, scheduler).pipe(ignoreElements()), then);
}

function streamOf(scheduler: SchedulerLike, records: number): FakePartition {
  return new FakePartition({ records, patience: { drainTimeout: 30_000, scheduler } });
}
