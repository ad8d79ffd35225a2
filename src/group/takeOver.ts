import { catchError, concat, defer, EMPTY, ignoreElements, type Observable, throwError } from 'rxjs';
import { BrokerError } from '../errors/index.ts';
import type { TopicPartition } from '../model/topicPartition.ts';
import { leaveGroupApi, leaveOf } from '../protocol/apis/leaveGroup.ts';
import { GroupFault } from './errors.ts';
import type { GroupHost } from './host.ts';
import type { Joined } from './messages.ts';

/**
 * The topics of an assignment that we did not ask for. A static member that comes back is given what it had before (KIP-345), though it may have had
 * other topics then.
 */
export function foreignTopics(subscription: readonly string[], partitions: readonly TopicPartition[]): readonly string[] {
  const ours = new Set(subscription);
  return [...new Set(partitions.map(({ topic }) => topic))].filter((topic) => !ours.has(topic));
}

/** Leaves the group, whatever is answered, and errors: the next join is one of a new member, and the group deals out anew. */
export function startOver(
  { coordinator, context, options }: GroupHost,
  { memberId }: Joined,
  topics: readonly string[],
): Observable<never> {
  const words = `the group gave ${String(options.instanceId)} what it had before, and ${topics.join(', ')} is not selected any more: it joins anew`;
  return defer(() => {
    const leaver = { memberId, groupInstanceId: options.instanceId ?? null, reason: words.slice(0, 255) };
    const left = coordinator.request('control', leaveGroupApi, leaveOf(options.groupId, leaver), context.requestTimeout);
    const error = new BrokerError('UNKNOWN_SUBSCRIPTION', words, { retriable: true });
    return concat(
      left.pipe(
        ignoreElements(),
        catchError(() => EMPTY),
      ),
      throwError(() => new GroupFault('SyncGroup', 'lostMember', error)),
    );
  });
}
