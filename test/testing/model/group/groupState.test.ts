import { array, assert, constant, nat, oneof, property, record, type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { empty, endOf, transition, transitions, type GroupEvent, type GroupState } from '../../../../src/testing/model/group/groupState.ts';

const initial = oneof(constant(undefined), constant({ delay: 3, remaining: 5, newcomer: false }));

const event: Arbitrary<GroupEvent> = oneof(
  ...(['added', 'emptied', 'assigned', 'synced'] as const).map((kind) => record({ kind: constant(kind) })),
  ...(['prepare', 'prolong'] as const).map((kind) => record({ kind: constant(kind), until: nat(9), initial })),
  record({ kind: constant('joined' as const), until: nat(9) }),
);
const final: Arbitrary<GroupEvent> = oneof(
  { weight: 9, arbitrary: event },
  { weight: 1, arbitrary: record({ kind: constant('unloaded' as const) }) },
);

function walk(events: readonly GroupEvent[]): readonly { from: GroupState; event: GroupEvent; to: GroupState }[] {
  let from = empty;
  return events.map((one) => {
    const step = { from, event: one, to: transition(from, one) };
    from = step.to;
    return step;
  });
}

describe('the state of a group', () => {
  it('only moves along the table', () => {
    assert(
      property(array(final, { maxLength: 40 }), (events) => {
        for (const { from, to } of walk(events)) if (from !== to) expect(transitions[from.kind]).toContain(to.kind);
      }),
    );
  });

  it('uses every arrow of the table', () => {
    const used = new Set<string>();
    assert(
      property(array(final, { minLength: 10, maxLength: 40 }), (events) => {
        for (const { from, to } of walk(events)) if (from !== to) used.add(`${from.kind} ${to.kind}`);
      }),
      { numRuns: 3_000, seed: 1 },
    );
    const drawn = Object.entries(transitions).flatMap(([from, targets]) => targets.map((to) => `${from} ${to}`));
    expect([...used].sort()).toEqual(drawn.sort());
  });

  it.each<[GroupState['kind'], GroupEvent['kind'], GroupState['kind']]>([
    ['Empty', 'prepare', 'PreparingRebalance'],
    ['Empty', 'joined', 'Empty'],
    ['Empty', 'assigned', 'Empty'],
    ['PreparingRebalance', 'prepare', 'PreparingRebalance'],
    ['PreparingRebalance', 'joined', 'CompletingRebalance'],
    ['PreparingRebalance', 'emptied', 'Empty'],
    ['PreparingRebalance', 'assigned', 'PreparingRebalance'],
    ['CompletingRebalance', 'assigned', 'Stable'],
    ['CompletingRebalance', 'prepare', 'PreparingRebalance'],
    ['CompletingRebalance', 'emptied', 'CompletingRebalance'],
    ['Stable', 'prepare', 'PreparingRebalance'],
    ['Stable', 'emptied', 'Stable'],
    ['Stable', 'joined', 'Stable'],
    ['Dead', 'prepare', 'Dead'],
  ])('%s, %s: %s', (from, kind, to) => {
    const at = { Empty: empty, PreparingRebalance: preparing, CompletingRebalance: completing, Stable: stable, Dead: dead }[from];
    expect(transition(at, { kind, until: 1, initial: undefined }).kind).toBe(to);
  });

  it('forgets the time for the syncs when all have synced, and keeps it over the assignment until then', () => {
    expect(endOf(transition(completing, { kind: 'assigned' }))).toBe(7);
    expect(endOf(transition(stable, { kind: 'synced' }))).toBe(Infinity);
    expect(endOf(transition(transition(completing, { kind: 'synced' }), { kind: 'assigned' }))).toBe(Infinity);
  });

  it('notes newcomers in a first rebalance only', () => {
    const first = transition(empty, { kind: 'prepare', until: 3, initial: { delay: 3, remaining: 5, newcomer: false } });
    expect(transition(first, { kind: 'added' })).toMatchObject({ until: 3, initial: { newcomer: true } });
    expect(transition(preparing, { kind: 'added' })).toBe(preparing);
  });
});

const preparing: GroupState = { kind: 'PreparingRebalance', until: 7, initial: undefined };
const completing: GroupState = { kind: 'CompletingRebalance', until: 7 };
const stable: GroupState = { kind: 'Stable', until: 7 };
const dead: GroupState = { kind: 'Dead' };
