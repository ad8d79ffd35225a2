import { describe, expect, test } from 'vitest';
import { acrossCut, faults, judged, unasked } from './judge.ts';
import { writtenIn, type Read, type Written } from './log.ts';

const wrote = (offset: number, rest: Partial<Written> = {}): Written => ({
  partition: 0,
  offset,
  value: `v${offset}`,
  at: 10 * offset,
  state: 'written',
  ...rest,
});
const read = (offset: number, rest: Partial<Read> = {}): Read => ({
  partition: 0,
  offset,
  value: `v${offset}`,
  at: 10 * offset + 3,
  ...rest,
});

const three = [wrote(0), wrote(1), wrote(2)];

describe('a reader is judged by what was written', () => {
  test('all of it, once, in order: nothing is said against it', () => {
    const verdict = judged(three, [read(0), read(1), read(2)]);
    expect(verdict).toEqual({ written: 3, lost: [], doubled: [], disordered: [], foreign: [], outage: 10, late: 3, pause: 10 });
    expect(faults(verdict, 3)).toEqual([]);
  });

  test.each<[string, readonly Written[], readonly Read[], readonly string[]]>([
    ['a record that was left out', three, [read(0), read(2)], ['1 lost: 0@1=v1']],
    ['the last one', three, [read(0), read(1)], ['1 lost: 0@2=v2']],
    ['a record of another partition', [...three, wrote(0, { partition: 1 })], [read(0), read(1), read(2)], ['1 lost: 1@0=v0']],
    ['one that comes twice', three, [read(0), read(1), read(1), read(2)], ['1 doubled: 0@1=v1']],
    ['one that comes again later', three, [read(0), read(1), read(2), read(1)], ['1 doubled: 0@1=v1', '1 disordered: 0@1=v1']],
    ['two that change places', three, [read(1), read(0), read(2)], ['1 disordered: 0@0=v0']],
    ['another value', three, [read(0), read(1, { value: 'x' }), read(2)], ['1 foreign: 0@1=x']],
    ['a record that nobody wrote', three, [read(0), read(1), read(2), read(3)], ['1 foreign: 0@3=v3']],
    ['one of an aborted transaction', [wrote(0), wrote(1, { state: 'aborted' })], [read(0), read(1)], ['1 foreign: 0@1=v1']],
    ['one that comes too late', three, [read(0), read(1), read(2, { at: 60 })], ['40 ms late, 20 are allowed']],
  ])('%s is seen', (_, written, delivered, expected) => {
    expect(faults(judged(written, delivered), 20)).toEqual(expected);
  });

  test('what became of a record may be unknown: then it may be delivered or not, but not as another', () => {
    const written = [wrote(0), wrote(1, { state: 'unknown' }), wrote(-1, { state: 'unknown', value: 'x' })];
    expect(faults(judged(written, [read(0)]), 20)).toEqual([]);
    expect(faults(judged(written, [read(0), read(1), read(2, { value: 'x' })]), 20)).toEqual([]);
    expect(faults(judged(written, [read(0), read(1, { value: 'y' }), read(2, { value: 'z' })]), 20)).toEqual(['2 foreign: 0@1=y, 0@2=z']);
  });

  test('partitions have silences of their own', () => {
    const both = [wrote(0), wrote(1), wrote(0, { partition: 1, at: 5 }), wrote(1, { partition: 1, at: 45 })];
    expect(judged(both, []).outage).toBe(40);
    expect(judged([], [read(0), read(1, { at: 53 }), read(0, { partition: 1, at: 30 })]).pause).toBe(50);
  });
});

test('moves that were not asked for are told', () => {
  const moves = ['start', 'committed', 'seek', 'reset', 'truncated'].map((reason) => ({ partition: 0, from: 5, to: 3, reason }));
  expect(unasked(moves)).toEqual(['0: 5 → 3 reset', '0: 5 → 3 truncated']);
});

test('across a cut all of the old log and the new one from there on is delivered', () => {
  const after = [wrote(0), wrote(1, { value: 'n1' }), wrote(2, { value: 'n2' })];
  const old = ['0@0=v0', '0@1=v1', '0@2=v2'];
  expect(acrossCut(three, after, 1)).toEqual([...old, '0@1=n1', '0@2=n2']);
  expect(acrossCut(three, after, 3)).toEqual(old);
});

test('lines of a writer are understood, others are passed over', () => {
  expect(writtenIn('aborted 2 17 34 1764000000000')).toEqual({
    partition: 2,
    offset: 17,
    value: '34',
    at: 1764000000000,
    state: 'aborted',
  });
  expect(writtenIn('end')).toBeUndefined();
});
