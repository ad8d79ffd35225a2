import { describe, expect, test } from 'vitest';
import { answerOf } from '../../scripts/fuzz/answers.ts';
import { claimsOf, type Claim } from '../../scripts/fuzz/claims.ts';
import { corpusOf } from '../../scripts/fuzz/corpus.ts';
import { play } from '../../scripts/fuzz/crew.ts';
import { decodingFrame, diceOf } from '../../scripts/fuzz/decoding.ts';
import { draftOf, frameOf } from '../../scripts/fuzz/draft.ts';
import { readFrame } from '../../scripts/fuzz/readFrame.ts';
import { structureOf } from '../../scripts/fuzz/spots.ts';
import { Witness } from '../../scripts/fuzz/witness.ts';
import { fetchApi } from '../../src/protocol/apis/fetch.ts';
import { decodeResponse } from '../../src/protocol/header.ts';
import { encodeBatch } from '../../src/protocol/encodeBatch.ts';

const corpus = corpusOf(1);
const [lowest, highest] = fetchApi.versions;

test('the structure of a frame is found in each version, and a draft of it is the same frame again', () => {
  for (let version = lowest; version <= highest; version++) {
    for (let number = 0; number < 30; number++) {
      const { draft, contained } = answerOf(corpus, diceOf(2, number));
      const frame = frameOf(draft, version, 5);
      const { whole, sections } = structureOf(frame, version);
      expect([whole, sections.length]).toEqual([true, contained.partitions]);
      expect(frameOf(draftOf(decodeResponse(fetchApi, version, frame)), version, 5).equals(frame)).toBe(true);
    }
  }
});

test('a good frame of which not all comes out is found', () => {
  const number = Array.from({ length: 1_000 }, (_, index) => index).find(
    (each) => (decodingFrame(corpus, 1, each).contained?.records ?? 0) > 0,
  );
  const frame = decodingFrame(corpus, 1, number ?? -1);
  expect(readFrame(frame).records).toBe(frame.contained?.records);
  const more = { ...frame, contained: frame.contained && { ...frame.contained, records: frame.contained.records + 1 } };
  expect(() => readFrame(more)).toThrow(/in a good frame are/);
});

test('a process that hangs at a frame, or dies of it, is found; the others are played', { timeout: 60_000 }, async () => {
  const runner = new URL('./children/misbehaving.ts', import.meta.url);
  const outcome = await play({ level: 'consume', seed: 1, from: 0, count: 40, jobs: 1, patience: 1_500, runner });
  expect(outcome.found.map(({ number, message }) => [number, message])).toEqual([
    [3, 'it hangs'],
    [5, 'the process ended with SIGABRT'],
  ]);
  expect(outcome.counts.get('frames')).toBe(34); // and 0 to 4, of which nobody has told any more
});

describe('what a consumer goes by', () => {
  const good = encodeBatch([{ value: Buffer.from('a') }], { baseOffset: 7 });

  test('is a whole batch with the right checksum, wherever it stands', () => {
    const bad = Buffer.from(good);
    bad[good.length - 1] = 9;
    const frame = Buffer.concat([Buffer.alloc(33), good, bad, good.subarray(0, good.length - 1)]);
    expect(claimsOf(frame, 4, true, (topic) => topic).map(({ base, next, place }) => [base, next, place])).toEqual([[7, 8, undefined]]);
    expect(claimsOf(frame, 4, false, (topic) => topic)).toHaveLength(2);
  });
});

describe('a witness finds', () => {
  const batches = [0, 2, 4].map((baseOffset) => encodeBatch([{ value: Buffer.from(`${baseOffset}`) }, { value: null }], { baseOffset }));
  const values = ['0', null, '2', null, '4', null];
  const written = (value: string | null): { value: string | null; isTransactional: boolean; isAborted: boolean } => ({
    value,
    isTransactional: false,
    isAborted: false,
  });
  const truth = {
    topic: 't',
    partition: 0,
    records: new Map(values.map((value, offset) => [offset, written(value)] as const)),
    batches: new Map(batches.map((bytes, index) => [2 * index, bytes] as const)),
  };
  const claim = (index: number): Claim => ({
    base: 2 * index,
    next: 2 * index + 2,
    bytes: batches[index] ?? Buffer.alloc(0),
    place: 't/0',
    follows: true,
  });
  const lie: Claim = { base: 2, next: 90, bytes: Buffer.from('no such batch'), place: 't/0', follows: true };
  const witness = (...claims: readonly Claim[]): Witness => {
    const made = new Witness(truth, { committedOnly: true, mayLieOfTransactions: () => false });
    made.sent(claims, false);
    return made;
  };

  test('nothing wrong with who reads the log', () => {
    const reader = witness(claim(0), claim(1), claim(2));
    values.forEach((value, offset) => reader.gave(offset, value));
    reader.askedFor(6);
    expect(reader.missing(6)).toBeUndefined();
  });

  test('who goes where no batch ends, or back', () => {
    expect(() => witness(claim(0)).askedFor(4)).toThrow(/where no batch that it was sent ends/);
    const reader = witness(claim(0));
    reader.gave(0, '0');
    expect(() => reader.askedFor(0)).toThrow(/it has gone back/);
  });

  test('what comes twice, out of order, or is not in the log', () => {
    const reader = witness(claim(0), claim(1));
    reader.gave(2, '2');
    expect(() => reader.gave(2, '2')).toThrow(/2 is delivered after 2/);
    expect(() => reader.gave(1, null)).toThrow(/1 is delivered after 2/);
    expect(() => reader.gave(4, 'other')).toThrow(/not in the log/);
  });

  test('what was passed over, unless a batch that nobody can doubt has said so', () => {
    const reader = witness(claim(0), claim(2));
    for (const offset of [0, 1, 4, 5]) reader.gave(offset, values[offset] ?? null);
    expect(() => reader.missing(6)).toThrow(/2 was not delivered, and nothing has passed over it/);
    reader.sent([lie], true);
    expect(reader.missing(6)).toBeUndefined();
    expect(witness(claim(0)).missing(0)).toBe(0);
  });

  test('a batch that an answer has left out, but not one with a wrong checksum between two', () => {
    const reader = witness();
    reader.sent([claim(0), { ...claim(2), follows: true }], true);
    for (const offset of [0, 1, 4, 5]) reader.gave(offset, values[offset] ?? null);
    expect(reader.missing(6)).toBeUndefined();
    const strict = witness();
    strict.sent([claim(0), { ...claim(2), follows: false }], true);
    for (const offset of [0, 1, 4, 5]) strict.gave(offset, values[offset] ?? null);
    expect(() => strict.missing(6)).toThrow(/nothing has passed over it/);
  });
});
