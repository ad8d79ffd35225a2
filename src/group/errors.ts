import { KafkaRxError } from '../errors/index.ts';
import { errorOf } from '../errors/table.ts';
import type { MembershipEvent, MembershipState } from './membershipState.ts';

/** The APIs by which a member speaks to its coordinator. */
export type GroupApi = 'JoinGroup' | 'SyncGroup' | 'Heartbeat' | 'OffsetCommit';

/** What is to be done about an error of the group. */
export type Remedy =
  /** The same again, after the back-off. Where the coordinator is not the one, it is found anew by itself: see Coordinator. */
  | 'retry'
  /** Join again: the group has begun a rebalance. */
  | 'rebalance'
  /** What we hold is lost; join again with the same id. */
  | 'lostGeneration'
  /** What we hold is lost; join again as a new member. */
  | 'lostMember'
  /** Another member has our instance id (KIP-345): what we hold is lost, and it is over. */
  | 'fenced'
  /** It is over: nothing that we do makes it better. */
  | 'fatal';

type Column = Readonly<Partial<Record<GroupApi, Remedy>>>;

const everywhere = (remedy: Remedy): Column => ({ JoinGroup: remedy, SyncGroup: remedy, Heartbeat: remedy, OffsetCommit: remedy });

/**
 * What each error means, by its name and by the API that answered it. What is not in it is retried if Kafka calls it retriable,
 * and else fatal.
 */
export const remedies: Readonly<Record<string, Column>> = {
  COORDINATOR_LOAD_IN_PROGRESS: everywhere('retry'),
  COORDINATOR_NOT_AVAILABLE: everywhere('retry'),
  NOT_COORDINATOR: everywhere('retry'),
  ILLEGAL_GENERATION: everywhere('lostGeneration'),
  UNKNOWN_MEMBER_ID: everywhere('lostMember'),
  FENCED_INSTANCE_ID: everywhere('fenced'),
  // Something unexpected at the coordinator, most often passing. Retried, and told each time.
  UNKNOWN_SERVER_ERROR: everywhere('retry'),
  // A coordinator that is only just preparing a rebalance answers a join by parking it, some old ones by this: then it is asked again. A commit
  // is answered by it between the join and the sync of one rebalance, which is no other one.
  REBALANCE_IN_PROGRESS: { ...everywhere('rebalance'), JoinGroup: 'retry', OffsetCommit: 'retry' },
  // The answer to a first join is no error (KIP-394). Here it comes to a member that has an id already.
  MEMBER_ID_REQUIRED: { JoinGroup: 'retry' },
  // A member of the KIP-848 kind still has our instance id until its session is over.
  UNRELEASED_INSTANCE_ID: { JoinGroup: 'retry' },
  // No commit is worth the consumer: the committer tells of these.
  GROUP_AUTHORIZATION_FAILED: { JoinGroup: 'fatal', SyncGroup: 'fatal', Heartbeat: 'fatal' },
  INCONSISTENT_GROUP_PROTOCOL: { JoinGroup: 'fatal', SyncGroup: 'fatal' },
  INVALID_SESSION_TIMEOUT: { JoinGroup: 'fatal' },
  GROUP_MAX_SIZE_REACHED: { JoinGroup: 'fatal' },
  INVALID_GROUP_ID: { JoinGroup: 'fatal', SyncGroup: 'fatal', Heartbeat: 'fatal' },
};

/** What is to be done when this API answers an error of this name. */
function remedyFor(api: GroupApi, name: string, retriable: boolean): Remedy {
  return remedies[name]?.[api] ?? (retriable ? 'retry' : 'fatal');
}

/**
 * What a remedy does to what we are; undefined: nothing, it is over. A generation that was not reached cannot be lost: a coordinator that took over from
 * another may know of the one before only, and that one still holds for both.
 */
export function eventOf(remedy: Remedy, { kind }: MembershipState): MembershipEvent | undefined {
  switch (remedy) {
    case 'retry':
    case 'rebalance':
      return { kind: 'failed' };
    case 'lostGeneration':
      return kind === 'stable' || kind === 'handingOver' ? { kind: 'lost', keepId: true } : { kind: 'failed' };
    case 'lostMember':
      return { kind: 'lost', keepId: false };
    case 'fenced':
      return { kind: 'fenced' };
    case 'fatal':
      return undefined;
    default:
      return remedy satisfies never;
  }
}

/** Whether nothing that we do makes it better. */
export function isFinal({ remedy }: GroupFault): boolean {
  return remedy === 'fenced' || remedy === 'fatal';
}

/** Why a step of the membership did not work out, and what is to be done about it. Does not leave this room. */
export class GroupFault extends Error {
  readonly api: GroupApi;
  readonly remedy: Remedy;
  readonly error: Error;

  constructor(api: GroupApi, remedy: Remedy, error: Error) {
    super(error.message, { cause: error });
    this.api = api;
    this.remedy = remedy;
    this.error = error;
  }
}

/** The fault that an answered error code is. `broker`: who answered. */
export function faultOfCode(api: GroupApi, code: number, broker?: string): GroupFault {
  return faultOf(api, errorOf(code, { broker }));
}

/** The fault that anything thrown on the way is. What is not an error of Kafka or of the connection is a defect, and fatal. */
export function faultOf(api: GroupApi, thrown: unknown): GroupFault {
  if (thrown instanceof GroupFault) return thrown;
  if (KafkaRxError.is(thrown)) return new GroupFault(api, remedyFor(api, thrown.code, thrown.retriable), thrown);
  return new GroupFault(api, 'fatal', thrown instanceof Error ? thrown : new Error(`${api}: ${String(thrown)}`));
}
