import { EMPTY, filter, ignoreElements, map, merge, mergeMap, of, startWith, Subject, throwError, timer, type Observable } from 'rxjs';
import { expect, test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import { cooperativeSticky, type TopicSelection } from '../src/index.ts';
import type { GroupMode } from '../src/consumer/settings.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import { asMember, marble } from '../test/support/scripted/index.ts';

const joining = ['JoinGroup', 'LeaveGroup'];
const lines = { j: 'join', k: 'join m-1', l: 'leave m-1' };
const orders = asMember({ topics: [], patterns: [/^orders/] });
const fetch = { minBytes: 1, maxWait: 10, maxBytes: 1_000_000, maxPartitionBytes: 1_000_000 };
const quick = { metadataMaxAge: 100, commit: false, fetch } as const;

test('a topic that appears and matches a pattern is subscribed to, and read from its beginning wherever the others begin', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 2).topic('other', 1, 1);
  const script =  '-----------------c         ';
  const sent =    '-----jk 96ms k             ';       // the metadata of 101 tells
  const records = '-------------- 105ms (ab)  ';       // behind a poll of 10 ms that was under way
  const stop =    '200ms !';

  expectObservable(cluster.sent(...joining), stop).toBe(sent, lines);
  expectObservable(consume({ ...quick, mode: orders, startFrom: 'latest' }).pipe(places()), stop).toBe(records, { a: 'orders-eu-0@0', b: 'orders-eu-0@1' });
  play(script, { c: () => cluster.topic('orders-eu', 1, 2) });
}));

test('one member finds out that a topic matches, and calls the others together: they look at once as well, whenever they looked last', marble(({ cluster, consume, play, scheduler, expectObservable }) => {
  cluster.topic('orders', 2);
  const stop = '45s !';
  const other = timer(10_000, scheduler).pipe(mergeMap(() => consume({ mode: orders, fetch, commit: false, metadataMaxAge: 30_000 }, {})));
  const one = consume({ mode: orders, fetch, commit: false, metadataMaxAge: 30_000 }, {});
  //               the second member comes at 10 s, the first looks again when it joins with it: so both look at 40 s, and join once more, together
  const joins =   '-----jj 9998ms jj 2004ms j 27991ms j 2009ms j';
  expectObservable(cluster.sent('JoinGroup').pipe(map(() => 'j')), stop).toBe(joins);
  expectObservable(merge(one, other).pipe(filter(({ topic }) => topic === 'orders-eu'), map(({ key }) => key)), stop).toBe('- 42014ms (ab)', { a: 'orders-eu-0', b: 'orders-eu-1' });
  play('- 20s c', { c: () => cluster.topic('orders-eu', 2) });
}));

test('a pattern that matches nothing yet is an empty subscription, and no reason to fail', marble(({ cluster, consume, told, play, expectObservable }) => {
  const script =   '-------------------c';
  const sent =     '-----jk 96ms k     ';
  const assigned = '--------n 96ms o   ';
  const stop =     '500ms !';

  expectObservable(cluster.sent(...joining), stop).toBe(sent, lines);
  expectObservable(told('assigned').pipe(map(({ partitions }) => `${partitions.length} assigned`)), stop).toBe(assigned, { n: '0 assigned', o: '1 assigned' });
  expectObservable(consume({ ...quick, mode: orders, startTimeout: 90 }).pipe(places()), stop).toBe('');
  play(script, { c: () => cluster.topic('orders', 1) });
}));

test('internal topics are matched by no pattern, and consumed by name', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('__consumer_offsets', 1).topic('a', 1);
  const keys = (rest: Partial<GroupMode>): Observable<string> => consume({ mode: asMember(rest) }, {}).pipe(map(({ key }) => key));
  expectObservable(keys({ topics: [], patterns: [/./] }), '20ms !').toBe('--------a', { a: 'a-0' });
  expectObservable(keys({ topics: ['__consumer_offsets'], patterns: [/^a/], groupId: 'h' }), '20ms !').toBe('--------(ca)', { a: 'a-0', c: '__consumer_offsets-0' });
}));

test('each selection replaces the one before, at once where it is known; one that selects the same does nothing', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('a', 1, 1).topic('b', 1, 1);
  //               to a what there is of it has to be asked for, to b all topics; then a is known already
  const select =  '- 199ms a---a---b 191ms                 a(ba)      ';
  const sent =    '- 199ms -------jk 97ms k 93ms           k          ';
  const records = '- 199ms -------------a 96ms b 93ms          a      ';
  const stop =    '600ms !';

  const selections = hot(select, { a: 'a', b: /^b$/ });
  expectObservable(cluster.sent(...joining), stop).toBe(sent, lines);
  expectObservable(consume({ ...quick, mode: selecting(selections) }).pipe(places()), stop).toBe(records, { a: 'a-0@0', b: 'b-0@0' });
}));

test('the same selection again asks nobody anything', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('a', 1);
  const select =  '-------------------------s 999ms t';
  const asked =   '-m';
  const selections = hot(select, { s: /^a/, t: [/^a/] }).pipe(startWith(/^a/));
  expectObservable(cluster.sent('Metadata'), '3s !').toBe(asked, { m: 'metadata' });
  expectObservable(consume({ mode: selecting(selections) }).pipe(places()), '3s !').toBe('');
}));

test('what is selected later, by name or by pattern, is asked for at once, however old what is known may be', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('a', 1, 1).topic('b', 1, 1).topic('c', 1, 1);
  const select =  '- 499ms b 499ms c          ';
  const records = '- 504ms b 499ms c          ';
  const selections = hot(select, { b: 'b', c: /^c/ }).pipe(startWith('a'));
  const consumed = consume({ mode: selecting(selections), fetch, commit: false }).pipe(places(), filter((place) => !place.startsWith('a')));
  expectObservable(consumed, '3s !').toBe(records, { b: 'b-0@0', c: 'c-0@0' });
}));

test('a partition that was added before a further selection begins at its beginning all the same', marble(({ cluster, consume, hot, play, expectObservable }) => {
  cluster.topic('a', 1, 1).topic('b', 1, 1);
  const script =  '- 499ms g        ';
  const select =  '- 599ms s        ';
  const records = '- 616ms x        ';
  const grow = (): void => {
    cluster.apply({ kind: 'addPartitions', topic: 'a', partitions: 2 });
    cluster.append('a', 1, 1);
  };
  const selections = hot(select, { s: ['a', 'b'] }).pipe(startWith('a'));
  expectObservable(consume({ mode: selecting(selections), fetch, commit: false, startFrom: 'latest' }).pipe(places()), '2s !').toBe(records, { x: 'a-1@0' });
  play(script, { g: grow });
}));

test('what is selected no more is read until the group has given it away', marble(({ cluster, consume, hot, play, scheduler, expectObservable }) => {
  cluster.topic('a', 2).topic('b', 1);
  const script =  '- 8s   r ';       // the other member hears of it with its heartbeat at 9 s
  const records = '- 8009ms r ';
  const select =  '- 7s   b ';
  const selections = hot(select, { b: 'b' }).pipe(startWith('a'));
  const assignors = [cooperativeSticky];
  const other = timer(20, scheduler).pipe(mergeMap(() => consume({ mode: asMember({ topics: ['a'], assignors }), fetch, commit: false }, {})), ignoreElements());
  const one = consume({ mode: asMember({ topics: [], selections, assignors }), fetch, commit: false }, {}).pipe(places());
  expectObservable(merge(other, one), '8900ms !').toBe(records, { r: 'a-0@0' });
  play(script, { r: () => cluster.append('a', 0, 1) });
}));

test('of several selections that come while a join is parked the last one counts', marble(({ cluster, consume, play, told, expectObservable }) => {
  cluster.topic('a', 1).topic('b', 1).topic('c', 1);
  //               the group waits 50 ms for more members: meanwhile b and c are selected, and joined with when it has begun
  const script =   '----------b--c    ';
  const sent =     '-----jk 96ms k    ';
  const assigned = '--------- 49ms a 46ms c';       // the leader waits until it knows c
  const stop =     '200ms !';

  const selections = new Subject<TopicSelection>();
  expectObservable(cluster.sent(...joining), stop).toBe(sent, lines);
  expectObservable(told('assigned').pipe(map(({ partitions }) => partitions.map(({ topic }) => topic).join())), stop).toBe(assigned);
  expectObservable(consume({ ...quick, mode: selecting(merge(of('a'), selections)) }).pipe(places()), stop).toBe('');
  play(script, { b: () => selections.next('b'), c: () => selections.next('c') });
}, 1, 50));

test('a name that is selected later, and that there is no topic of, ends nothing: it is looked for, and read when it is there', marble(({ cluster, consume, told, play, expectObservable }) => {
  cluster.topic('a', 1);
  const script =  '------------------s 500ms c     ';
  const records = '------------------- 900ms b     ';       // it is asked ever more seldom, as for any topic that is not there
  const missed =  '------------------ 85ms m 100ms n 100ms o';       // each answer without it
  const stop =    '3s !';
  const selections = new Subject<TopicSelection>();
  expectObservable(told('retryScheduled').pipe(filter(({ api, topic }) => api === 'Metadata' && topic === 'b'), map(({ attempt }) => String(attempt))), '400ms !').toBe(missed, { m: '1', n: '2', o: '3' });
  const consumed = consume({ ...quick, mode: selecting(merge(of('a'), selections)), startFrom: 'latest', startTimeout: 100 });
  expectObservable(consumed.pipe(places()), stop).toBe(records, { b: 'b-0@0' });
  play(script, { s: () => selections.next(['a', 'b']), c: () => cluster.topic('b', 1, 1) });
}));

test('an observable that completes leaves its last selection, though it be synchronous', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('a', 1, 1);
  expectObservable(consume({ ...quick, mode: selecting(of('b', 'a')) }).pipe(places()), '50ms !').toBe('-----------a', { a: 'a-0@0' });
}));

test('before the first selection nothing is joined; when there is none in time the consumer says so', marble(({ cluster, consume, expectObservable }) => {
  expectObservable(cluster.sent('JoinGroup'), '2s !').toBe('');
  expectObservable(consume({ mode: selecting(EMPTY), startTimeout: 1_000 }), '2s !').toBe('1s #', {}, 'INVALID_OPTIONS');
}));

test('its error is the error of the consumer, as it is; a value that is no selection is an OptionsError', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('a', 1, 1);
  const mine = new Error('mine');
  expectObservable(consume({ mode: selecting(throwError(() => mine)) }, {}), '50ms !').toBe('#', {}, mine);
  expectObservable(consume({ mode: selecting(merge(of('a'), hot('------------#', {}, mine))) }, {}).pipe(places()), '50ms !').toBe('-----------a--#', { a: 'a-0@0' }, mine);
  expectObservable(consume({ mode: selecting(of(['a b'])) }, {}), '50ms !').toBe('#', {}, 'INVALID_OPTIONS');
}, 1, 0, { TERM: 'the error is the user’s' }));

test('an empty array selects nothing for now: it is no error, first or later, and counts as the start', marble(({ cluster, consume, told, play, expectObservable }) => {
  cluster.topic('a', 1, 1);
  const selections = new Subject<string[]>();
  const script =  '--------- 90ms a 900ms b';
  const assigned = '--------x 96ms y 896ms z--z';
  const stop =    '2s !';
  expectObservable(told('assigned').pipe(map(({ partitions }) => partitions.length)), stop).toBe(assigned, { x: 0, y: 1, z: 0 });
  const mode = { ...selecting(merge(of<string[]>([]), selections)), assignors: [cooperativeSticky] };
  expectObservable(consume({ mode, startTimeout: 500 }).pipe(places()), stop).toBe('- 107ms a', { a: 'a-0@0' });
  play(script, { a: () => selections.next(['a']), b: () => selections.next([]) });
}));

test('a name that there is no topic of is told from the start on, long before the consumer gives up', marble(({ consume, told, expectObservable }) => {
  const looked = told('retryScheduled').pipe(map(({ api, topic, attempt, delay }) => `${api} ${String(topic)} ${String(attempt)} ${String(delay)}`));
  expectObservable(looked, '700ms !').toBe('--a 101ms b 100ms c 200ms d', { a: 'Metadata typo 1 100', b: 'Metadata typo 2 100', c: 'Metadata typo 3 200', d: 'Metadata typo 4 400' });
  expectObservable(consume({ mode: selecting(of('typo')) }), '700ms !').toBe('');
}));

test('it is subscribed once for each consumer, and let go of with it', marble(({ cluster, consume, cold, flush, expectObservable }) => {
  cluster.topic('a', 1, 1);
  const selections = cold('--a', { a: 'a' });
  expectObservable(consume({ mode: selecting(selections), commit: false }), '---------------!').toBe('');
  flush();
  expect(selections.subscriptions).toMatchObject([{ subscribedFrame: 0, unsubscribedFrame: 15 }]);
}));

function selecting(selections: Observable<TopicSelection>): GroupMode {
  return asMember({ topics: [], selections });
}

function places(): (streams: Observable<PartitionStream>) => Observable<string> {
  return (streams) => streams.pipe(mergeMap((stream) => stream.pipe(ackEach(), map(({ offset }) => `${stream.key}@${String(offset)}`))));
}
