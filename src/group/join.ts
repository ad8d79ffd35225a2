import { concatMap, defer, map, NEVER, type Observable, of } from 'rxjs';
import { kafkaErrorOf } from '../errors/table.ts';
import type { TopicPartition } from '../model/topicPartition.ts';
import { joinGroupApi, type JoinGroupRequest, type JoinGroupResponse } from '../protocol/apis/joinGroup.ts';
import { faultOfCode } from './errors.ts';
import { remembered } from './leave.ts';
import type { Member } from './member.ts';
import { type Joined, joinedOf, joinRequest } from './messages.ts';

/** Longer than the coordinator parks a join, ms: it waits `rebalanceTimeout` for the others, and then has to answer. */
const parkedAtMost = 5_000;

/** How long a JoinGroup or a SyncGroup may take, ms. */
export function patience(rebalanceTimeout: number): number {
  return rebalanceTimeout + parkedAtMost;
}

/**
 * Joins, over the connection for what is parked: twice the first time, since the coordinator wants to see the id that it gives before it
 * counts us (KIP-394). While the consumer stops nothing is sent, and nothing comes.
 *
 * `reason`: why, for the log of the broker.
 */
export function join(member: Member, reason: string | null): Observable<Joined> {
  const { options, coordinator, stopping, subscription, owned } = member.host;
  let claimed: readonly TopicPartition[] = [];
  const send = (): Observable<JoinGroupResponse> =>
    defer(() => {
      if (stopping()) return NEVER;
      const ask = (sent: () => void = () => undefined): Observable<JoinGroupResponse> => {
        // Made when it is sent: until the coordinator is found something may be lost, or the consumer be told to stop.
        const make = (): JoinGroupRequest | undefined => {
          if (stopping()) return undefined;
          const { memberId, assignedIn } = member.state();
          claimed = owned();
          sent();
          return joinRequest(options, { memberId, topics: subscription(), owned: claimed, assignedIn, reason });
        };
        return coordinator.request('join', joinGroupApi, make, patience(options.rebalanceTimeout));
      };
      return member.state().memberId === '' ? remembered(member, ask) : ask();
    });

  return defer(() => {
    if (!stopping()) member.apply({ kind: 'join' });
    return send();
  }).pipe(
    concatMap((response) => {
      if (!isFirstIdOf(member, response)) return of(response);
      member.apply({ kind: 'idGiven', memberId: response.memberId });
      return send();
    }),
    map((response) => {
      if (response.errorCode !== 0) throw faultOfCode('JoinGroup', response.errorCode, coordinator.broker);
      const joined = joinedOf(options, response, claimed);
      member.apply({ kind: 'joined', memberId: joined.memberId, generation: joined.generation, leader: joined.leader });
      return joined;
    }),
  );
}

function isFirstIdOf(member: Member, { errorCode }: JoinGroupResponse): boolean {
  return kafkaErrorOf(errorCode).name === 'MEMBER_ID_REQUIRED' && member.state().memberId === '';
}
