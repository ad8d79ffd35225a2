import { distinctUntilChanged, EMPTY, ignoreElements, map, type Observable, switchMap, tap } from 'rxjs';
import { heartbeats, type HeartbeatOutcome, type HeartbeatSender } from './heartbeat.ts';
import type { Member } from './member.ts';
import { beats, type MembershipState } from './membershipState.ts';

/** When heartbeats were last answered. */
export interface Vigil {
  /** Heartbeats, for as long as the state wants them, whatever else is going on: a join that is parked, a back-off, a hand-over. Never emits or errors. */
  readonly kept: Observable<never>;
  /** Since when a rebalance may be under way without our knowing, ms: it has not begun before the last question that was answered without one. */
  readonly quietAt: () => number;
  /** The group was at rest at that time. */
  readonly quiet: (at: number) => void;
}

/** Writes down what heartbeats tell, before anybody acts on it. */
export function keepVigil(member: Member): Vigil {
  const { host, states } = member;
  let quietAt = host.context.scheduler.now();
  const quiet = (at: number): void => {
    quietAt = Math.max(quietAt, at);
  };

  const heard = (outcome: HeartbeatOutcome, sender: HeartbeatSender): void => {
    if (outcome.kind === 'failed') return;
    if (outcome.kind === 'over' && member.struck(outcome.fault, sender)) return;
    // Also who is in another generation than it says is a member to who answers.
    host.alive(outcome.sentAt);
    if (outcome.kind === 'ok') quiet(outcome.sentAt);
    if (outcome.kind === 'rebalance') member.rebalanceHeard();
  };

  const kept = states.pipe(
    map(senderOf),
    distinctUntilChanged(isSame),
    switchMap((sender) => (sender === undefined ? EMPTY : heartbeats(host, sender).pipe(tap((outcome) => heard(outcome, sender))))),
    ignoreElements(),
  );
  return { kept, quietAt: () => quietAt, quiet };
}

function senderOf(state: MembershipState): HeartbeatSender | undefined {
  const { memberId, generation } = state;
  return beats(state) ? { memberId, generation } : undefined;
}

function isSame(a: HeartbeatSender | undefined, b: HeartbeatSender | undefined): boolean {
  return a?.memberId === b?.memberId && a?.generation === b?.generation;
}
