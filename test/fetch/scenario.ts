import type { AutoOffsetReset } from '../../src/model/startPosition.ts';
import type { FetchPartitionHeader } from '../../src/protocol/apis/fetch.ts';
import type { FetchPart } from '../../src/protocol/fetchParts.ts';
import type { BatchView } from '../../src/protocol/recordBatch.ts';
import { accept } from '../../src/fetch/accept.ts';
import type { Acceptance } from '../../src/fetch/acceptance.ts';
import type { FetchSettings } from '../../src/fetch/request.ts';
import { begin, type Round } from '../../src/fetch/round.ts';
import { noSession } from '../../src/fetch/session.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import type { PartitionEvent } from '../../src/table/partitionEvent.ts';
import type { Row } from '../../src/table/row.ts';
import type { Table, TableLimits } from '../../src/table/table.ts';
import { Clock, tableOf, viewOf, working } from '../table/scenario.ts';
import { NO_ID } from '../support/noId.ts';
import type { ClusterView, LeaderHint } from '../../src/cluster/view.ts';

const settings: FetchSettings = {
  minBytes: 1,
  maxWait: 500,
  maxBytes: 8_000_000,
  maxPartitionBytes: 1_000_000,
  isolationLevel: 'read_committed',
  checkCrcs: true,
  rackId: '',
};

const noEpoch = { epoch: -1, endOffset: -1 };

/** The header of one partition's answer, without anything special. */
export function header(partitionIndex = 0, rest: Partial<FetchPartitionHeader> = {}): FetchPartitionHeader {
  return {
    topic: 't',
    topicId: '1'.repeat(32),
    partitionIndex,
    errorCode: 0,
    highWatermark: 100,
    lastStableOffset: 90,
    logStartOffset: 0,
    divergingEpoch: noEpoch,
    currentLeader: { leaderId: -1, leaderEpoch: -1 },
    snapshotId: noEpoch,
    abortedTransactions: [],
    preferredReadReplica: -1,
    ...rest,
  };
}

export const head: FetchPart & { readonly kind: 'head' } = { kind: 'head', version: 12, errorCode: 0, sessionId: 0, throttleTimeMs: 0 };
export const end: FetchPart = { kind: 'end', bytes: 1_234, nodeEndpoints: [] };

export function partition(index = 0, rest: Partial<FetchPartitionHeader> = {}): FetchPart {
  return { kind: 'partition', header: header(index, rest) };
}

/** The same from a broker that answers by ids. */
export function byId(index = 0, rest: Partial<FetchPartitionHeader> = {}): FetchPart {
  return partition(index, { topic: '', ...rest });
}

export function batch(view: BatchView, index = 0): FetchPart {
  return { kind: 'batch', topic: 't', topicId: NO_ID, partition: index, batch: view };
}

export function corrupt(offset: number, index = 0): FetchPart {
  return { kind: 'corrupt', topic: 't', topicId: NO_ID, partition: index, offset, reason: 'nonsense' };
}

/** Some partitions of topic `t`, all led by broker 0 in epoch 5, and rounds to it. */
export class Bench {
  readonly clock: Clock = new Clock();
  readonly table: Table;
  readonly cursors: readonly Cursor[];
  readonly row: Row;
  invalidated = 0;
  /** What was learnt of leaders from answers. */
  readonly learnt: LeaderHint[] = [];
  view: ClusterView;
  settings: FetchSettings;
  autoOffsetReset: AutoOffsetReset = 'earliest';

  constructor(
    positions: readonly number[],
    {
      maxBuffered = 1 << 20,
      delivery = 'at-least-once',
      ...rest
    }: Partial<FetchSettings> & Partial<Pick<TableLimits, 'maxBuffered' | 'delivery'>> = {},
  ) {
    this.settings = { ...settings, ...rest };
    this.table = tableOf({ maxBuffered, delivery }).table;
    this.cursors = positions.map((position, index) => working(this.table, position, { partition: index }));
    this.view = viewOf([0, 1], Object.fromEntries(this.cursors.map(({ key }) => [key, [0, 5] as const])));
    this.table.reroute(this.view);
    const row = this.table.rows.get(0);
    if (row === undefined) throw new Error('no row');
    this.row = row;
    this.clock.to(1_000);
  }

  cursor(index: number): Cursor {
    const cursor = this.cursors[index];
    if (cursor === undefined) throw new Error(`no partition ${String(index)}`);
    return cursor;
  }

  /** The next round; there must be something to ask for. */
  round(): Round {
    const round = this.mayRound();
    if (round === undefined) throw new Error('nothing to ask for');
    return round;
  }

  mayRound(): Round | undefined {
    return begin(this.table, this.row, noSession, this.settings, this.clock.now);
  }

  /** Takes these parts in, one after the other. */
  take(round: Round, ...parts: readonly FetchPart[]): readonly PartitionEvent[] {
    const to: Acceptance = {
      context: this.clock.context,
      settings: this.settings,
      autoOffsetReset: this.autoOffsetReset,
      broker: 'b0:9092',
      table: this.table,
      cluster: { view: this.view, invalidate: () => this.invalidated++, learn: (leaders) => this.learnt.push(...leaders) },
    };
    return parts.flatMap((part) => accept(round, part, to));
  }
}
