import { concatMap, defer, EMPTY, filter, map, merge, type Observable, of, take } from 'rxjs';
import type { TopicPartition } from '../model/topicPartition.ts';
import { byTheCoordinator, bySync } from './deadlines.ts';
import { giveUp } from './giveUp.ts';
import { changeOf } from './holdings.ts';
import type { Member } from './member.ts';
import type { Joined } from './messages.ts';
import { outdated, sync, type Synced } from './sync.ts';
import { foreignTopics, startOver } from './takeOver.ts';
import type { Vigil } from './vigil.ts';

/**
 * One generation, from the answer of the JoinGroup until the next one is to be asked for. Emits once, then: why. It is over with that, and is to be
 * unsubscribed. Errors with a GroupFault. `rejoin`: reasons of the consumer's.
 */
export function generation(member: Member, vigil: Vigil, joined: Joined, rejoin: Observable<string>): Observable<string> {
  return defer(() => {
    const { host } = member;
    vigil.quiet(host.context.scheduler.now());
    return sync(host, joined).pipe(
      concatMap((synced) => {
        // A SyncGroup may be parked, and a heartbeat sent after it was answered meanwhile.
        vigil.quiet(synced.sentAt);
        const foreign = host.options.instanceId === undefined ? [] : foreignTopics(host.subscription(), synced.partitions);
        if (foreign.length > 0 && host.owned().length === 0) return startOver(host, joined, foreign);
        const taken = settle(member, joined, synced.partitions);
        // After it: who was suspended delivers again from here on, and nothing of what was taken away.
        host.alive(synced.sentAt);
        if (taken.length > 0) return givenUp(member, vigil, taken);
        // Nobody has it, as long as the leader takes us for the one who has.
        if (member.cooperative && changeOf(joined.claimed, synced.partitions).taken.length > 0)
          return freed(member, vigil, 'what was claimed is not held any more');
        return reasons(member, joined, synced.madeFrom, rejoin).pipe(concatMap((reason) => freed(member, vigil, reason)));
      }),
    );
  });
}

/** Answers what is to be handed over. Under an eager protocol nothing is held by now, and all is new. */
function settle(
  member: Member,
  { memberId, generation, leader }: Joined,
  partitions: readonly TopicPartition[],
): readonly TopicPartition[] {
  const { host } = member;
  const change = changeOf(member.cooperative ? host.owned() : [], partitions);
  member.apply({ kind: 'synced' });
  host.context.tell({ kind: 'joined', memberId, generation, leader });
  const membership = member.current();
  if (membership !== undefined) host.assigned(change, membership);
  return change.taken;
}

/** Why to join again, as soon as there is a reason. A consumer that stops stays as it is: it would not join again. */
function reasons(
  { host, rebalances }: Member,
  joined: Joined,
  madeFrom: Synced['madeFrom'],
  rejoin: Observable<string>,
): Observable<string> {
  return merge(
    rebalances.pipe(map(() => 'the coordinator began a rebalance')),
    madeFrom === undefined ? EMPTY : outdated(host, joined, madeFrom).pipe(map(() => 'the partitions of the topics have changed')),
    rejoin,
  ).pipe(filter(() => !host.stopping()));
}

/** Ready for the next join. Eager: everything is given up before it, under the generation that is still ours. */
function freed(member: Member, vigil: Vigil, reason: string): Observable<string> {
  const { host, cooperative } = member;
  if (!cooperative) return giveUp(member, host.owned(), of(byTheCoordinator(host, vigil.quietAt()))).pipe(map(() => reason));
  member.apply({ kind: 'rejoin' });
  return of(reason);
}

/** Cooperative: what the assignment took away, under the new generation. The next join lets others have it. */
function givenUp(member: Member, vigil: Vigil, taken: readonly TopicPartition[]): Observable<string> {
  const { host, rebalances } = member;
  const atLeast = bySync(host);
  const sooner = rebalances.pipe(
    take(1),
    map(() => Math.min(atLeast, byTheCoordinator(host, vigil.quietAt()))),
  );
  return giveUp(member, taken, merge(of(atLeast), sooner)).pipe(map(() => `${String(taken.length)} partitions were given up`));
}
