import { catchError, distinctUntilChanged, filter, map, mergeMap, NEVER, of, skipWhile, startWith, Subject, switchMap, tap, type MonoTypeOperatorFunction, type Observable, type Unsubscribable } from 'rxjs';
import { test } from 'vitest';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import { codeOf, marble, ofPartitions, type Marble } from '../test/support/scripted/index.ts';

// A pause stops delivery. One that is seen at looks ten seconds apart gives up what was fetched and not delivered, and its slice of the buffer.

const polling = { minBytes: 1, maxWait: 20, maxBytes: 1_000_000, maxPartitionBytes: 1_000 };
/** Three batches of a record of 1 KB fill it. */
const slice = 2_900;

/** So many batches of one record of 1 KB in each partition. */
function written(cluster: Marble['cluster'], partitions: number, batches = 7): void {
  cluster.topic('orders', partitions);
  for (let partition = 0; partition < partitions; partition++)
    for (let batch = 0; batch < batches; batch++) cluster.append('orders', partition, 1, { valueBytes: 1_000 });
}

/** From which offsets a partition is asked for, one after another; to be asked for again from the same offset is nothing new. */
function asked(cluster: Marble['cluster'], partition = 0): Observable<string> {
  return cluster.sent('Fetch').pipe(
    map((line) => new RegExp(` orders/${partition}@(\\d+)`).exec(line)?.[1]),
    filter((offset) => offset !== undefined),
    distinctUntilChanged(),
  );
}

/** The streams by partition, what was delivered of each and is not acked, and the pauses that are held, in their order. */
class Hand {
  readonly streams: PartitionStream[] = [];
  readonly records: KafkaRecord[] = [];
  private readonly holds: Unsubscribable[][] = [[], [], []];

  pause(partition = 0): void {
    const stream = this.streams[partition];
    if (stream !== undefined) this.holds[partition]?.push(stream.pause());
  }

  /** Lets go of the pause that has been held longest. */
  resume(partition = 0): void {
    this.holds[partition]?.shift()?.unsubscribe();
  }

  /** All that was delivered of it. */
  ack(partition = 0): void {
    for (const record of this.records) if (record.partition === partition) record.ack();
  }

  /** Its records: of partition 0 by their offsets, of 1 and 2 by letters. */
  takes(): (source: Observable<PartitionStream>) => Observable<string> {
    return mergeMap((stream) => {
      this.streams[stream.partition] = stream;
      return stream.pipe(
        tap((record) => this.records.push(record)),
        map(({ partition, offset }) => (['012345678', 'abcdefghi', 'stuvwxyz'][partition] ?? '').charAt(offset)),
      );
    });
  }
}

test('a long pause gives up what is buffered: who goes on gets the room; at resume it is fetched from where it is, and nothing comes twice', marble(({ cluster, consume, play, scheduler, expectObservable }) => {
  written(cluster, 3);
  const hand = new Hand();
  //               each fills its slice with three batches, of which one is delivered. Two hold orders-0, one orders-2: seen at 1,000, given up at 11,000
  const script =  '100ms p-q-p 895ms a 9999ms ---------r------r------------';
  const zero =    '100ms ----- 895ms - 9999ms -------------------------1---';       // behind the poll that is under way
  const one =     '100ms ----- 895ms - 9999ms 34567-----------------------';
  const two =     '100ms ----- 895ms - 9999ms -----------------------------';
  const records = '100ms ----- 895ms - 9999ms --------------------------1--';
  const stop =    '100ms ----- 895ms - 9999ms ---------------------------!';

  const later = <T>(): MonoTypeOperatorFunction<T> => skipWhile(() => scheduler.now() < 100);
  const window = { records: 1, bytes: 1e6 };
  const consumed = consume({ mode: ofPartitions(3), maxBuffered: 3 * slice, fetch: polling, window }).pipe(hand.takes(), later());
  expectObservable(asked(cluster, 0).pipe(later()), stop).toBe(zero);
  expectObservable(asked(cluster, 1).pipe(later()), stop).toBe(one);
  expectObservable(asked(cluster, 2).pipe(later()), stop).toBe(two);
  expectObservable(consumed, stop).toBe(records);
  play(script, { p: () => hand.pause(), q: () => hand.pause(2), a: () => hand.ack(), r: () => hand.resume() });
}));

test('in a long pause an idle partition is not polled; what is written meanwhile comes with one fetch at resume', marble(({ cluster, consume, play, scheduler, expectObservable }) => {
  written(cluster, 1, 1);
  const hand = new Hand();
  const script =  '-----p---- 13s w 990ms r----';
  const late =    '---------- 13s - 990ms fg---';       // none since the one that was under way at 11,000
  const records = '----0----- 13s - 990ms -1---';
  const stop =    '---------- 13s - 990ms ----!';

  const consumed = consume({ fetch: { ...polling, maxWait: 500 } }).pipe(hand.takes());
  expectObservable(cluster.sent('Fetch').pipe(skipWhile(() => scheduler.now() < 11_000)), stop).toBe(late, { f: 'fetch orders/0@1', g: 'fetch orders/0@2' });
  expectObservable(consumed, stop).toBe(records);
  play(script, { p: () => hand.pause(), r: () => hand.resume(), w: () => cluster.append('orders', 0, 1) });
}));

test('what is on its way when the buffer is given up is stale: no hole, and nothing twice', marble(({ cluster, consume, play, expectObservable }) => {
  written(cluster, 1, 2);
  const hand = new Hand();
  //               two are buffered, and a poll waits behind them. What it waits for is written at 10,998; its answer comes at 11,004, behind the drop at 11,000
  const script =  '---p-- 10992ms w- 1s r--------------------';
  const fetches = '---012 10992ms -- 1s 0-----1-----2-----3--';
  const records = '------ 10992ms -- 1s ------0-----1-----2--';
  const stop =    '------ 10992ms -- 1s --------------------!';

  cluster.inject({ api: 'Fetch', kind: 'latency', delay: 5, times: Infinity, after: 2 });
  const consumed = consume({ fetch: { ...polling, maxWait: 20_000 } }).pipe(hand.takes());
  expectObservable(asked(cluster), stop).toBe(fetches);
  expectObservable(consumed, stop).toBe(records);
  play(script, { p: () => hand.pause(), r: () => hand.resume(), w: () => cluster.append('orders', 0, 1) });
}));

test('what was delivered and is not acked stays, with the rest of its batch: that goes on at once, and what follows is fetched', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders').append('orders', 0, 3).append('orders', 0, 1);
  const hand = new Hand();
  //               paused at record 1, in the middle of a batch
  const script =  '-------- 11992ms r------ a----- 4994ms -----';
  const fetches = '------04 11992ms 34----- ------ 4994ms -----';
  const records = '-------(01) 11989ms 23----- ------ 4994ms -----';
  const commits = '-----n-- 11992ms ------- o----- 4994ms -s---';
  const stop =    '-------- 11992ms ------- ------ 4994ms ----!';

  const consumed = consume({ mode: ofPartitions(1, 'g'), fetch: { ...polling, maxWait: 500 } }).pipe(
    hand.takes(),
    tap((record) => { if (record === '1') hand.pause(); }),
  );
  expectObservable(asked(cluster), stop).toBe(fetches);
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(commits, { n: 'commit orders/0=0', o: 'commit orders/0=1', s: 'commit orders/0=4' });
  expectObservable(consumed, stop).toBe(records);
  play(script, { r: () => hand.resume(), a: () => hand.ack() });
}));

test('of a batch whose delivered part is acked the rest is given up as well, and fetched from there', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders').append('orders', 0, 4).append('orders', 0, 2);
  const hand = new Hand();
  const script =  '------a----- 11988ms r------';
  const fetches = '---06------- 11988ms 26-----';
  const records = '----(01)---- 11988ms -(2345)';
  const stop =    '------------ 11988ms ------!';

  const consumed = consume({ fetch: { ...polling, maxWait: 500, maxPartitionBytes: 100_000 } }).pipe(
    hand.takes(),
    tap((record) => { if (record === '1') hand.pause(); }),
  );
  expectObservable(asked(cluster), stop).toBe(fetches);
  expectObservable(consumed, stop).toBe(records);
  play(script, { r: () => hand.resume(), a: () => hand.ack() });
}));

test('pauses of less than ten seconds give up nothing, however many: no fetch is needed to go on', marble(({ cluster, consume, play, expectObservable }) => {
  written(cluster, 1, 3);
  const hand = new Hand();
  const script =  '---p--- 9990ms r--pa--- 9990ms r--pa--- 9990ms r---';
  const fetches = '---0123 9990ms -------- 9990ms -------- 9990ms ----';
  const records = '------- 9990ms 0------- 9990ms 1------- 9990ms 2---';
  const stop =    '------- 9990ms -------- 9990ms -------- 9990ms ---!';

  const consumed = consume({ window: { records: 1, bytes: 1e6 }, fetch: polling }).pipe(hand.takes());
  expectObservable(asked(cluster), stop).toBe(fetches);
  expectObservable(consumed, stop).toBe(records);
  play(script, { p: () => hand.pause(), r: () => hand.resume(), a: () => hand.ack() });
}));

test('a pause that is handed over from one holder to another is one', marble(({ cluster, consume, play, expectObservable }) => {
  written(cluster, 1, 2);
  const hand = new Hand();
  const script =  '---p-- 6994ms p 2s r 2998ms r---';
  const fetches = '---012 6994ms - 2s - 2998ms 012-';
  const records = '------ 6994ms - 2s - 2998ms -01-';
  const stop =    '------ 6994ms - 2s - 2998ms ---!';

  const consumed = consume({ fetch: polling }).pipe(hand.takes());
  expectObservable(asked(cluster), stop).toBe(fetches);
  expectObservable(consumed, stop).toBe(records);
  play(script, { p: () => hand.pause(), r: () => hand.resume() });
}));

test('at most once: what was committed before it was delivered, and is given up, comes all the same', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders').append('orders', 0, 3).append('orders', 0, 1);
  const hand = new Hand();
  const script =  '---------------- 11984ms r-----';
  const fetches = '------04-------- 11984ms 34----';
  const commits = '-----n-o 5s s--- 6983ms ------';
  const records = '--------(01)---- 11984ms 23----';
  const stop =    '---------------- 11984ms -----!';

  const consumed = consume({ mode: ofPartitions(1, 'g'), delivery: 'at-most-once', fetch: { ...polling, maxWait: 500, maxPartitionBytes: 100_000 } }).pipe(
    hand.takes(),
    tap((record) => { if (record === '1') hand.pause(); }),
  );
  expectObservable(asked(cluster), stop).toBe(fetches);
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(commits, { n: 'commit orders/0=0', o: 'commit orders/0=3', s: 'commit orders/0=4' });
  expectObservable(consumed, stop).toBe(records);
  play(script, { r: () => hand.resume() });
}));

test('a stream that waits for its restart in a pause begins at its lowest record that is not acked, fetched anew', marble(({ cluster, consume, play, expectObservable }) => {
  written(cluster, 1, 4);
  const hand = new Hand();
  const reads = new Subject<boolean>();
  //               0 and 1 are delivered, 1 is acked; its subscriber goes and holds a pause
  const script =  '------pa-n-- 11988ms (sr)---------';
  const fetches = '---01234---- 11988ms 234----------';
  const records = '----01------ 11988ms 023----------';
  const stop =    '------------ 11988ms ------------!';

  const consumed = consume({ fetch: polling }).pipe(mergeMap((stream) => reads.pipe(startWith(true), switchMap((on) => (on ? of(stream).pipe(hand.takes()) : NEVER)))));
  expectObservable(asked(cluster), stop).toBe(fetches);
  expectObservable(consumed, stop).toBe(records);
  play(script, { p: () => hand.pause(), n: () => { reads.next(false); }, a: () => hand.records[1]?.ack(), s: () => { reads.next(true); }, r: () => hand.resume() });
}));

test('what fails behind good records keeps them, however long the pause: they come before the error', marble(({ cluster, consume, play, expectObservable }) => {
  written(cluster, 1, 3);
  const hand = new Hand();
  const script =  '---p-- 11994ms r-------';
  const fetches = '---012 11994ms --------';
  const records = '------ 11994ms (01x)---';
  const stop =    '------ 11994ms -------!';

  cluster.inject({ api: 'Fetch', kind: 'corrupt', at: 500, after: 2 });
  const consumed = consume({ fetch: polling }).pipe(mergeMap((stream) => of(stream).pipe(hand.takes(), catchError((error: unknown) => of(String(codeOf(error)))))));
  expectObservable(asked(cluster), stop).toBe(fetches);
  expectObservable(consumed, stop).toBe(records, { 0: '0', 1: '1', x: 'CORRUPT_MESSAGE' });
  play(script, { p: () => hand.pause(), r: () => hand.resume() });
}));
