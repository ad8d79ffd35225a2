import { ignoreElements, mergeMap, retry, Subject, tap, type Observable } from 'rxjs';
import { test } from 'vitest';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import { asMember, marble, NEVER_ANSWERED, offsets } from '../test/support/scripted/index.ts';

const delivery = 'at-most-once';
const commits = { a: 'commit orders/0=0 in 1', b: 'commit orders/0=3 in 1', c: 'commit orders/0=1 in 1', d: 'commit orders/0=300 in 1', e: 'commit orders/0=900 in 1' };

test('at most once: what is delivered was committed before, batch after batch', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1).append('orders', 0, 3);
  //              the start; then the end of what has arrived, and its answer a millisecond later
  const sent =    '----------a-b------';
  const records = '-------------(012)-';
  const stop =    '------------------!';

  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(sent, commits);
  expectObservable(consume({ delivery, mode: asMember(), startFrom: undefined }).pipe(mergeMap((partition) => partition), offsets()), stop).toBe(records);
}));

test('at most once: without an answer nothing is delivered', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1).append('orders', 0, 3);
  //                         b is never answered
  const sent =    '----------a-b---------';
  const records = '----------------------';
  const stop =    '---------------------!';

  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(sent, commits);
  expectObservable(consume({ delivery, mode: asMember(), startFrom: undefined }).pipe(mergeMap((partition) => partition), offsets()), stop).toBe(records);
  play('-----------n', { n: () => { cluster.fail('OffsetCommit', NEVER_ANSWERED, { times: 1 }); } });
}));

test('at most once: a record that failed is not seen again: the stream goes on behind it', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1).append('orders', 0, 3);
  //                              1 fails; nothing was acked, so the next delivery is 100 ms away
  const records = '-------------0 99ms 2---';
  const stop =    '120ms                  !';

  let left = 1;
  const failing = tap(({ offset }: KafkaRecord) => { if (offset === 1 && left-- > 0) throw new Error('once'); });
  const work = (partition: PartitionStream): Observable<string> => partition.pipe(failing, retry(), offsets());
  expectObservable(consume({ delivery, mode: asMember(), startFrom: undefined }).pipe(mergeMap(work)), stop).toBe(records);
}));

test('at most once: a stop waits for no ack, and commits the position: what was not delivered is given to the next', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1).append('orders', 0, 3);
  const until = new Subject<void>();
  //                            one is delivered, and the stop comes with it: 3 is lowered to 1, and the group is left
  const sent =    '----------a-bc----';
  const records = '-------------0-|';
  const stop =    '---------------------!';

  const stopping = tap((offset: string) => { if (offset === '0') until.next(); });
  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(sent, commits);
  expectObservable(consume({ delivery, until, mode: asMember(), startFrom: undefined }).pipe(mergeMap((partition) => partition), offsets(), stopping), stop).toBe(records);
}));

test('at most once: a stretch is 500 records, or a batch that is larger', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1).append('orders', 0, 300);
  cluster.append('orders', 0, 300);
  cluster.append('orders', 0, 300);
  //                      when the first batch is taken in the others have not arrived
  const sent = '----------a-de----';
  const stop = '-----------------!';

  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(sent, commits);
  expectObservable(consume({ delivery, mode: asMember(), startFrom: undefined }).pipe(mergeMap((partition) => partition), tap((record) => { record.ack(); }), ignoreElements()), stop).toBe('');
}));

test('at most once: an unsubscription takes back what was committed and not delivered, though the answer has not come', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1).append('orders', 0, 3);
  //                              the end of the stretch is on its way when it is unsubscribed
  const sent = '----------a-bz';
  const stop = '-------------!';

  expectObservable(cluster.sent('OffsetCommit'), '100ms !').toBe(sent, { ...commits, z: 'commit orders/0=0 in 1' });
  expectObservable(consume({ delivery, mode: asMember(), startFrom: undefined }).pipe(mergeMap((partition) => partition), offsets()), stop).toBe('');
}));

test('at most once: after a seek back it goes on, also while the commit of it has not come through', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1).append('orders', 0, 3);
  const records = '-------------(012) 1186ms (012)';
  const stop = '5s !';

  let stream: PartitionStream | undefined;
  const consumed = consume({ delivery, mode: asMember(), startFrom: undefined }).pipe(tap((partition) => { stream = partition; }), mergeMap((partition) => partition), offsets());
  expectObservable(consumed, stop).toBe(records);
  play('500ms s', { s: () => {
    cluster.fail('OffsetCommit', 'COORDINATOR_LOAD_IN_PROGRESS', { times: 3 });
    stream?.seek({ offset: 0 });
  } });
}));


test('at most once: a refusal says nothing of the commit before it, whose answer was lost: what that one took is taken back', marble(({ cluster, consume, hot, play, expectObservable }) => {
  cluster.topic('orders', 1).append('orders', 0, 3);
  //                         b is taken, and its answer lost; the next one is refused. A stop takes back what was not delivered
  const until =   '---------- 150ms   u     ';
  const sent =    '----------a-b 101ms b 45ms z';
  const end =     '---------- 150ms   --|   ';
  const stop =    '500ms !';

  expectObservable(cluster.sent('OffsetCommit'), stop).toBe(sent, { ...commits, z: 'commit orders/0=0 in 1' });
  expectObservable(consume({ delivery, until: hot(until), mode: asMember(), startFrom: undefined }).pipe(mergeMap((partition) => partition), offsets()), stop).toBe(end);
  play('-----------r', {
    r: () => {
      cluster.inject({ api: 'OffsetCommit', kind: 'reset', when: 'inside' });
      cluster.fail('OffsetCommit', 'COORDINATOR_LOAD_IN_PROGRESS', { times: 1 });
    },
  });
}));
