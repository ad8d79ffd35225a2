import type { Observable } from 'rxjs';
import type { Context } from '../cluster/context.ts';
import type { Coordinator } from '../cluster/ports.ts';
import type { KafkaRxError } from '../errors/index.ts';
import type { Membership } from '../model/partitionStream.ts';
import type { TopicPartition } from '../model/topicPartition.ts';
import type { Assignor } from './assignor.ts';
import type { Change } from './holdings.ts';
import type { MembershipState } from './membershipState.ts';

/** Times are in milliseconds. */
export interface GroupSettings {
  readonly groupId: string;
  /** Static membership (KIP-345). */
  readonly instanceId?: string;
  /** Where the member stands (KIP-881): told to the leader. */
  readonly rackId?: string;
  /** How long the coordinator waits for a heartbeat before it takes us for dead. */
  readonly sessionTimeout: number;
  /** From the answer to one heartbeat to the next one. */
  readonly heartbeatInterval: number;
  /** How long the coordinator waits for members to join again once a rebalance has begun. */
  readonly rebalanceTimeout: number;
  /** By preference. The coordinator takes one that every member of the group has. */
  readonly assignors: readonly Assignor[];
}

/** What a membership needs from the consumer that it is part of, and tells it. Nothing here may throw. */
export interface GroupHost {
  readonly context: Context;
  readonly coordinator: Coordinator;
  readonly options: GroupSettings;
  /** The topics subscribed to. Looked at for each JoinGroup. */
  readonly subscription: () => readonly string[];
  /**
   * How many partitions each of these topics has, as soon as that is known, and again whenever it may have changed. A topic that does not exist is
   * left out. Asked by the leader, also for topics that only others subscribe to: it assigns by the first value, and calls for a
   * rebalance at the first that differs from it.
   */
  readonly partitionCounts: (topics: readonly string[]) => Observable<ReadonlyMap<string, number>>;
  /** Emits when there is a reason to join again: the subscription is another one. */
  readonly rejoinNeeded: Observable<unknown>;
  /** While it is true no JoinGroup is sent. Never becomes false again. */
  readonly stopping: () => boolean;
  /** What is held: assigned, and neither released nor lost since. */
  readonly owned: () => readonly TopicPartition[];
  /** A new assignment: what it adds is ours from now on; of what it takes away nothing more is delivered, and it is asked for with `handOver`. */
  readonly assigned: (change: Change, membership: Membership) => void;
  /** As whom what is held is committed from now on. */
  readonly renewed: (membership: Membership) => void;
  /**
   * Give these up: end their streams, wait for acks until the deadline, commit, release. `deadlines`: ms on the scheduler's clock; the first comes
   * with the subscription, an earlier one where a further rebalance begins meanwhile. Completes when that is done; never errors. Unsubscribed if the
   * assignment is lost meanwhile, or when the coordinator stops waiting: what is not released by then is to be released at that moment,
   * without a commit.
   */
  readonly handOver: (partitions: readonly TopicPartition[], deadlines: Observable<number>) => Observable<never>;
  /** The coordinator has given away what we held. Nothing of it may be delivered or committed any more. */
  readonly lost: (error: Error) => void;
  /** The coordinator has heard of us: the session is good until `sentAt + sessionTimeout`. */
  readonly alive: (sentAt: number) => void;
}

/** One member of one group. */
export interface GroupMembership {
  /**
   * Being a member, for as long as it is subscribed: once. Never emits; errors with what makes it impossible for ever. Unsubscribing sends
   * nothing more; what the coordinator still believes is for `leave` to tell.
   */
  readonly run: Observable<never>;
  /**
   * Leaves the group: ends `run` (it completes), then sends a LeaveGroup if we have a member id. Completes with the answer, whatever it
   * is. Idempotent: only one is sent.
   */
  readonly leave: () => Observable<never>;
  /**
   * A commit was refused with an error that concerns the membership: UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, FENCED_INSTANCE_ID.
   * `under`: what it was sent under; refusals of an earlier generation mean nothing any more. Answers whether it is so: else it was
   * overtaken by a generation that we have come into, or whose news is on its way, and the same may be committed under that.
   */
  readonly evicted: (error: KafkaRxError, under?: Membership) => boolean;
  /** While an assignment is held. */
  readonly current: () => Membership | undefined;
  /** Where it stands. */
  readonly state: () => MembershipState;
}
