import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fetchApi, type FetchResponse, type NodeEndpoint, type PartitionData } from '../../src/protocol/apis/fetch.ts';
import { encodeBatch } from '../../src/protocol/encodeBatch.ts';
import type { FetchPart } from '../../src/protocol/fetchParts.ts';
import { FetchWalk } from '../../src/protocol/fetchWalk.ts';
import { decodeResponse, encodeResponse } from '../../src/protocol/header.ts';
import { MalformedError } from '../../src/protocol/MalformedError.ts';
import { partsOf } from '../../src/transport/fetchAnswer.ts';
import { NO_ID } from '../support/noId.ts';

const [lowest, highest] = fetchApi.versions;
const versions = Array.from({ length: highest - lowest + 1 }, (_, i) => lowest + i);
const none = { epoch: -1, endOffset: -1 };

const id = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const offset = fc.integer({ min: -1, max: 2 ** 52 });
const batch = fc
  .tuple(fc.nat(1_000_000), fc.nat(400))
  .map(([baseOffset, size]) => encodeBatch([{ value: Buffer.alloc(size, 'v') }], { baseOffset }));

/** Batches, and behind them nothing, a cut batch, or nonsense. */
const records = fc
  .tuple(
    fc.array(batch, { maxLength: 4 }),
    fc.oneof(
      fc.constant(Buffer.alloc(0)),
      fc.tuple(batch, fc.nat(100)).map(([bytes, length]) => bytes.subarray(0, length)),
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
      fc.constant(Buffer.alloc(70, 2)),
    ),
  )
  .map(([batches, tail]) => Buffer.concat([...batches, tail]));

const plain = {
  partitionIndex: id,
  errorCode: fc.integer({ min: -1, max: 120 }),
  highWatermark: offset,
  lastStableOffset: offset,
  logStartOffset: offset,
  abortedTransactions: fc.option(fc.array(fc.record({ producerId: offset, firstOffset: offset }), { maxLength: 5 })),
  preferredReadReplica: fc.integer({ min: -1, max: 9 }),
};

/** As brokers write them: who has tags to tell has no records. */
const partition: fc.Arbitrary<PartitionData> = fc.oneof(
  fc.record({
    ...plain,
    divergingEpoch: fc.constant(none),
    currentLeader: fc.constant({ leaderId: -1, leaderEpoch: -1 }),
    snapshotId: fc.constant({ endOffset: -1, epoch: -1 }),
    records: fc.oneof(records, fc.constant(null)),
  }),
  fc.record({
    ...plain,
    divergingEpoch: fc.record({ epoch: id, endOffset: offset }),
    currentLeader: fc.record({ leaderId: id, leaderEpoch: id }),
    snapshotId: fc.record({ endOffset: offset, epoch: id }),
    records: fc.constantFrom(null, Buffer.alloc(0)),
  }),
);

const endpoint: fc.Arbitrary<NodeEndpoint> = fc.record({
  nodeId: id,
  host: fc.string({ maxLength: 20 }),
  port: fc.nat(65_535),
  rack: fc.option(fc.string({ maxLength: 5 })),
});

const topicIds = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex'));

const answer: fc.Arbitrary<FetchResponse> = fc.record({
  throttleTimeMs: id,
  errorCode: fc.integer({ min: -1, max: 120 }),
  sessionId: id,
  responses: fc.array(
    fc.record({
      topic: fc.string({ maxLength: 20 }),
      topicId: topicIds,
      partitions: fc.array(partition, { maxLength: 4 }),
    }),
    { maxLength: 3 },
  ),
  nodeEndpoints: fc.array(endpoint, { maxLength: 2 }),
});

/** A version, and an answer with what that version can say. */
const answered = fc.tuple(fc.constantFrom(...versions), answer).map(([version, response]) => {
  const bytes = encodeResponse(fetchApi, version, 5, response);
  return { version, frame: bytes.subarray(4) };
});

/** Where chunks end, in ascending order, the end of the frame last. */
function cuts(length: number, places: readonly number[]): readonly number[] {
  return [...places.map((place) => place % (length + 1)), length].toSorted((a, b) => a - b);
}

/** Comparable: batches by all their bytes. */
function told(part: FetchPart): unknown {
  return part.kind === 'batch'
    ? { ...part, batch: [part.batch.baseOffset, part.batch.crc, part.batch.sizeInBytes, part.batch.body] }
    : part;
}

/** The parts in the order in which they come. What has not arrived yet holds other bytes. */
function walked(version: number, frame: Buffer, ends: readonly number[]): FetchPart[] {
  const walk = new FetchWalk(version);
  const arriving = Buffer.alloc(frame.length, 0xa5);
  const parts: FetchPart[] = [];
  let at = 0;
  for (const end of ends) {
    frame.copy(arriving, at, at, end);
    at = end;
    parts.push(...walk.advance(arriving, at));
  }
  return parts;
}

function whole(version: number, frame: Buffer): FetchPart[] {
  return [...partsOf(decodeResponse(fetchApi, version, frame), version, frame.length)];
}

function outcome(parts: () => FetchPart[]): unknown {
  try {
    return parts().map(told);
  } catch (error) {
    return error instanceof MalformedError ? 'malformed' : error;
  }
}

describe('a fetch answer, read while it arrives', () => {
  test('is in parts what it is as a whole, however it is cut, in each version', () => {
    fc.assert(
      fc.property(answered, fc.array(fc.nat(5_000), { maxLength: 30 }), ({ version, frame }, places) => {
        expect(walked(version, frame, cuts(frame.length, places)).map(told)).toEqual(whole(version, frame).map(told));
      }),
      { numRuns: 500 },
    );
  });

  test('one byte at a time', () => {
    fc.assert(
      fc.property(answered, ({ version, frame }) => {
        const ends = Array.from({ length: frame.length }, (_, i) => i + 1);
        expect(walked(version, frame, ends).map(told)).toEqual(whole(version, frame).map(told));
      }),
      { numRuns: 50 },
    );
  });

  test('with any bytes changed is refused exactly if it is refused as a whole, and else the same', () => {
    const change = fc.tuple(fc.nat(10_000), fc.nat(255));
    fc.assert(
      fc.property(
        answered,
        fc.array(change, { maxLength: 3 }),
        fc.array(fc.nat(5_000), { maxLength: 8 }),
        ({ version, frame }, changes, places) => {
          const bad = Buffer.from(frame);
          for (const [at, byte] of changes) bad[at % bad.length] = byte;
          const streamed = outcome(() => sorted(walked(version, bad, cuts(bad.length, places))));
          expect(streamed).toEqual(outcome(() => whole(version, bad)));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('each part is there with its last byte, and not before', () => {
    const data = (partitionIndex: number, ...batches: readonly Buffer[]): PartitionData => ({
      partitionIndex,
      errorCode: 0,
      highWatermark: 9,
      lastStableOffset: 9,
      logStartOffset: 0,
      divergingEpoch: none,
      currentLeader: { leaderId: -1, leaderEpoch: -1 },
      snapshotId: { endOffset: -1, epoch: -1 },
      abortedTransactions: [],
      preferredReadReplica: -1,
      records: Buffer.concat(batches),
    });
    const one = encodeBatch([{ value: Buffer.alloc(100) }], { baseOffset: 1 });
    const two = encodeBatch([{ value: Buffer.alloc(50) }], { baseOffset: 2 });
    const response = {
      throttleTimeMs: 0,
      errorCode: 0,
      sessionId: 0,
      responses: [{ topic: 't', topicId: NO_ID, partitions: [data(0, one, two)] }],
      nodeEndpoints: [],
    };
    const frame = encodeResponse(fetchApi, 12, 5, response).subarray(4);
    const walk = new FetchWalk(12);
    const seen = Array.from({ length: frame.length }, (_, i) =>
      [...walk.advance(frame, i + 1)].map((part) => `${part.kind} ${i + 1}`),
    ).flat();
    const first = frame.indexOf(one);
    const second = first + one.length;
    const end = second + two.length;
    expect(seen).toEqual(['head 15', `partition ${first}`, `batch ${second}`, `batch ${end}`, `end ${frame.length}`]);
  });

  test.each([4, 11])('records of one byte more than there are: malformed (version %i)', (version) => {
    const records = encodeBatch([{ value: null }], { baseOffset: 1 });
    const answer = [...fc.sample(fc.record({ ...plain, records: fc.constant(records) }), { numRuns: 1, seed: 1 })];
    const partitions = answer.map((one) => ({
      ...one,
      divergingEpoch: none,
      currentLeader: { leaderId: -1, leaderEpoch: -1 },
      snapshotId: { endOffset: -1, epoch: -1 },
    }));
    const response = {
      ...{ throttleTimeMs: 0, errorCode: 0, sessionId: 0 },
      responses: [{ topic: 't', topicId: NO_ID, partitions }],
      nodeEndpoints: [],
    };
    const frame = encodeResponse(fetchApi, version, 5, response).subarray(4);
    expect(walked(version, frame, [frame.length])).toHaveLength(4);
    frame.writeInt32BE(records.length + 1, frame.length - records.length - 4);
    expect(() => walked(version, frame, [frame.length])).toThrow(MalformedError);
  });

  test('tags behind records are told in a second header', () => {
    const frame = encodeResponse(fetchApi, 12, 5, {
      throttleTimeMs: 0,
      errorCode: 0,
      sessionId: 0,
      responses: [
        {
          topic: 't',
          topicId: NO_ID,
          partitions: [
            {
              partitionIndex: 3,
              errorCode: 0,
              highWatermark: 9,
              lastStableOffset: 9,
              logStartOffset: 0,
              divergingEpoch: { epoch: 4, endOffset: 7 },
              currentLeader: { leaderId: -1, leaderEpoch: -1 },
              snapshotId: { endOffset: -1, epoch: -1 },
              abortedTransactions: [],
              preferredReadReplica: -1,
              records: encodeBatch([{ value: null }], { baseOffset: 1 }),
            },
          ],
        },
      ],
      nodeEndpoints: [],
    }).subarray(4);
    const parts = walked(12, frame, [frame.length]);
    expect(parts.map(({ kind }) => kind)).toEqual(['head', 'partition', 'batch', 'partition', 'end']);
    expect(parts[1]).toMatchObject({ header: { partitionIndex: 3, divergingEpoch: none } });
    expect(parts[3]).toMatchObject({ header: { partitionIndex: 3, divergingEpoch: { epoch: 4, endOffset: 7 } } });
  });
});

/** As `partsOf` tells them: of two headers of one partition the later one, in the place of the first. */
function sorted(parts: readonly FetchPart[]): FetchPart[] {
  const result: FetchPart[] = [];
  let place = -1;
  for (const part of parts) {
    const before = result[place];
    const again =
      part.kind === 'partition' &&
      before?.kind === 'partition' &&
      result.length > place + 1 &&
      isTold(part) &&
      !isTold(before) &&
      same(part, before);
    if (again) result[place] = part;
    else {
      if (part.kind === 'partition') place = result.length;
      result.push(part);
    }
  }
  return result;
}

type Header = FetchPart & { readonly kind: 'partition' };

function isTold({ header: { divergingEpoch, currentLeader, snapshotId } }: Header): boolean {
  const { epoch, endOffset } = divergingEpoch;
  const told: readonly number[] = [
    epoch,
    endOffset,
    currentLeader.leaderId,
    currentLeader.leaderEpoch,
    snapshotId.epoch,
    snapshotId.endOffset,
  ];
  return told.some((value) => value !== -1);
}

/** The same partition, and all but the tags: topics that go by ids have no names, and a nonsensical answer may list a partition twice. */
function same(a: Header, b: Header): boolean {
  const plainOf = ({ header }: Header): unknown => ({ ...header, divergingEpoch: none, currentLeader: none, snapshotId: none });
  return isDeepStrictEqual(plainOf(a), plainOf(b));
}
