import { catchError, concatMap, EMPTY, endWith, filter, map, merge, mergeMap, of, repeat, retry, skip, Subject, take, tap, timer, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach, eachPartition, processRecords } from '../operators/index.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import { asMember, codeOf, marble, named, NEVER_ANSWERED, ofPartitions, offsets } from '../test/support/scripted/index.ts';

const acked = tap((record: KafkaRecord) => { record.ack(); });

test('stopAt: a record that fails when its stream is at the mark already is given again, and then the consumer ends', marble(({ cluster, consume, scheduler, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  let left = 1;
  //                   0 and 1 take 10 ms each; 2 fails once, and is tried again 50 ms later
  const records = '---- 12ms 0 9ms 1 69ms (2|)';

  const handler = ({ offset }: KafkaRecord): Observable<string> => timer(10, scheduler).pipe(map(() => {
    if (offset === 2 && left-- > 0) throw new Error('once');
    return String(offset);
  }));
  expectObservable(consume({ stopAt: 'end' }).pipe(processRecords(handler, { restart: () => timer(50, scheduler) }))).toBe(records);
}));

test('stopAt: so it is for all that a pipeline of one’s own has queued', marble(({ cluster, consume, scheduler, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  let left = 1;
  const records = '---- 112ms 0 9ms 1 9ms (2|)';

  const work = (partition: PartitionStream): Observable<string> => partition.pipe(
    concatMap((record) => timer(10, scheduler).pipe(map(() => {
      if (record.offset === 0 && left-- > 0) throw new Error('once');
      return record;
    }))),
    ackEach(),
    retry({ delay: () => timer(50, scheduler) }),
    offsets(),
  );
  expectObservable(consume({ stopAt: 'end' }).pipe(eachPartition(work))).toBe(records);
}));

test('a delivery begins anew in a later task: take and repeat do not pile up on the stack', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1).append('orders', 0, 6_000);
  const records = '----l---';
  const stop =    '--------!';

  const work = (partition: PartitionStream): Observable<string> => partition.pipe(acked, take(1), repeat(), skip(5_999), map(() => 'l'));
  expectObservable(consume().pipe(mergeMap(work)), stop).toBe(records);
}));

test('a partition that appears while it runs begins at its beginning, whatever startFrom says', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  const script =  '1s n';
  const stop =    '                        20s !';

  const consumed = consume({ mode: asMember(), startFrom: 'latest', metadataMaxAge: 5_000 }).pipe(
    mergeMap((partition) => partition.pipe(acked, map(() => partition.key))),
    filter((key) => key === 'orders-1'),
    take(2),
  );
  expectObservable(consumed.pipe(map(() => 'x')), stop).toBe('5022ms (xx|)');
  play(script, { n: () => cluster.apply({ kind: 'addPartitions', topic: 'orders', partitions: 2 }).append('orders', 1, 2) });
}));

test('autoOffsetReset none with nothing to begin with errs each time that it is tried, and never resets', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  const errors = '--e 99ms e 99ms e 99ms e 99ms e';
  const stop =   '500ms              !';

  const failed = new Subject<string>();
  const work = (partition: PartitionStream): Observable<KafkaRecord> =>
    partition.pipe(tap({ error: (error: unknown) => { failed.next(String(codeOf(error))); } }), retry({ delay: 100 }));
  expectObservable(failed.pipe(map((code) => (code === 'OFFSET_OUT_OF_RANGE' ? 'e' : code))), stop).toBe(errors);
  expectObservable(consume({ autoOffsetReset: 'none', startFrom: undefined }).pipe(mergeMap(work)), stop).toBe('');
}));

test('a startFrom function that gives no position fails its own partition alone', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 2, 2);
  const records = '--e---(01)--';
  const stop =    '-----------!';

  const work = (partition: PartitionStream): Observable<string> =>
    partition.pipe(offsets(), catchError((error: unknown) => of(codeOf(error) === 'INVALID_OPTIONS' ? 'e' : 'x')));
  const startFrom = ({ partition }: { readonly partition: number }): Observable<never> => of(partition === 0 ? { offset: -5 } : 'earliest') as Observable<never>;
  expectObservable(consume({ mode: ofPartitions(2), startFrom }).pipe(mergeMap(work)), stop).toBe(records);
}));

test('a log that is out of range again and again is asked with back-off', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  cluster.failPartition('orders', 0, ...Array.from({ length: 500 }, () => 'OFFSET_OUT_OF_RANGE' as const));
  const stop = '1s !';

  //               and a look-up of where the log begins, and where it ends, before each but the first
  const fetches = '---f 103ms f 202ms f 402ms f';
  expectObservable(cluster.sent('Fetch').pipe(map(() => 'f')), stop).toBe(fetches);
  expectObservable(consume().pipe(mergeMap((partition) => partition)), stop).toBe('');
}));

test('a seek from inside of the event `positioned` is where it goes on', marble(({ cluster, consume, told, expectObservable }) => {
  cluster.topic('orders', 1).append('orders', 0, 9);
  const records = '----(78)----';
  const stop =    '-----------!';

  let partition: PartitionStream | undefined;
  const sought = told('positioned').pipe(take(1), tap(() => { partition?.seek({ offset: 7 }); }), mergeMap(() => EMPTY));
  expectObservable(sought, stop).toBe('--|');
  expectObservable(consume().pipe(tap((stream) => { partition = stream; }), mergeMap((stream) => stream), offsets()), stop).toBe(records);
}));

test('commit() on a partition that was lost is an error, since Kafka will never know', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  const script = '1s e 19s c';
  const result = '20001ms  #';
  const stop =   '30s       !';

  let partition: PartitionStream | undefined;
  const asked = new Subject<void>();
  const committed = asked.pipe(mergeMap(() => partition?.commit() ?? EMPTY));
  expectObservable(committed.pipe(named()), stop).toBe(result, {}, 'NOT_ASSIGNED');
  expectObservable(consume({ mode: asMember(), commit: false }).pipe(mergeMap((stream) => { partition ??= stream; return stream.pipe(acked); }), mergeMap(() => EMPTY)), stop).toBe('');
  play(script, { e: () => { cluster.apply({ kind: 'evict' }); }, c: () => { asked.next(); } });
}));

test('commit: false: commit() commits its own partition and no other, and is not spoilt by the commit of another', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2, 3);
  const script =  '-------------------------c--';
  const commits = '-------------------------ab-';
  const stop =    '----------------------------!';

  const streams: PartitionStream[] = [];
  const asked = new Subject<void>();
  const both = asked.pipe(
    tap(() => { cluster.fail('OffsetCommit', 'OFFSET_METADATA_TOO_LARGE', { times: 1 }); }),
    mergeMap(() => merge(
      (streams[1]?.commit() ?? EMPTY).pipe(catchError(() => EMPTY)),
      (streams[0]?.commit() ?? EMPTY).pipe(endWith('z')),
    )),
  );
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(commits, { a: 'commit orders/1=3', b: 'commit orders/0=3' });
  expectObservable(both, stop).toBe('---------------------------z');
  expectObservable(consume({ mode: ofPartitions(2, 'g'), commit: false }).pipe(mergeMap((stream) => { streams.push(stream); return stream.pipe(acked); }), mergeMap(() => EMPTY)), stop).toBe('');
  play(script, { c: () => { asked.next(); } });
}));

test('whoever is left behind by an unsubscription inside of next is told by an error', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  const inner = '----(01#)';

  const streams = new Subject<PartitionStream>();
  const reading = streams.pipe(mergeMap((stream) => stream.pipe(offsets(), tap((offset) => { if (offset === '1') outer.unsubscribe(); }), named())));
  expectObservable(reading).toBe(inner, undefined, 'CONSUMER_CLOSED');
  const outer = consume().subscribe({ next: (stream) => { streams.next(stream); }, error: (error: unknown) => { streams.error(error); } });
}));

test('stopAt: nothing beyond the mark is fetched, however long the last records wait', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  const fetches = '-----f';
  const stop =    '1s    !';

  expectObservable(cluster.sent('Fetch').pipe(map(() => 'f')), stop).toBe(fetches);
  const paused = consume({ stopAt: 'end' }).pipe(tap((partition) => { partition.pause(); }), mergeMap((partition) => partition));
  expectObservable(paused, stop).toBe('');
  play('--------w', { w: () => { cluster.append('orders', 0, 5); } });
}));

test('a partition that fails while nobody is subscribed is told of, and ends the consumer', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  const end = '31s #';

  const startFrom = (): never => { throw new Error('no idea'); };
  expectObservable(consume({ startFrom }).pipe(map(() => 's'), filter(() => false))).toBe(end, undefined, 'UNATTENDED_PARTITION');
}));

test('until is subscribed once: a timer runs while the consumer still waits for the one before it', marble(({ cluster, consume, scheduler, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const source = {};
  const first =  '20ms !';
  //              it begins at 30 ms, waits until 5,020 for the good-bye of the first one, and stops at 4,030

  cluster.fail('LeaveGroup', NEVER_ANSWERED, { times: 1 });
  expectObservable(consume({ mode: asMember() }, source).pipe(mergeMap(() => EMPTY)), first).toBe('');
  const later = timer(30, scheduler).pipe(mergeMap(() => consume({ mode: asMember(), until: timer(4_000, scheduler) }, source)), mergeMap(() => EMPTY));
  expectObservable(later).toBe('4030ms |');
}));

