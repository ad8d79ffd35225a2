import { concat, defer, EMPTY, finalize, ignoreElements, mergeMap, of, Subject, take, tap, throwError, timer, type Observable, type SchedulerLike } from 'rxjs';
import { expect, test } from 'vitest';
import { ackEach, processRecords } from '../operators/index.ts';
import { assigned, FakePartition } from '../test/support/fakePartition.ts';
import { asMember, marble, named } from '../test/support/scripted/index.ts';

const failure = new Error('the handler failed');

test('restart: the first value starts the partition again, whatever comes behind it', marble(({ scheduler, cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const values = '---- 100ms 0';       // delivered again 100 ms later, since nothing was acked
  const restart = (): Observable<unknown> => concat(of('now'), throwError(() => new Error('too late')));
  expectObservable(consume().pipe(processRecords(failing(scheduler, 1), { restart })), '200ms !').toBe(values);
}));

test('restart: without a value, or with an error, the handler\'s own error is the end', marble(({ scheduler, cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const values = '----#';
  const stop =   '200ms !';
  const consumed = (restart: () => Observable<unknown>): Observable<unknown> => consume({}, {}).pipe(processRecords(failing(scheduler, 1), { restart }));
  expectObservable(consumed(() => EMPTY), stop).toBe(values, {}, failure);
  expectObservable(consumed(() => throwError(() => new Error('another'))), stop).toBe(values, {}, failure);
}));

test('restart: never inside of the failure, though it says so at once', marble(({ scheduler, expectObservable, play }) => {
  const partition = new FakePartition({ records: 1, patience: { drainTimeout: 30_000, scheduler } });
  const heard = new Subject<string>();
  let tries = 0;
  const handler = (): string => {
    heard.next(`try ${String(++tries)}`);
    if (tries === 1) throw failure;
    return 'done';
  };
  const restart = (): Observable<unknown> => {
    scheduler.schedule(() => heard.next('something else'));
    return of('now');
  };
  const script = '-s---';
  const seen =   '-(aeb)';
  expectObservable(heard, '20ms !').toBe(seen, { a: 'try 1', e: 'something else', b: 'try 2' });
  play(script, { s: () => { assigned(partition).pipe(processRecords(handler, { restart })).subscribe(); } });
}));

test('a partition that is lost while it waits for its restart is asked for no longer, and ends without an error', marble(({ scheduler, cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const asked = new Subject<string>();
  const script =   '------------x            ';       // the heartbeat at 17 says so
  const waiting =  '-----------a------z      ';
  const stop =     '60ms !';
  const restart = (): Observable<unknown> => defer(() => { asked.next('asked'); return timer(40, scheduler); }).pipe(finalize(() => asked.next('given up')));
  const consumed = consume({ mode: asMember({ heartbeatInterval: 10 }) }).pipe(processRecords(failing(scheduler, 1), { restart }));
  expectObservable(asked, stop).toBe(waiting, { a: 'asked', z: 'given up' });
  expectObservable(consumed, stop).toBe('');
  play(script, { x: () => cluster.apply({ kind: 'evict' }) });
}));

test('a stream that is left behind says so, though it would be restarted', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const ended = '--#';
  expectObservable(consume().pipe(take(1), processRecords(() => undefined, { restart: () => of(1) }), named()), '20ms !').toBe(ended, {}, 'CONSUMER_CLOSED');
}));

test('ackEach: what ends the subscription is acked, and nothing behind it, though it is there already', () => {
  const partition = new FakePartition({ records: 3 });
  partition.pipe(ackEach(), take(2)).subscribe();
  expect(partition.acks).toEqual([0, 1]);
  const behind = new FakePartition({ records: 3 });
  of(behind).pipe(mergeMap((stream) => of(...recordsOf(stream)).pipe(ackEach(), take(2)))).subscribe();
  expect(behind.acks).toEqual([0, 1]);
});

function failing(scheduler: SchedulerLike, times: number): (record: { readonly offset: number }) => Observable<string> {
  let tries = 0;
  return ({ offset }) => concat(timer(0, scheduler).pipe(ignoreElements()), tries++ < times ? throwError(() => failure) : of(String(offset)));
}

function recordsOf(partition: FakePartition): readonly { ack(): void }[] {
  const all: { ack(): void }[] = [];
  partition.pipe(tap((record) => all.push(record))).subscribe().unsubscribe();
  return all;
}
