import { filter, ignoreElements, merge, mergeAll, mergeMap, tap, timer, type Observable } from 'rxjs';
import { expect, test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import type { FetchRequest } from '../src/protocol/apis/fetch.ts';
import type { Traffic } from '../src/testing/index.ts';
import { consumerOf, marble, ofPartitions, settings, type Marble } from '../test/support/scripted/index.ts';
import type { Overrides } from '../test/support/scripted/settings.ts';

// A Fetch is sent only where it is needed: how many there are, of what, and how large.

const maxWait = 500;
const polling = { minBytes: 1, maxWait, maxBytes: 1_000_000, maxPartitionBytes: 1_000_000 };

/** One Fetch, as it went out. */
interface Sent {
  readonly at: number;
  readonly node: number;
  /** What the broker is to fetch by it, and how many partitions it says so of. */
  readonly asked: readonly number[];
  readonly listed: number;
  readonly bytes: number;
}

/** All that was fetched, by the time at which it was asked for. */
class Accounts {
  readonly all: Sent[] = [];
  /** Bytes of the answers, by the time at which they came. */
  readonly answers: { readonly at: number; readonly bytes: number }[] = [];

  constructor({ cluster }: Pick<Marble, 'cluster'>) {
    cluster.traffic.pipe(filter(({ api }) => api === 'Fetch')).subscribe({
      next: (traffic) => {
        if (traffic.kind === 'request') this.all.push(sentOf(traffic));
        if (traffic.kind === 'answer') this.answers.push({ at: traffic.at, bytes: traffic.bytes ?? 0 });
      },
      error: expect.unreachable,
    });
  }

  /** Bytes of all answers of that time. */
  answersBetween(from: number, to: number): number {
    return this.answers.filter(({ at }) => at >= from && at < to).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  between(from: number, to: number): readonly Sent[] {
    return this.all.filter(({ at }) => at >= from && at < to);
  }

  /** When that partition was asked for anew, and from then on. */
  of(partition: number, from = 0): readonly number[] {
    return this.all.filter(({ at, asked }) => at >= from && asked.includes(partition)).map(({ at }) => at);
  }
}

function sentOf({ at, node, message, sent, bytes = 0 }: Traffic): Sent {
  const partitionsOf = (request: unknown): readonly number[] => (request as FetchRequest).topics.flatMap(({ partitions }) => partitions.map(({ partition }) => partition));
  return { at, node, asked: partitionsOf(message), listed: partitionsOf(sent).length, bytes };
}

/** A consumer that no oracle looks at: it would look at each of a thousand partitions for each of a thousand answers. */
function unwatched({ cluster, scheduler }: Marble, options: Overrides): Observable<PartitionStream> {
  return consumerOf(cluster, settings(scheduler, options));
}

/** Runs it up to that time. */
function run(kit: Marble, consumed: Observable<unknown>, ms: number): void {
  kit.expectObservable(consumed.pipe(ignoreElements()), `${ms}ms !`).toBe('');
  kit.flush();
}

test('1,000 idle partitions on three brokers: three requests per long poll, which say nothing but that it goes on', marble((kit) => {
  kit.cluster.topic('orders', 1_000);
  const accounts = new Accounts(kit);
  run(kit, unwatched(kit, { mode: ofPartitions(1_000), fetch: polling }).pipe(mergeAll()), 5_000);

  const [first, later] = [accounts.between(0, maxWait), accounts.between(maxWait, 5_000)];
  expect(first.length).toBe(3);
  expect(first.reduce((sum, { listed }) => sum + listed, 0)).toBe(1_000);
  expect(later.length).toBeLessThanOrEqual((3 * 5_000) / maxWait);
  expect(later.length).toBeGreaterThan((3 * 4_000) / (maxWait + 2));
  expect(new Set(later.map(({ node }) => node)).size).toBe(3);
  for (const { asked, listed, bytes } of later) expect([asked.length > 300, listed, bytes < 100]).toEqual([true, 0, true]);
  for (const { at, bytes } of accounts.answers) if (at > 2 * maxWait) expect(bytes).toBeLessThan(100);
}, 3));

/** Writes to a partition every so many ms, batches of one record of 1 KB. */
function writes({ cluster, scheduler }: Marble, partition: number, every: number): Observable<never> {
  return timer(every, every, scheduler).pipe(tap(() => cluster.append('orders', partition, 1, { valueBytes: 1_000 })), ignoreElements());
}

test('a full slice that nobody acks, with a live backlog and idle neighbours: no byte of it, one poll per maxWait; below half of it one fetch', marble((kit) => {
  const { cluster, consume, play } = kit;
  cluster.topic('orders', 3);
  for (let batch = 0; batch < 100; batch++) cluster.append('orders', 0, 1, { valueBytes: 1_000 });
  const accounts = new Accounts(kit);
  const held: KafkaRecord[] = [];
  const consumed = consume({ mode: ofPartitions(3), maxBuffered: 3 * 10_000, fetch: polling }).pipe(
    mergeMap((partition) => (partition.partition === 0 ? partition.pipe(tap((record) => held.push(record))) : partition.pipe(ackEach()))),
  );
  const ack = (count: number): void => held.splice(0, count).forEach((record) => record.ack());
  play('6s a 6s b', { a: () => ack(4), b: () => ack(2) });
  run(kit, merge(consumed, writes(kit, 0, 50)), 20_000);

  //               by then it holds its slice of ten batches
  const filled = accounts.of(0).filter((at) => at < 6_000);
  expect(Math.max(...filled)).toBeLessThan(100);
  expect(accounts.between(1_000, 6_000).length).toBeLessThanOrEqual(5_000 / maxWait);
  expect(accounts.answersBetween(1_000, 6_000)).toBeLessThan(10 * 100);
  // Four of ten are acked: more than half is held, and nothing is due. But acks are coming: for a second polls are short.
  expect(accounts.of(0, 6_000).filter((at) => at < 12_000)).toEqual([]);
  expect(accounts.between(6_000, 12_000).length).toBeLessThanOrEqual(6_000 / maxWait + 1_000 / 50);
  expect(accounts.answersBetween(6_000, 12_000)).toBeLessThan(40 * 100);
  // Six of ten: one fetch brings what is missing, and no other follows.
  expect(accounts.of(0, 12_000)).toHaveLength(1);
  expect(accounts.of(0, 12_000)[0]).toBeLessThan(12_000 + maxWait + 5);
  expect(accounts.between(13_500, 18_500).length).toBeLessThanOrEqual(5_000 / maxWait);
}));

test('all paused: each is fetched up to its slice, and then there is no request at all', marble((kit) => {
  const { cluster, consume } = kit;
  cluster.topic('orders', 4);
  for (let partition = 0; partition < 4; partition++) for (let batch = 0; batch < 30; batch++) cluster.append('orders', partition, 1, { valueBytes: 1_000 });
  const accounts = new Accounts(kit);
  const consumed = consume({ mode: ofPartitions(4), maxBuffered: 4 * 10_000, fetch: { ...polling, maxPartitionBytes: 5_000 } }).pipe(
    mergeMap((partition) => {
      partition.pause();
      return partition;
    }),
  );
  run(kit, merge(consumed, writes(kit, 0, 50)), 15_000);

  for (let partition = 0; partition < 4; partition++) expect(accounts.of(partition).length).toBeLessThanOrEqual(4);
  expect(accounts.answersBetween(0, 15_000)).toBeGreaterThan(4 * 8_000);
  expect(accounts.answersBetween(0, 15_000)).toBeLessThan(4 * 12_000);
  expect(accounts.between(50, 15_000)).toEqual([]);
}));

test('a partition that fails is asked for again as its back-off says, and its idle neighbour is polled as ever', marble((kit) => {
  const { cluster, consume } = kit;
  cluster.topic('orders', 2);
  cluster.inject({ api: 'Fetch', topic: 'orders', partition: 0, kind: 'error', error: 'KAFKA_STORAGE_ERROR', times: Infinity });
  const accounts = new Accounts(kit);
  run(kit, consume({ mode: ofPartitions(2), fetch: polling, backoff: { initial: 100, max: 4_000, jitter: 0 } }).pipe(mergeAll()), 30_000);

  const asked = accounts.of(0);
  const waits = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
  // Each wait is at least what is due, and at most the poll longer that it finds under way; then 4 s for ever.
  waits.forEach((wait, index) => {
    const due = Math.min(4_000, 100 * 2 ** index);
    expect([wait >= due, wait <= due + maxWait + 5]).toEqual([true, true]);
  });
  expect(waits.length).toBeGreaterThanOrEqual(10);
  expect(accounts.all.length).toBeLessThanOrEqual(30_000 / maxWait + asked.length + 1);
}));

test('a broker that answers every fetch with an error is asked as the back-off says, and no more', marble((kit) => {
  const { cluster, consume } = kit;
  cluster.topic('orders', 3);
  cluster.fail('Fetch', 'UNKNOWN_SERVER_ERROR', { times: Infinity });
  const accounts = new Accounts(kit);
  run(kit, consume({ mode: ofPartitions(3), fetch: polling, backoff: { initial: 100, max: 1_600, jitter: 0 } }).pipe(mergeAll()), 10_000);

  const asked = accounts.all.map(({ at }) => at);
  const waits = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
  expect(waits).toEqual([101, 201, 401, 801, 1_601, 1_601, 1_601, 1_601, 1_601]);
}));

test('a subscriber that keeps up has one request per answer, however the log grows', marble((kit) => {
  const { cluster, consume } = kit;
  cluster.topic('orders', 2);
  const accounts = new Accounts(kit);
  run(kit, merge(consume({ mode: ofPartitions(2), fetch: polling }).pipe(mergeMap((partition) => partition.pipe(ackEach()))), writes(kit, 0, 100)), 10_000);

  const brought = accounts.answers.filter(({ bytes }) => bytes > 1_000).length;
  expect(brought).toBeGreaterThan(98);
  expect(accounts.all.length).toBeLessThanOrEqual(brought + 3);
}));
