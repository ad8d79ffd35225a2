import { joinError, syncError } from './answers.ts';
import { commitError } from './fencing.ts';
import type { Ground } from './ground.ts';
import { Group } from './group.ts';
import { answerJoin, answerSync } from './member.ts';
import { Offsets, type OffsetToCommit } from './offsets.ts';
import { completeJoin, dismiss, prepare, runOut, type Moment } from './rebalance.ts';

/**
 * The groups of a cluster as their coordinator knows them, and the offsets that they have committed.
 *
 * The coordinator is the broker that the cluster says it is. When that becomes another one, it finds of each group what is written in the log: the last
 * assignment with its members, whose sessions begin anew, and all offsets. Ids that were given and not used are forgotten, and so is a
 * rebalance that was going on.
 */
export class Groups {
  readonly offsets: Offsets = new Offsets();
  private readonly cluster: Ground;
  private readonly groups = new Map<string, Group>();
  private loadedAt: number;
  private idsGiven = 0;

  constructor(cluster: Ground) {
    this.cluster = cluster;
    this.loadedAt = cluster.coordinator;
  }

  /** When a session or a rebalance runs out next, ms on the cluster's clock; Infinity: never; 0: something is to be done at once. */
  get due(): number {
    if (this.cluster.coordinator !== this.loadedAt) return 0;
    if (this.loadedAt < 0) return Infinity;
    let due = Infinity;
    for (const group of this.groups.values()) due = Math.min(due, group.due);
    return due;
  }

  /** What was due by now happens, each at its time. */
  tick(now: number): void {
    this.follow(now);
    if (this.loadedAt < 0) return;
    for (const group of this.groups.values()) {
      for (let due = group.due; due <= now; due = group.due) {
        runOut(group, this.moment(due));
        this.cluster.changed();
      }
    }
  }

  /** The group, if there is one. */
  get(groupId: string): Group | undefined {
    return this.groups.get(groupId);
  }

  /** The group: a new one if there is none. */
  open(groupId: string): Group {
    const group = this.groups.get(groupId) ?? new Group(groupId);
    this.groups.set(groupId, group);
    return group;
  }

  all(): Iterable<Group> {
    return this.groups.values();
  }

  /** The group is no more, and what it committed. */
  delete(groupId: string): void {
    this.groups.delete(groupId);
    this.offsets.forgetGroup(groupId);
  }

  /** A member id that was never given before: `client-1`. */
  newId(of: string): string {
    return `${of}-${++this.idsGiven}`;
  }

  moment(now: number): Moment {
    return { now, initialDelay: this.cluster.settings.groupInitialRebalanceDelay };
  }

  committed(groupId: string, topic: string, partition: number): number | undefined {
    return this.offsets.get(groupId, topic, partition)?.offset;
  }

  /** A topic is gone, and what was committed for it. */
  forgetTopic(name: string): void {
    this.offsets.forgetTopic(name);
  }

  /** The members of a group, or of all, are not known any more; the offsets stay. */
  evict(groupId?: string): void {
    for (const group of this.groups.values()) if (groupId === undefined || group.id === groupId) this.empty(group);
    this.cluster.changed();
  }

  /** The members of a group, or of all, are called together anew. */
  rebalance(now: number, groupId?: string): void {
    for (const group of this.groups.values()) {
      const { kind } = group.state;
      if ((groupId === undefined || group.id === groupId) && (kind === 'Stable' || kind === 'CompletingRebalance'))
        prepare(group, this.moment(now));
    }
    this.cluster.changed();
  }

  /** Offsets that are committed when the producer's transaction is. */
  stageTxnOffsets(groupId: string, producerId: number, offsets: readonly OffsetToCommit[]): void {
    this.open(groupId);
    for (const offset of offsets) this.offsets.stage(groupId, producerId, offset);
  }

  endTxn(producerId: number, ends: 'commit' | 'abort'): void {
    this.offsets.end(producerId, ends);
  }

  /** The error for somebody who commits offsets of a group within a transaction; undefined: it may. Without member id and generation (-1) anybody may. */
  fencing(groupId: string, memberId: string, generation: number, instanceId: string | null): string | undefined {
    const group = this.groups.get(groupId);
    if (group === undefined) return generation < 0 ? undefined : 'ILLEGAL_GENERATION';
    return commitError(group, { memberId, generation, instanceId, inTransaction: true });
  }

  private empty(group: Group): void {
    const moment = this.moment(0);
    for (const member of [...group.members.values()]) {
      answerSync(member, syncError('UNKNOWN_MEMBER_ID'));
      dismiss(group, member);
    }
    group.given.clear();
    if (group.state.kind === 'PreparingRebalance') completeJoin(group, moment);
    else if (group.state.kind !== 'Empty') prepare(group, moment);
  }

  /** The coordinator is another broker: it reads the log. */
  private follow(now: number): void {
    if (this.cluster.coordinator === this.loadedAt) return;
    this.loadedAt = this.cluster.coordinator;
    for (const group of this.groups.values()) {
      for (const member of group.members.values()) {
        answerJoin(member, joinError('NOT_COORDINATOR', member.id));
        answerSync(member, syncError('NOT_COORDINATOR'));
      }
      group.move({ kind: 'unloaded' });
      this.groups.set(group.id, new Group(group.id, group.kept, now));
    }
    this.cluster.changed();
  }
}
