import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placesOf, type Places } from '../../../../src/testing/model/transaction/places.ts';
import {
  transition,
  transitions,
  type TransactionEvent,
  type TransactionState,
} from '../../../../src/testing/model/transaction/transactionState.ts';

const a = placesOf([{ kind: 'partition', topic: 'a', partition: 0 }]);
const b = placesOf([{ kind: 'group', groupId: 'b' }]);
const both: Places = new Map([...a, ...b]);
const ongoing: TransactionState = { kind: 'Ongoing', since: 5, places: a };

describe('a transaction', () => {
  test.each<[string, TransactionState, TransactionEvent, TransactionState]>([
    ['begins with the first place', { kind: 'Empty' }, { kind: 'added', at: 5, places: a }, ongoing],
    ['grows and keeps its time', ongoing, { kind: 'added', at: 9, places: b }, { ...ongoing, places: both }],
    ['is decided', { ...ongoing, places: both }, { kind: 'ended', ends: 'commit' }, { kind: 'PrepareCommit', places: both }],
    ['is aborted', ongoing, { kind: 'ended', ends: 'abort' }, { kind: 'PrepareAbort', places: a }],
    [
      'waits for all markers',
      { kind: 'PrepareCommit', places: both },
      { kind: 'marked', keys: ['a/0'] },
      { kind: 'PrepareCommit', places: b },
    ],
    ['is complete with the last', { kind: 'PrepareCommit', places: b }, { kind: 'marked', keys: ['group b'] }, { kind: 'CompleteCommit' }],
    ['is followed by the next', { kind: 'CompleteAbort' }, { kind: 'added', at: 5, places: a }, ongoing],
    ['begins empty after an initialization', { kind: 'CompleteCommit' }, { kind: 'initialized' }, { kind: 'Empty' }],
    ['may be aborted before it begins', { kind: 'Empty' }, { kind: 'ended', ends: 'abort' }, { kind: 'PrepareAbort', places: new Map() }],
    [
      'without places needs no marker',
      { kind: 'PrepareAbort', places: new Map() },
      { kind: 'marked', keys: [] },
      { kind: 'CompleteAbort' },
    ],
  ])('%s', (_, state, event, next) => {
    expect(transition(state, event)).toEqual(next);
  });

  test.each<[string, TransactionState, TransactionEvent]>([
    ['what is decided grows no more', { kind: 'PrepareCommit', places: a }, { kind: 'added', at: 0, places: b }],
    ['nor does it end the other way', { kind: 'PrepareCommit', places: a }, { kind: 'ended', ends: 'abort' }],
    ['nor is it forgotten', { kind: 'PrepareAbort', places: a }, { kind: 'initialized' }],
    ['nor what is open', ongoing, { kind: 'initialized' }],
    ['nothing is committed that has not begun', { kind: 'Empty' }, { kind: 'ended', ends: 'commit' }],
    ['nor twice', { kind: 'CompleteCommit' }, { kind: 'ended', ends: 'commit' }],
  ])('%s', (_, state, event) => {
    expect(transition(state, event)).toBe(state);
  });

  const events = fc.oneof<fc.Arbitrary<TransactionEvent>[]>(
    fc.constant({ kind: 'initialized' }),
    fc.constantFrom(a, b).map((places) => ({ kind: 'added', at: 0, places })),
    fc.constantFrom('commit' as const, 'abort' as const).map((ends) => ({ kind: 'ended', ends })),
    fc.subarray(['a/0', 'group b']).map((keys) => ({ kind: 'marked', keys })),
  );

  test('goes only where the table says, and everywhere that it says', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.array(events, { maxLength: 20 }), (happened) => {
        let state: TransactionState = { kind: 'Empty' };
        for (const event of happened) {
          const next = transition(state, event);
          if (next !== state) {
            expect(transitions[state.kind]).toContain(next.kind);
            seen.add(`${state.kind} ${next.kind}`);
          }
          state = next;
        }
      }),
      { numRuns: 2_000, seed: 1 },
    );
    const drawn = Object.entries(transitions).flatMap(([from, to]) => to.map((kind) => `${from} ${kind}`));
    expect([...seen].sort()).toEqual(drawn.sort());
  });
});
