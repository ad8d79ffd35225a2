import { catchError, map, mergeAll, mergeMap, of, take, timer } from 'rxjs';
import { test } from 'vitest';
import { codeOf, marble, ofPartitions, offsets } from '../test/support/scripted/index.ts';

const lines = {
  o: 'offsetFetch orders/0',
  e: 'listOffsets orders/0@earliest',
  l: 'listOffsets orders/0@latest',
  t: 'listOffsets orders/0@20',
  f: 'fetch orders/0@0',
  g: 'fetch orders/0@2',
  h: 'fetch orders/0@3',
};
const questions = ['OffsetFetch', 'ListOffsets', 'Fetch'];

test('at an offset: nothing is asked', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  const asked =   '---gh----';
  const records = '----2----';
  const stop =    '--------!';

  expectObservable(cluster.sent(...questions), stop).toBe(asked, lines);
  expectObservable(consume({ startFrom: { offset: 2 } }).pipe(mergeAll(), offsets()), stop).toBe(records);
}));

test('at the earliest: ListOffsets says where that is', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 2).append('orders', 0, 1);
  cluster.partition('orders', 0).log.deleteBefore(2);
  const asked =   '---e-gh--';
  const records = '------2--';
  const stop =    '--------!';

  expectObservable(cluster.sent(...questions), stop).toBe(asked, lines);
  expectObservable(consume({ startFrom: 'earliest' }).pipe(mergeAll(), offsets()), stop).toBe(records);
}));

test('at the latest: only what is written after that', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  const written = '-------w--';
  const asked =   '---l-g--h-';
  const records = '--------2-';
  const stop =    '---------!';

  expectObservable(cluster.sent(...questions), stop).toBe(asked, lines);
  expectObservable(consume({ startFrom: 'latest' }).pipe(mergeAll(), offsets()), stop).toBe(records);
  play(written, { w: () => cluster.append('orders', 0, 1) });
}));

test('at a time: the first batch of that time or later; without one at the end', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  cluster.append('orders', 0, 1, { baseTimestamp: 19 });
  //               nothing is as young as 20: the end
  const asked =   '---tl-h--';
  const stop =    '--------!';

  expectObservable(cluster.sent(...questions), stop).toBe(asked, lines);
  expectObservable(consume({ startFrom: { timestamp: 20 } }).pipe(mergeAll(), offsets()), stop).toBe('');
}));

test('what the group has committed wins; startFrom is for partitions without a commit', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 2, 3);
  cluster.apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 0, offset: 2 });
  const asked =   '----pq(r|)---';       // both in one question
  const records = '-------2(abc)';
  const stop =    '-------------!';

  const consumed = consume({ mode: ofPartitions(2, 'g'), startFrom: 'earliest' }).pipe(
    mergeMap((partition) => partition.pipe(map(({ offset }) => (partition.partition === 0 ? String(offset) : 'abc'[offset])))),
  );
  expectObservable(cluster.sent(...questions).pipe(take(3)), stop).toBe(asked, {
    p: 'offsetFetch orders/0 orders/1',
    q: 'listOffsets orders/1@earliest',
    r: 'fetch orders/0@2',
  });
  expectObservable(consumed, stop).toBe(records);
}));

test('a function is asked for each partition; what it throws errors that stream alone', marble(({ scheduler, cluster, consume, expectObservable }) => {
  cluster.topic('orders', 2, 1);
  const records = '--x------0---';       // orders-0 begins where the function says, 5 ms later
  const stop =    '------------!';

  const startFrom = ({ partition }: { readonly partition: number }) => {
    if (partition === 1) throw new Error('where?');
    return timer(5, scheduler).pipe(map(() => ({ offset: 0 })));
  };
  const consumed = consume({ mode: ofPartitions(2), startFrom }).pipe(mergeMap((partition) => partition.pipe(offsets(), catchError(() => of('x')))));
  expectObservable(consumed, stop).toBe(records);
}));

test("autoOffsetReset 'none' with nothing to begin at errors that stream alone", marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 2, 1);
  cluster.apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 1, offset: 0 });
  const records = '-----x-y-----';
  const stop =    '------------!';

  const consumed = consume({ mode: ofPartitions(2, 'g'), startFrom: undefined, autoOffsetReset: 'none' }).pipe(
    mergeMap((partition) => partition.pipe(map(({ offset }) => `${partition.key} ${offset}`), catchError((error: unknown) => of(`${partition.key} ${String(codeOf(error))}`)))),
  );
  expectObservable(consumed, stop).toBe(records, { x: 'orders-0 OFFSET_OUT_OF_RANGE', y: 'orders-1 0' });
}));

test('a position out of range: back to where autoOffsetReset says, once everything before it is delivered, and told', marble(({ cluster, consume, told, expectObservable }) => {
  cluster.topic('orders', 1, 3);
  const asked =     '---x 101ms elfh----';       // after the back-off; the look-up of both ends needs a connection of its own
  const positions = '--a- 101ms --b-----';
  const records =   '---- 101ms ---(012)';
  const stop =      '150ms !';

  expectObservable(cluster.sent(...questions), stop).toBe(asked, { ...lines, x: 'fetch orders/0@7' });
  expectObservable(told('positioned').pipe(map(({ from, to, reason }) => `${String(from)} to ${to}: ${reason}`)), stop).toBe(positions, { a: 'undefined to 7: start', b: '7 to 0: reset' });
  expectObservable(consume({ startFrom: { offset: 7 } }).pipe(mergeAll(), offsets()), stop).toBe(records);
}));

test('no assignment within startTimeout: an error with what failed meanwhile', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders');
  cluster.refuse(1, 'CONNECTION_FAILED');
  expectObservable(consume({ startTimeout: 2_000 }), '5s !').toBe('2s #', {}, 'BROKERS_UNREACHABLE');
}));

test('a topic that does not exist is asked for until startTimeout', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('payments');
  expectObservable(consume({ startTimeout: 2_000 }), '5s !').toBe('2s #', {}, 'UNKNOWN_TOPIC_OR_PARTITION');
}));
