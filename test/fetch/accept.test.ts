import { describe, expect, it } from 'vitest';
import { CorruptBatchError } from '../../src/errors/index.ts';
import { codeOf } from '../../src/errors/table.ts';
import { verdictOf } from '../../src/fetch/verdict.ts';
import { encodeBatch, encodeControlBatch } from '../../src/protocol/encodeBatch.ts';
import { BatchView } from '../../src/protocol/recordBatch.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import { batchOf, offsets, takeAll } from '../table/scenario.ts';
import { batch, Bench, byId, corrupt, end, head, header, partition } from './scenario.ts';

/** A batch in which one bit of a record has changed on the way. */
function flipped(baseOffset: number): BatchView {
  const bytes = encodeBatch([{ value: Buffer.from('abc') }], { baseOffset });
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 2) ^ 1, bytes.length - 2);
  return new BatchView(bytes);
}

const errorOf = (cursor: Cursor): unknown => (cursor.state.kind === 'failed' ? cursor.state.error : undefined);

describe('the verdict on a partition', () => {
  it.each([
    ['NONE', 'records'],
    ['OFFSET_OUT_OF_RANGE', 'outOfRange'],
    ['NOT_LEADER_OR_FOLLOWER', 'refresh'],
    ['FENCED_LEADER_EPOCH', 'refresh'],
    ['UNKNOWN_LEADER_EPOCH', 'refresh'],
    ['UNKNOWN_TOPIC_OR_PARTITION', 'refresh'],
    ['KAFKA_STORAGE_ERROR', 'refresh'],
    ['OFFSET_NOT_AVAILABLE', 'later'],
    ['CORRUPT_MESSAGE', 'later'],
    ['TOPIC_AUTHORIZATION_FAILED', 'fail'],
    ['UNKNOWN_SERVER_ERROR', 'later'],
  ])('%s means %s', (name, verdict) => {
    expect(verdictOf(header(0, { errorCode: codeOf(name) }))).toBe(verdict);
  });

  it('a diverging epoch without an error means that the log is another one', () => {
    expect(verdictOf(header(0, { divergingEpoch: { epoch: 3, endOffset: 0 } }))).toBe('diverged');
  });
});

describe('taking in an answer', () => {
  it('buffers the batches of each partition, tells which ones have news, and how long it took', () => {
    const bench = new Bench([0, 5]);
    const round = bench.round();
    bench.clock.by(30);
    const events = bench.take(
      round,
      head,
      partition(0),
      batch(batchOf(0, 2)),
      batch(batchOf(2, 1)),
      partition(1),
      batch(batchOf(5, 1), 1),
      end,
    );
    expect(events.map(({ kind, cursor }) => `${kind} ${cursor.key}`)).toEqual([
      'batch t-0',
      'batch t-0',
      'batch t-0',
      'batch t-1',
      'batch t-1',
    ]);
    expect(bench.cursors.map((cursor) => [cursor.fetchOffset, cursor.position, cursor.end])).toEqual([
      [3, 0, 90],
      [6, 5, 90],
    ]);
    expect(bench.clock.told).toEqual([{ kind: 'fetched', broker: 'b0:9092', partitions: 2, bytes: 1_234, duration: 30 }]);
  });

  it.each([
    ['read_committed', 90, 90],
    ['read_committed', -1, 100],
    ['read_uncommitted', 90, 100],
  ] as const)('%s, with a last stable offset of %i: the log ends at %i', (isolationLevel, lastStableOffset, expected) => {
    const bench = new Bench([0], { isolationLevel });
    bench.take(bench.round(), head, partition(0, { lastStableOffset }));
    expect(bench.cursor(0).end).toBe(expected);
  });

  it.each([
    ['read_committed', []],
    ['read_uncommitted', [0, 1]],
  ] as const)('%s: what was aborted is passed or not, markers always are', (isolationLevel, expected) => {
    const bench = new Bench([0], { isolationLevel });
    const written = batchOf(0, 2, { isTransactional: true, producerId: 1 });
    const marker = new BatchView(encodeControlBatch('abort', { baseOffset: 2, producerId: 1 }));
    bench.take(
      bench.round(),
      head,
      partition(0, { abortedTransactions: [{ producerId: 1, firstOffset: 0 }] }),
      batch(written),
      batch(marker),
    );
    expect([offsets(takeAll(bench.cursor(0))), bench.cursor(0).position]).toEqual([expected, 3]);
  });

  it('ignores a batch that ends before what is held already', () => {
    const bench = new Bench([5]);
    bench.take(bench.round(), head, partition(0), batch(batchOf(0, 5)), batch(batchOf(5, 2)), batch(batchOf(5, 2)), batch(batchOf(3, 1)));
    expect([offsets(takeAll(bench.cursor(0))), bench.cursor(0).fetchOffset]).toEqual([[5, 6], 7]);
  });

  it('is throttled as the broker says', () => {
    const bench = new Bench([0]);
    bench.take(bench.round(), { ...head, throttleTimeMs: 700 });
    expect([bench.row.notBefore, bench.clock.told]).toEqual([1_700, [{ kind: 'throttled', broker: 'b0:9092', delay: 700 }]]);
  });

  it('throws an error of the answer as a whole', () => {
    const bench = new Bench([0]);
    expect(() => bench.take(bench.round(), { ...head, errorCode: codeOf('FETCH_SESSION_ID_NOT_FOUND') })).toThrow(
      expect.objectContaining({ code: 'FETCH_SESSION_ID_NOT_FOUND', retriable: true, broker: 'b0:9092' }),
    );
  });

  it('knows nothing of a partition that was not asked for', () => {
    const bench = new Bench([0]);
    const round = bench.round();
    expect(bench.take(round, partition(7), batch(batchOf(0, 1), 7), corrupt(0, 7))).toEqual([]);
  });
});

describe('bytes that are none', () => {
  it.each([
    ['a wrong checksum', batch(flipped(2)), { firstOffset: 2, lastOffset: 2 }],
    ['no batch at all', corrupt(2), { firstOffset: 2, lastOffset: 2 }],
    ['no batch at an offset that is not known', corrupt(-1), { firstOffset: 2, lastOffset: 2 }],
  ])('%s: good ones before are kept, the position stays, and the neighbour goes on', (_, bad, fields) => {
    const bench = new Bench([0, 0]);
    const [cursor, neighbour] = [bench.cursor(0), bench.cursor(1)];
    bench.take(
      bench.round(),
      head,
      partition(0),
      batch(batchOf(0, 2)),
      bad,
      batch(batchOf(3, 1)),
      partition(1),
      batch(batchOf(0, 1), 1),
      end,
    );
    expect(errorOf(cursor)).toBeInstanceOf(CorruptBatchError);
    expect(errorOf(cursor)).toMatchObject({ code: 'CORRUPT_MESSAGE', topic: 't', partition: 0, broker: 'b0:9092', ...fields });
    expect(errorOf(cursor)).toMatchObject({ advice: expect.stringContaining('seek({ offset: 3 })') as string });
    expect([offsets(takeAll(cursor)), cursor.position, cursor.delivery.hold]).toEqual([[0, 1], 2, 'failed']);
    expect([offsets(takeAll(neighbour)), neighbour.state.kind]).toEqual([[0], 'fetching']);
  });

  it('are followed by nothing more of that answer, though the stream is subscribed again at once: that would be a hole', () => {
    const bench = new Bench([0]);
    const cursor = bench.cursor(0);
    const round = bench.round();
    bench.take(round, head, partition(0), batch(batchOf(0, 2)), corrupt(2));
    cursor.apply({ kind: 'told' });
    cursor.apply({ kind: 'retry' });
    expect(bench.take(round, batch(batchOf(3, 1)))).toEqual([]);
    expect([cursor.state.kind, cursor.fetchOffset]).toEqual(['fetching', 2]);
  });

  it('are not looked for where the option says so', () => {
    const bench = new Bench([0], { checkCrcs: false });
    bench.take(bench.round(), head, partition(0), batch(flipped(0)));
    expect(offsets(takeAll(bench.cursor(0)))).toEqual([0]);
  });
});

describe('a position that is said to be outside of the log', () => {
  const outside = byId(0, { errorCode: codeOf('OFFSET_OUT_OF_RANGE'), highWatermark: -1, lastStableOffset: -1 });

  it.each(['earliest', 'latest', 'none'] as const)(
    'is left where it is, and disputed: where the log begins and ends is asked first (%s)',
    (policy) => {
      const bench = new Bench([50]);
      bench.autoOffsetReset = policy;
      bench.take(bench.round(), head, outside, batch(batchOf(50, 1)), end);
      const cursor = bench.cursor(0);
      expect([cursor.state.kind, cursor.positionEpoch, cursor.position, cursor.fetchOffset, cursor.route.doubt]).toEqual([
        'fetching',
        0,
        50,
        50,
        { kind: 'range' },
      ]);
      expect([cursor.route.notBefore, cursor.route.failures, cursor.route.round]).toEqual([1_100, 1, undefined]); // else a log that goes on being out of range would be asked without end
      expect(bench.clock.toldOf('retryScheduled')).toMatchObject([{ api: 'Fetch', topic: 't', partition: 0, attempt: 1, delay: 100 }]);
      bench.clock.by(100);
      expect(bench.mayRound()).toBeUndefined();
    },
  );
});

describe('a partition that has an error', () => {
  it('is errored where trying again does not help', () => {
    const bench = new Bench([0, 0]);
    bench.take(bench.round(), head, partition(0, { errorCode: codeOf('TOPIC_AUTHORIZATION_FAILED') }), partition(1), end);
    expect(errorOf(bench.cursor(0))).toMatchObject({ name: 'AuthorizationError', code: 'TOPIC_AUTHORIZATION_FAILED' });
    expect([bench.cursor(1).state.kind, bench.invalidated]).toEqual(['fetching', 0]);
  });

  it.each([
    ['NOT_LEADER_OR_FOLLOWER', 1],
    ['OFFSET_NOT_AVAILABLE', 0],
  ])('backs off with %s, alone; metadata is asked for %i times', (name, times) => {
    const bench = new Bench([0, 0]);
    const bad = partition(0, { errorCode: codeOf(name) });
    bench.take(bench.round(), head, bad, batch(batchOf(0, 1)), partition(1), batch(batchOf(0, 1), 1), end);
    const [cursor, neighbour] = [bench.cursor(0), bench.cursor(1)];
    expect([cursor.state.kind, cursor.fetchOffset, cursor.route.notBefore, cursor.route.failures]).toEqual(['fetching', 0, 1_100, 1]);
    expect([neighbour.fetchOffset, neighbour.route.notBefore, bench.invalidated]).toEqual([1, 0, times]);
    expect(bench.clock.toldOf('retryScheduled')).toMatchObject([{ partition: 0, delay: 100, error: { code: name } }]);
  });
});
