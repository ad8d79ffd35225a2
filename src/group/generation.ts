import {
  concat,
  concatMap,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  share,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import { type HeartbeatOutcome, heartbeats } from './heartbeat.ts';
import type { Member } from './member.ts';
import type { Joined } from './messages.ts';
import { outdated, sync, type Synced } from './sync.ts';

/**
 * One generation, from the answer of the JoinGroup until everything is handed over. Emits once, then: why there is to be another; it
 * is over with that, and is to be unsubscribed. Errors with a GroupFault.
 *
 * Heartbeats begin before the assignment is there, and go on until the very end: neither a leader that waits for metadata, nor a hand-over
 * that waits for acks, keeps them from being sent. `rejoin`: reasons of the consumer's.
 */
export function generation(member: Member, joined: Joined, rejoin: Observable<string>): Observable<string> {
  return defer(() => {
    const { host, refusals } = member;
    const beats = heartbeats(host, joined).pipe(share());
    // Since when a rebalance may be under way without our knowing, ms: it has not begun before the last question that was answered without one.
    let quietAt = host.context.scheduler.now();

    const vigil = beats.pipe(
      tap((outcome) => {
        if (outcome.kind === 'over') throw outcome.fault;
        if (outcome.kind === 'ok') quietAt = outcome.sentAt;
        if (outcome.kind !== 'failed') host.alive(outcome.sentAt);
      }),
      ignoreElements(),
    );

    const work = sync(host, joined).pipe(
      tap((synced) => {
        // A SyncGroup may be parked, and a heartbeat sent after it was answered meanwhile.
        quietAt = Math.max(quietAt, synced.sentAt);
        settle(member, joined, synced);
      }),
      concatMap(({ madeFrom }) => reasons(member, joined, madeFrom, beats, rejoin)),
      concatMap((why) => handOver(member, quietAt, why)),
    );

    // The vigil is first: what a heartbeat tells is written down before anybody acts on it.
    return merge(vigil, refusals, work);
  });
}

function settle(member: Member, { memberId, generation, leader }: Joined, { partitions, sentAt }: Synced): void {
  const { host } = member;
  member.apply({ kind: 'synced' });
  host.alive(sentAt);
  host.context.tell({ kind: 'joined', memberId, generation, leader });
  const membership = member.current();
  if (membership !== undefined) host.assigned(partitions, membership);
}

/** Why to join again, as soon as there is a reason. A consumer that stops stays as it is: it would not join again. */
function reasons(
  { host, rebalances }: Member,
  joined: Joined,
  madeFrom: Synced['madeFrom'],
  beats: Observable<HeartbeatOutcome>,
  rejoin: Observable<string>,
): Observable<string> {
  return merge(
    merge(beats.pipe(filter(({ kind }) => kind === 'rebalance')), rebalances).pipe(map(() => 'the coordinator began a rebalance')),
    madeFrom === undefined ? EMPTY : outdated(host, joined, madeFrom).pipe(map(() => 'the partitions of the topics have changed')),
    rejoin,
  ).pipe(filter(() => !host.stopping()));
}

function handOver(member: Member, quietAt: number, why: string): Observable<string> {
  return defer(() => {
    const { context, options, handOver: giveUp } = member.host;
    member.apply({ kind: 'rebalance' });
    const given = defer(() => {
      member.apply({ kind: 'handedOver' });
      return of(why);
    });
    const tooLate = timer(patienceLeft(quietAt, options.rebalanceTimeout, context.scheduler.now()), context.scheduler);
    return concat(giveUp(handOverDeadline(quietAt, options.rebalanceTimeout), why).pipe(takeUntil(tooLate)), given);
  });
}

/** When acks are waited for no longer, ms: early enough before the coordinator stops waiting for us, for the last commit and the join. */
function handOverDeadline(quietAt: number, rebalanceTimeout: number): number {
  return quietAt + rebalanceTimeout - margin(rebalanceTimeout);
}

/** How long the hand-over as a whole is waited for, ms; where it begins late, at least the time that is kept for its commit. */
function patienceLeft(quietAt: number, rebalanceTimeout: number, now: number): number {
  return Math.max(quietAt + rebalanceTimeout - now, margin(rebalanceTimeout));
}

function margin(rebalanceTimeout: number): number {
  return Math.max(2_000, rebalanceTimeout / 10);
}
