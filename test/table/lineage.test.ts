import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lineage } from '../../src/table/lineage.ts';

/** A log: the epoch of each record; `null`: compaction has taken it. */
type Log = readonly (number | null)[];

/** What a broker with that log says of an epoch (KIP-101). `epochs`: with those that it knows though nothing of them is left. */
function endOf(epochs: readonly number[], asked: number): { readonly epoch: number; readonly endOffset: number } {
  const above = epochs.findIndex((epoch) => epoch > asked);
  const endOffset = above < 0 ? epochs.length : above;
  return { epoch: epochs[endOffset - 1] ?? asked, endOffset };
}

/** Reads a log from there, batch by batch; what was compacted away is passed with the batch behind it. */
function read(lineage: Lineage, log: Log, from: number, to: number): number {
  let position = from;
  for (let offset = from; offset < to; offset++) {
    const epoch = log[offset];
    if (epoch === null || epoch === undefined) continue;
    lineage.note(epoch, position);
    position = offset + 1;
  }
  return position;
}

const growth = fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 4 });

/** Goes on from a log in later epochs. */
function grown(base: readonly number[], first: number, parts: readonly (readonly [step: number, records: number])[]): number[] {
  let epoch = first;
  const log = [...base];
  for (const [step, records] of parts) {
    epoch += step;
    for (let i = 0; i < records; i++) log.push(epoch);
  }
  return log;
}

describe('which epoch wrote what', () => {
  it('is known of the record before an offset, from the first one that was read on', () => {
    const lineage = new Lineage();
    expect(lineage.before(0)).toBe(-1);
    lineage.note(2, 5);
    lineage.note(2, 6);
    lineage.note(4, 8);
    expect([5, 6, 8, 9, 99].map((offset) => lineage.before(offset))).toEqual([-1, 2, 2, 4, 4]);
  });

  it('begins with what a commit says of the record before it', () => {
    const lineage = new Lineage();
    lineage.note(9, 1);
    lineage.begin(3, 7);
    expect([6, 7, 8].map((offset) => lineage.before(offset))).toEqual([-1, 3, 3]);
    lineage.begin(-1, 7);
    expect(lineage.before(99)).toBe(-1);
  });

  it('is not changed by batches that do not say it', () => {
    const lineage = new Lineage();
    lineage.note(2, 0);
    lineage.note(-1, 4);
    expect(lineage.before(9)).toBe(2);
  });

  it('parts from a log where that has another epoch, never above where the two epochs end, whatever else was read of it', () => {
    const lineage = new Lineage();
    lineage.note(1, 0);
    lineage.note(3, 6);
    expect(lineage.partsAt({ epoch: 1, endOffset: 4 })).toBe(4);
    expect(lineage.partsAt({ epoch: 2, endOffset: 9 })).toBe(6); // 6 to 8 are of epoch 2 there
    expect(lineage.partsAt({ epoch: 3, endOffset: 8 })).toBe(8);
    expect(lineage.partsAt({ epoch: 0, endOffset: 0 })).toBe(0);
  });

  it('finds, asked step by step, where two logs part: at no record that both have, and at none behind the first that differs', () => {
    fc.assert(
      fc.property(growth, growth, growth, fc.nat(20), (common, mine, theirs, cut) => {
        const base = grown([], 0, common);
        const top = (base.at(-1) ?? 0) + 1;
        // No epoch has two leaders: those of one log are even, those of the other odd.
        const ours = grown(base, top, mine).map((epoch, i) => (i < base.length ? epoch : epoch * 2));
        const log = grown(base.slice(0, Math.max(1, base.length - (cut % 3))), top, theirs).map((epoch, i) =>
          i < base.length - (cut % 3) ? epoch : epoch * 2 + 1,
        );
        const lineage = new Lineage();
        let position = read(lineage, ours, 0, ours.length);
        const differs = ours.findIndex((epoch, i) => log[i] !== epoch);
        for (let steps = 0; steps < 20; steps++) {
          const last = lineage.before(position);
          const end = endOf(log, last);
          if (end.epoch >= last && end.endOffset >= position) break;
          const parts = lineage.partsAt(end);
          expect(parts).toBeGreaterThanOrEqual(differs < 0 ? ours.length : differs);
          expect(parts).toBeLessThan(position);
          const before = lineage.before(parts);
          lineage.begin(before, parts);
          if (parts > 0) expect(before).toBeLessThanOrEqual(ours[parts - 1] ?? -1);
          position = parts;
          // Nothing is known any more of what is below: as after a restart.
          if (lineage.before(position) < 0) break;
        }
        if (differs >= 0 && lineage.before(position) >= 0) expect(position).toBeLessThanOrEqual(Math.max(differs, 0));
      }),
      { numRuns: 500 },
    );
  });

  it('is that of the log that is read, also where another one was read there before', () => {
    fc.assert(
      fc.property(growth, growth, fc.nat(10), fc.array(fc.boolean(), { maxLength: 20 }), (mine, theirs, cut, holes) => {
        const first = grown([], 0, mine);
        const at = cut % first.length;
        const second = grown(first.slice(0, at), (first.at(-1) ?? 0) + 1, theirs);
        const lineage = new Lineage();
        read(lineage, first, 0, first.length);
        const log = second.map((epoch, i) => (holes[i] === true && i < second.length - 1 ? null : epoch));
        read(lineage, log, at, log.length);
        for (let offset = at + 1; offset <= second.length; offset++) {
          const last = second[offset - 1];
          if (log[offset - 1] !== null) expect(lineage.before(offset)).toBe(last);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is that of the log that is read, though that has epochs below those of the other', () => {
    const lineage = new Lineage();
    lineage.note(0, 0);
    lineage.note(5, 5); // what an unclean election threw away; the position went back to 3, or stayed there
    lineage.note(3, 4);
    expect([4, 5, 6, 9].map((offset) => lineage.before(offset))).toEqual([0, 3, 3, 3]);
    lineage.note(6, 9);
    expect([6, 9, 10].map((offset) => lineage.before(offset))).toEqual([3, 3, 6]);
  });
});
