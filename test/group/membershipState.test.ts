import { array, assert, boolean, constant, constantFrom, nat, oneof, property, record, type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  beats,
  effectOf,
  holdsAssignment,
  type MembershipEvent,
  type MembershipState,
  outside,
  transition,
  transitions,
} from '../../src/group/membershipState.ts';

const id = constantFrom('a', 'b');

const event: Arbitrary<MembershipEvent> = oneof(
  ...(['join', 'synced', 'giveUp', 'rejoin', 'failed', 'fenced', 'leave'] as const).map((kind) => record({ kind: constant(kind) })),
  record({ kind: constant('idGiven' as const), memberId: id }),
  record({ kind: constant('joined' as const), memberId: id, generation: nat(3), leader: boolean() }),
  record({ kind: constant('lost' as const), keepId: boolean() }),
  record({ kind: constant('handedOver' as const), all: boolean() }),
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
      if (from !== to) expect(Object.values(transitions[from.kind])).toContain(to.kind);
    });
  });

  it('uses every arrow of the table', () => {
    const used = new Set<string>();
    assert(
      property(array(event, { minLength: 10, maxLength: 40 }), (events) => {
        for (const {
          from,
          event: { kind },
          to,
        } of walk(events))
          if (from !== to) used.add(`${from.kind} ${kind} ${to.kind}`);
      }),
      { numRuns: 3_000, seed: 1 },
    );
    const drawn = Object.entries(transitions).flatMap(([from, arrows]) =>
      Object.entries(arrows).map(([kind, to]) => `${from} ${kind} ${to}`),
    );
    expect([...used].sort()).toEqual(drawn.sort());
  });

  it('comes to hold something by a sync, and is rid of it by handing all over, by losing it, or by the end', () => {
    always(({ from, event: one, to }) => {
      if (holdsAssignment(to) && !holdsAssignment(from)) expect([from.kind, one.kind]).toEqual(['syncing', 'synced']);
      if (holdsAssignment(from) && !holdsAssignment(to)) expect(['handedOver', 'lost', 'fenced', 'leave']).toContain(one.kind);
    });
  });

  it('speaks in a later generation only when it has joined again, and holds what it got in the one in which it got it', () => {
    always(({ from, event: one, to }) => {
      if (holdsAssignment(from) && holdsAssignment(to) && from.generation !== to.generation) expect(one.kind).toBe('joined');
      if (from.assignedIn !== to.assignedIn && to.assignedIn >= 0) expect([one.kind, to.assignedIn]).toEqual(['synced', from.generation]);
    });
  });

  it('sends heartbeats for as long as it holds something, and while it waits for an assignment', () => {
    always(({ to }) => {
      if (holdsAssignment(to)) expect(beats(to)).toBe(true);
      if (beats(to)) expect(to.generation).toBeGreaterThanOrEqual(0);
      if (to.kind === 'syncing') expect(beats(to)).toBe(true);
      if (to.kind === 'leaving' || to.kind === 'fenced') expect(beats(to)).toBe(false);
    });
  });

  it('loses or renews only what it holds', () => {
    always(({ from, event: one, to }) => {
      const effect = effectOf(from, one);
      if (!holdsAssignment(from)) expect(effect).toBeUndefined();
      if (effect === 'lose') expect(holdsAssignment(to)).toBe(false);
      if (effect === 'renew') expect([holdsAssignment(to), one.kind]).toEqual([true, 'joined']);
      if (holdsAssignment(from) && !holdsAssignment(to)) expect(effect === 'lose' || ['handedOver', 'leave'].includes(one.kind)).toBe(true);
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
    expect(transition(outside, { kind: 'handedOver', all: true })).toBe(outside);
  });
});
