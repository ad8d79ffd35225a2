import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { transition, transitions, type CursorEvent, type CursorState, type Target } from '../../src/table/cursorState.ts';

const place: Target = { kind: 'place', at: 'earliest' };
const whys = ['revoked', 'stopping', 'mark', 'failed', 'closed'] as const;
const working: readonly CursorEvent[] = [
  { kind: 'located' },
  { kind: 'told' },
  { kind: 'retry' },
  { kind: 'locate', target: place, reason: 'seek' },
  { kind: 'fail', error: new Error('bad') },
];
const release: CursorEvent = { kind: 'release' };
const all: readonly CursorEvent[] = [...working, ...whys.map((why): CursorEvent => ({ kind: 'complete', why })), release];
const event = fc.constantFrom(...all);
const begin: CursorState = Object.freeze<CursorState>({ kind: 'locating', target: place, reason: 'start' });

const after = (events: readonly CursorEvent[], from: CursorState = begin): CursorState => events.reduce(transition, from);

describe('the states of a cursor', () => {
  it('follow one another only as the table says, along every arrow of it', () => {
    const known = new Map([[JSON.stringify(begin), begin]]);
    const walked = new Set<string>();
    for (const state of known.values()) {
      for (const one of all) {
        const next = Object.freeze(transition(state, one)); // to mutate it would throw
        if (next !== state) walked.add(`${state.kind} → ${next.kind}`);
        const name = JSON.stringify(next);
        if (!known.has(name)) known.set(name, next);
      }
    }
    const drawn = Object.entries(transitions).flatMap(([from, tos]) => tos.map((to) => `${from} → ${to}`));
    expect([...walked].sort()).toEqual(drawn.sort());
  });

  it('are reached by no sequence of events that is not one of arrows', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30, size: 'max' }), (events) => {
        let state: CursorState = begin;
        for (const one of events) {
          const next = transition(state, one);
          if (next !== state && !transitions[state.kind].includes(next.kind)) throw new Error(`${state.kind} → ${next.kind}`);
          state = next;
        }
      }),
      { numRuns: 200 },
    );
  });

  it('released is the end: nothing means anything any more', () => {
    const released = after([release]);
    fc.assert(
      fc.property(event, (one) => {
        expect(transition(released, one)).toBe(released);
      }),
    );
  });

  it('completed means that neither a position nor a failure changes anything', () => {
    const completed = after([{ kind: 'complete', why: 'revoked' }]);
    for (const one of [
      { kind: 'located' },
      { kind: 'locate', target: place, reason: 'seek' },
      { kind: 'fail', error: new Error('x') },
      { kind: 'retry' },
    ] as const) {
      expect(transition(completed, one)).toBe(completed);
    }
  });

  it('a stream that ended at its mark may still be revoked or closed; any other reason is for good', () => {
    const why = (...reasons: readonly ('mark' | 'revoked' | 'closed')[]): unknown =>
      after(reasons.map((one) => ({ kind: 'complete', why: one })));
    expect(why('mark', 'revoked')).toEqual({ kind: 'completed', why: 'revoked' });
    expect(why('mark', 'closed')).toEqual({ kind: 'completed', why: 'closed' });
    expect(why('revoked', 'closed')).toEqual({ kind: 'completed', why: 'revoked' });
    expect(why('closed', 'mark')).toEqual({ kind: 'completed', why: 'closed' });
  });

  it('a failure is the first one, and goes back to what was before only once it was told', () => {
    const first = new Error('first');
    const failed = after([{ kind: 'located' }, { kind: 'fail', error: first }, { kind: 'fail', error: new Error('second') }]);
    expect(failed).toEqual({ kind: 'failed', error: first, told: false, before: { kind: 'fetching' } });
    expect(transition(failed, { kind: 'retry' })).toBe(failed);
    expect(after([{ kind: 'told' }, { kind: 'retry' }], failed)).toEqual({ kind: 'fetching' });
    expect(after([{ kind: 'fail', error: first }, { kind: 'told' }, { kind: 'retry' }])).toBe(begin);
  });

  it('a failed partition can be sought, and a position that comes late does not heal it', () => {
    const failed = after([{ kind: 'fail', error: new Error('bad') }]);
    expect(transition(failed, { kind: 'locate', target: place, reason: 'seek' })).toEqual({
      kind: 'locating',
      target: place,
      reason: 'seek',
    });
    expect(transition(failed, { kind: 'located' })).toBe(failed);
  });
});
