import { array, assert, boolean, constant, constantFrom, nat, oneof, property, record, type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  holdsAssignment,
  type MembershipEvent,
  type MembershipState,
  outside,
  transition,
  transitions,
} from '../../src/group/membershipState.ts';

const id = constantFrom('a', 'b');

const event: Arbitrary<MembershipEvent> = oneof(
  ...(['join', 'synced', 'rebalance', 'handedOver', 'failed', 'fenced', 'leave'] as const).map((kind) => record({ kind: constant(kind) })),
  record({ kind: constant('idGiven' as const), memberId: id }),
  record({ kind: constant('joined' as const), memberId: id, generation: nat(3), leader: boolean() }),
  record({ kind: constant('lost' as const), keepId: boolean() }),
);

/** All states that a member may come to, with the event that led to each. */
function walk(events: readonly MembershipEvent[]): readonly { from: MembershipState; event: MembershipEvent; to: MembershipState }[] {
  let from = outside;
  return events.map((one) => {
    const step = { from, event: one, to: transition(from, one) };
    from = step.to;
    return step;
  });
}

function always(check: (step: ReturnType<typeof walk>[number]) => void): void {
  assert(property(array(event, { maxLength: 40 }), (events) => walk(events).forEach(check)));
}

describe('the state of a membership', () => {
  it('only moves along the table', () => {
    always(({ from, to }) => {
      if (from !== to) expect(transitions[from.kind]).toContain(to.kind);
    });
  });

  it('uses every arrow of the table', () => {
    const used = new Set<string>();
    assert(
      property(array(event, { minLength: 10, maxLength: 40 }), (events) => {
        for (const { from, to } of walk(events)) if (from !== to) used.add(`${from.kind} ${to.kind}`);
      }),
      { numRuns: 3_000, seed: 1 },
    );
    const drawn = Object.entries(transitions).flatMap(([from, targets]) => targets.map((to) => `${from} ${to}`));
    expect([...used].sort()).toEqual(drawn.sort());
  });

  it('holds an assignment only between a sync and the end of its generation', () => {
    always(({ from, event: { kind }, to }) => {
      if (holdsAssignment(to) && !holdsAssignment(from)) expect([from.kind, kind]).toEqual(['syncing', 'synced']);
      if (holdsAssignment(to) && holdsAssignment(from)) expect([to.memberId, to.generation]).toEqual([from.memberId, from.generation]);
    });
  });

  it('keeps its id until the coordinator says that it is worth nothing', () => {
    always(({ from, event: one, to }) => {
      if (from.memberId !== to.memberId) expect(['idGiven', 'joined', 'lost']).toContain(one.kind);
      if (one.kind === 'lost' && to.kind === 'unjoined') expect(to.memberId).toBe(one.keepId ? from.memberId : '');
    });
  });

  it('stays gone when it has left or was fenced', () => {
    always(({ from, to }) => {
      if (from.kind === 'leaving' || from.kind === 'fenced') expect(to).toBe(from);
    });
  });

  it('is the same object where an event means nothing', () => {
    expect(transition(outside, { kind: 'synced' })).toBe(outside);
    expect(transition(outside, { kind: 'handedOver' })).toBe(outside);
  });
});
