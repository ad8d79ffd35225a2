import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { ConsumerEvent } from '../../src/model/events.ts';
import { warnings } from '../../src/observe/warnings.ts';

const place = { topic: 'orders', partition: 3 };
const error = new Error('refused');

/** What is warned of: `KAFKA_RX_STALLED: 10,000 records of …`. */
function warned(...events: readonly ConsumerEvent[]): string[] {
  const given: string[] = [];
  from(events)
    .pipe(warnings())
    .subscribe({ next: ({ code, message }) => given.push(`${code}: ${message}`), error: (thrown: unknown) => given.push(String(thrown)) });
  return given;
}

function stalled(reason: string, at = 31_000, partition = 3): ConsumerEvent {
  return { kind: 'stalled', topic: 'orders', partition, reason, since: at - 30_000, at, unacked: 10_000 };
}

function retry(
  at: number,
  attempt: number,
  where: { readonly api?: string; readonly broker?: string; readonly partition?: number } = {},
): ConsumerEvent {
  return { kind: 'retryScheduled', api: 'Fetch', delay: 100, error, at, attempt, ...where };
}

const commitFailed = (at: number, retrying = true): ConsumerEvent => ({
  kind: 'commitFailed',
  offsets: [{ ...place, offset: 5 }],
  error,
  retrying,
  at,
});
const committed = (at: number): ConsumerEvent => ({ kind: 'committed', offsets: [{ ...place, offset: 5 }], at });
const unattended = (since: number, at: number, reason = 'no subscriber'): ConsumerEvent => ({
  kind: 'unattended',
  ...place,
  reason,
  since,
  at,
});

describe('a warning', () => {
  it('of a full window says how many records nobody acked, and what to do', () => {
    expect(warned(stalled('window'))).toEqual([
      'KAFKA_RX_STALLED: 10,000 records of orders-3 delivered, none acked for 30 s: use processRecords, ackEach or record.ack()',
    ]);
  });

  it('is given once for all partitions of a topic that stand still for one reason', () => {
    for (const reason of ['window', 'unacked', 'no-leader', 'start-from', 'session-expired']) {
      expect(warned(stalled(reason, 31_000, 1), stalled(reason, 31_000, 2)), reason).toHaveLength(1);
    }
    expect(warned(stalled('window'), stalled('unacked'))).toHaveLength(2);
    expect(warned(stalled('window'), { ...stalled('window'), topic: 'payments' } as ConsumerEvent)).toHaveLength(2);
  });

  it('of one cause is given once a minute', () => {
    const times = [31_000, 90_999, 91_000, 100_000, 151_000];
    expect(warned(...times.map((at) => stalled('window', at)))).toHaveLength(3);
  });

  it('of a broker is given when it has failed for 30 s without a success between', () => {
    const broker = 'b1:9092';
    expect(warned(retry(0, 1, { broker }), retry(29_999, 9, { broker }))).toEqual([]);
    expect(warned(retry(0, 1, { broker }), retry(30_000, 9, { broker }))).toEqual([
      'KAFKA_RX_BROKER_AWAY: broker b1:9092 has not answered Fetch for 30 s: refused',
    ]);
    expect(warned(retry(0, 1, { broker }), retry(20_000, 1, { broker }), retry(40_000, 2, { broker }))).toEqual([]);
    expect(warned(retry(0, 1, { broker }), retry(20_000, 1, { broker: 'b2:9092' }), retry(40_000, 2, { broker: 'b2:9092' }))).toEqual([]);
  });

  it('of the coordinator is given once, whoever asks it', () => {
    const failing = ['Heartbeat', 'OffsetFetch'].flatMap((api) => [
      retry(0, 1, { api, partition: 1 }),
      retry(40_000, 9, { api, partition: 1 }),
    ]);
    expect(warned(...failing)).toEqual(["KAFKA_RX_BROKER_AWAY: the group's coordinator has not answered Heartbeat for 40 s: refused"]);
  });

  it('of lost partitions names the first ones', () => {
    const partitions = [1, 2, 3, 4, 5, 6, 7].map((partition) => ({ topic: 'orders', partition }));
    expect(warned({ kind: 'lost', partitions, reason: 'fenced', at: 0 })).toEqual([
      'KAFKA_RX_PARTITION_LOST: orders-1, orders-2, orders-3, orders-4, orders-5 and 2 more lost: fenced; another consumer may process some of their records again',
    ]);
  });

  it('of commits is given after 60 s of failures, and at once where trying again does not help', () => {
    expect(warned(commitFailed(0), commitFailed(59_999))).toEqual([]);
    expect(warned(commitFailed(0), commitFailed(60_000))).toEqual([
      'KAFKA_RX_COMMIT_FAILED: commits of orders-3 have failed for 60 s: refused; after a restart their records are delivered again',
    ]);
    expect(warned(commitFailed(0), committed(30_000), commitFailed(60_000), commitFailed(119_000))).toEqual([]);
    expect(warned(commitFailed(0, false))).toEqual([
      'KAFKA_RX_COMMIT_FAILED: commits of orders-3 have failed: refused; after a restart their records are delivered again',
    ]);
  });

  it('of a commit that is held back names the record', () => {
    expect(warned({ kind: 'commitHeldBack', ...place, offset: 7, age: 60_000, behind: 12_345, at: 60_000 })).toEqual([
      'KAFKA_RX_COMMIT_HELD_BACK: the commit of orders-3 has been held back for 60 s by the record at offset 7, which is not acked; ' +
        '12,345 offsets from there on are delivered again after a restart: ack what is filtered out as well',
    ]);
  });

  it('of a stream without a subscriber is given after 10 s: one that is between two tries is none', () => {
    expect(warned(unattended(1_000, 1_000))).toEqual([]);
    expect(warned(unattended(1_000, 31_000))).toEqual([
      'KAFKA_RX_UNATTENDED: nothing of orders-3 is delivered: no subscriber; subscribe every stream, at once and for as long as it is assigned',
    ]);
    expect(warned(unattended(1_000, 1_000, 'its stream has errored'))).toHaveLength(1);
  });

  it('is not given for what goes well, or is said by others', () => {
    expect(
      warned(
        { kind: 'fetched', broker: 'b1:9092', partitions: 1, bytes: 1, duration: 1, at: 0 },
        { kind: 'delivered', ...place, firstOffset: 0, lastOffset: 1, count: 2, at: 0 },
        { kind: 'disconnected', broker: 'b1:9092', host: 'b1', port: 9092, error, at: 0 },
        { kind: 'recovered', ...place, reason: 'window', since: 0, at: 0 },
        stalled('broker-away'),
      ),
    ).toEqual([]);
  });
});
