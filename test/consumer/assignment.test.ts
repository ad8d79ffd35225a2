import { describe, expect, it } from 'vitest';
import { assign, assignByHand, lose } from '../../src/consumer/assignment.ts';
import { startOf } from '../../src/consumer/engine.ts';
import { viewOf } from '../table/scenario.ts';
import { Bench, group, manual, member } from './scenario.ts';

const places = [0, 1].map((partition) => ({ topic: 't', partition }));

describe('where a partition begins', () => {
  const { engine } = new Bench();
  const { settings } = engine;
  const startFrom = { timestamp: 5 };

  it.each([
    [
      'its own start, before all',
      { ...manual, partitions: [{ topic: 't', partition: 0, startFrom: 'latest' as const }] },
      { startFrom },
      'latest',
    ],
    ['the common start', manual, { startFrom }, startFrom],
    ['the reset policy', manual, { autoOffsetReset: 'latest' as const }, 'latest'],
    ['the common start, for a group', group, { startFrom }, startFrom],
  ])('is %s', (_, mode, rest, at) => {
    expect(startOf({ ...engine, settings: { ...settings, mode, ...rest } }, { topic: 't', partition: 0 })).toEqual({ kind: 'place', at });
  });

  it('is what the user’s function says, or nowhere, or the beginning of a partition that appeared later', () => {
    expect(startOf({ ...engine, settings: { ...settings, startFrom: () => ['latest'] } }, { topic: 't', partition: 0 })).toEqual({
      kind: 'asked',
    });
    expect(startOf({ ...engine, settings: { ...settings, autoOffsetReset: 'none' } }, { topic: 't', partition: 0 })).toEqual({
      kind: 'nowhere',
    });
    expect(startOf({ ...engine, settings: { ...settings, startFrom } }, { topic: 't', partition: 9 })).toEqual({
      kind: 'place',
      at: 'earliest',
    });
  });
});

describe('an assignment', () => {
  it('begins the streams where the group has committed, and routes them', () => {
    const bench = new Bench();
    bench.engine.started = false;
    bench.wire.view = viewOf([0], { 't-0': [0, 5], 't-1': [0, 5] });
    const seen: unknown[] = [];
    bench.table.assigned.subscribe(({ key, state }) => seen.push([key, state, bench.table.membership?.generation]));
    assign(bench.engine, { added: places, kept: [], taken: [] }, { ...member, generation: 9 });
    const state = { kind: 'locating', target: { kind: 'committed', otherwise: { kind: 'place', at: 'earliest' } }, reason: 'committed' };
    expect(seen).toEqual([
      ['t-0', state, 9],
      ['t-1', state, 9],
    ]);
    expect([bench.engine.started, bench.table.ledBy(0).length]).toEqual([true, 2]);
    expect(bench.clock.told).toEqual([{ kind: 'assigned', partitions: places, generation: 9 }]);
  });

  it('that comes while it stops is not taken, though it counts as one', () => {
    const bench = new Bench();
    bench.engine.started = false;
    bench.engine.stopping = true;
    assign(bench.engine, { added: places, kept: [], taken: [] }, member);
    expect([bench.table.cursors.size, bench.engine.started, bench.table.membership]).toEqual([0, true, member]);
  });

  it('of partitions of our own begins at offsets at once', () => {
    const bench = new Bench({ mode: { ...manual, partitions: [{ topic: 't', partition: 0, startFrom: { offset: 7 } }] } });
    assignByHand(bench.engine, places.slice(0, 1));
    expect(bench.table.find('t', 0)).toMatchObject({ position: 7, state: { kind: 'fetching' } });
  });

  it('with nothing to begin with is an error of that stream, which may be sought', () => {
    const bench = new Bench({ mode: manual, autoOffsetReset: 'none' });
    assignByHand(bench.engine, places.slice(0, 1));
    const cursor = bench.table.find('t', 0);
    expect(cursor?.state).toMatchObject({ kind: 'failed', told: false, error: { code: 'OFFSET_OUT_OF_RANGE', topic: 't', partition: 0 } });
    cursor?.relocate({ kind: 'place', at: { offset: 1 } }, 'seek');
    expect(cursor?.state.kind).toBe('locating');
  });

  it('that is taken before the last one was handed over ends that: its work does not count any more', () => {
    const bench = new Bench();
    const { cursor, records } = bench.delivered(2);
    assign(bench.engine, { added: places, kept: [], taken: [] }, member);
    records[0]?.ack();
    expect([cursor.state.kind, cursor.acks, bench.table.cursors.size]).toEqual(['released', 0, 2]);
    expect(cursor.abort.signal.reason).toMatchObject({ name: 'HandOverDeadlineError' });
    expect(bench.table.find('t', 0)?.assignmentEpoch).toBeGreaterThan(cursor.assignmentEpoch);
  });

  it('with `stopAt` ends at the marks, and at once where a partition has none: it appeared later', () => {
    const bench = new Bench({ mode: { ...manual, partitions: places.map((place) => ({ ...place, startFrom: { offset: 0 } })) } });
    bench.engine.marks = new Map([['t-0', { topic: 't', partition: 0, offset: 4 }]]);
    assignByHand(bench.engine, places);
    expect([bench.table.find('t', 0)?.mark, bench.table.find('t', 0)?.state.kind]).toEqual([4, 'fetching']);
    expect(bench.table.find('t', 1)?.state).toEqual({ kind: 'completed', why: 'mark' });
  });
});

describe('a loss', () => {
  it('ends everything: work does not count, nothing is committed, and the session is nobody’s', () => {
    const bench = new Bench();
    const { cursor, records } = bench.delivered(2);
    bench.table.sessionEnds = 5;
    const error = new Error('UNKNOWN_MEMBER_ID');
    lose(bench.engine, error);
    records[0]?.ack();
    expect([cursor.state.kind, cursor.acks, cursor.dirty]).toEqual(['released', 0, false]);
    expect(cursor.abort.signal.reason).toMatchObject({ code: 'PARTITION_LOST', topic: 't', partition: 0, cause: error });
    expect([bench.table.cursors.size, bench.table.membership, bench.table.sessionEnds]).toEqual([0, undefined, Infinity]);
    expect(bench.clock.told).toEqual([{ kind: 'lost', partitions: [{ topic: 't', partition: 0 }], reason: 'UNKNOWN_MEMBER_ID' }]);
  });

  it('of nothing says nothing', () => {
    const bench = new Bench();
    lose(bench.engine, new Error('late'));
    expect(bench.clock.told).toEqual([]);
  });
});
