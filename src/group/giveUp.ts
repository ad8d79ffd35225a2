import { concat, defer, type Observable, of, switchMap, takeUntil, timer } from 'rxjs';
import type { TopicPartition } from '../model/topicPartition.ts';
import { margin } from './deadlines.ts';
import type { Member } from './member.ts';

/**
 * Hands these over, and emits when that is done, or when the coordinator waits for it no longer: after the last of the `deadlines` there is the time that is
 * kept for the commit, and where it begins late as much again.
 */
export function giveUp(member: Member, partitions: readonly TopicPartition[], deadlines: Observable<number>): Observable<unknown> {
  return defer(() => {
    const { context, options, handOver } = member.host;
    member.apply({ kind: 'giveUp' });
    const late = (deadline: number): number => Math.max(0, deadline - context.scheduler.now()) + margin(options.rebalanceTimeout);
    const tooLate = deadlines.pipe(switchMap((deadline) => timer(late(deadline), context.scheduler)));
    return concat(
      handOver(partitions, deadlines).pipe(takeUntil(tooLate)),
      defer(() => {
        member.apply({ kind: 'handedOver', all: !member.cooperative });
        return of(undefined);
      }),
    );
  });
}
