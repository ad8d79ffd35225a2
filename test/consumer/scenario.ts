import { EMPTY, NEVER, type Observable } from 'rxjs';
import type { Engine } from '../../src/consumer/engine.ts';
import type { ConsumerSettings, GroupMode, ManualMode } from '../../src/consumer/settings.ts';
import { Subscription } from '../../src/consumer/subscription.ts';
import type { GroupMembership } from '../../src/group/host.ts';
import type { MembershipState } from '../../src/group/membershipState.ts';
import type { Membership } from '../../src/model/partitionStream.ts';
import type { KafkaRecord } from '../../src/model/record.ts';
import { createCommitter } from '../../src/offsets/committer.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import { Table } from '../../src/table/table.ts';
import { Wire } from '../offsets/scenario.ts';
import { batchOf, Clock, takeAll, working } from '../table/scenario.ts';

export const group: GroupMode = {
  ...{ kind: 'group', groupId: 'g', topics: ['t'], leaveOnClose: true, assignors: [] },
  ...{ sessionTimeout: 45_000, heartbeatInterval: 3_000, rebalanceTimeout: 60_000 },
};
export const manual: ManualMode = { kind: 'manual', partitions: [{ topic: 't', partition: 0 }] };
export const member: Membership = { groupId: 'g', memberId: 'm', generation: 7 };

/** The rooms of a consumer around a table, with a wire that the test answers. A member of a group if not told otherwise. */
export class Bench {
  readonly clock: Clock = new Clock();
  readonly wire: Wire = new Wire();
  readonly engine: Engine;
  readonly table: Table;
  /** How often it was left, and what leaving does. */
  left = 0;
  leaving: Observable<never> = EMPTY;
  memberState: MembershipState = { kind: 'stable', memberId: 'm', generation: 7, assignedIn: 7, leader: false };

  constructor(overrides: Partial<ConsumerSettings> = {}) {
    const { context } = this.clock;
    const settings: ConsumerSettings = {
      ...{
        mode: group,
        delivery: 'at-least-once',
        commit: { interval: 5_000, records: Infinity },
        autoOffsetReset: 'earliest',
        isolationLevel: 'read_committed',
      },
      ...{ drainTimeout: 30_000, closeTimeout: 5_000, startTimeout: 60_000, unattendedTimeout: 30_000, requestTimeout: 30_000 },
      ...{ window: { records: 10_000, bytes: 1 << 24 }, maxBuffered: 1 << 26, metadataMaxAge: 300_000, checkCrcs: true },
      fetch: { minBytes: 1, maxWait: 500, maxBytes: 1 << 23, maxPartitionBytes: 1 << 20 },
      ...{ backoff: context.backoff, scheduler: context.scheduler, random: context.random },
      ...overrides,
    };
    const { groupId } = settings.mode;
    const asMember = settings.mode.kind === 'group';
    this.table = new Table(
      { window: settings.window, delivery: settings.delivery, maxBuffered: settings.maxBuffered, commitEvery: Infinity },
      () => undefined,
    );
    if (asMember) this.table.membership = member;
    const { wire, table } = this;
    const { coordinator } = wire;
    const committer =
      groupId === undefined
        ? undefined
        : createCommitter({ context, coordinator, table, groupId, asMember, interval: 5_000, evicted: () => true });
    this.engine = {
      ...{ settings, context, table, cluster: wire.cluster, coordinator: groupId === undefined ? undefined : coordinator, committer },
      ...{ membership: asMember ? this.#membership() : undefined, topics: new Set(['t']), troubles: new Map(), marks: undefined },
      original: new Map([['t', { id: '', partitions: new Set([0, 1, 2, 3]) }]]),
      subscription: new Subscription(settings.mode, context.scheduler),
      ...{ started: true, troubledAt: -Infinity, stopping: false },
    };
  }

  /** A partition with so many records delivered, from offset 0 on. */
  delivered(count: number, partition = 0, mark?: number): { readonly cursor: Cursor; readonly records: readonly KafkaRecord[] } {
    const cursor = working(this.table, 0, { partition, ...(mark === undefined ? {} : { mark }) });
    cursor.committed = 0;
    if (count > 0) cursor.receive(batchOf(0, count), true);
    return { cursor, records: takeAll(cursor) };
  }

  #membership(): GroupMembership {
    return {
      run: NEVER,
      leave: () => {
        this.left++;
        return this.leaving;
      },
      evicted: () => true,
      current: () => member,
      state: () => this.memberState,
    };
  }
}
