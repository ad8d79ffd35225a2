import type { AutoOffsetReset } from '../../src/model/startPosition.ts';
import type { FetchPartitionHeader } from '../../src/protocol/apis/fetch.ts';
import type { FetchPart } from '../../src/protocol/fetchParts.ts';
import type { BatchView } from '../../src/protocol/recordBatch.ts';
import { accept, type Acceptance } from '../../src/fetch/accept.ts';
import type { FetchSettings } from '../../src/fetch/request.ts';
import { begin, type Round } from '../../src/fetch/round.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import type { PartitionEvent } from '../../src/table/partitionEvent.ts';
import type { Row } from '../../src/table/row.ts';
import type { Table } from '../../src/table/table.ts';
import { Clock, ledByZero, tableOf, working } from '../table/scenario.ts';

export const settings: FetchSettings = {
  minBytes: 1,
  maxWait: 500,
  maxBytes: 8_000_000,
  maxPartitionBytes: 1_000_000,
  isolationLevel: 'read_committed',
  checkCrcs: true,
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

export const head: FetchPart & { readonly kind: 'head' } = { kind: 'head', errorCode: 0, sessionId: 0, throttleTimeMs: 0 };
export const end: FetchPart = { kind: 'end', bytes: 1_234 };

export function partition(index = 0, rest: Partial<FetchPartitionHeader> = {}): FetchPart {
  return { kind: 'partition', header: header(index, rest) };
}

export function batch(view: BatchView, index = 0): FetchPart {
  return { kind: 'batch', topic: 't', partition: index, batch: view };
}

export function corrupt(offset: number, index = 0): FetchPart {
  return { kind: 'corrupt', topic: 't', partition: index, offset, reason: 'nonsense' };
}

/** Some partitions of topic `t`, all led by broker 0, and rounds to it. */
export class Bench {
  readonly clock: Clock = new Clock();
  readonly table: Table;
  readonly cursors: readonly Cursor[];
  readonly row: Row;
  invalidated = 0;
  settings: FetchSettings;
  autoOffsetReset: AutoOffsetReset = 'earliest';

  constructor(
    positions: readonly number[],
    { maxBuffered = 1 << 20, ...rest }: Partial<FetchSettings> & { readonly maxBuffered?: number } = {},
  ) {
    this.settings = { ...settings, ...rest };
    this.table = tableOf({ maxBuffered }).table;
    this.cursors = positions.map((position, index) => working(this.table, position, { partition: index }));
    ledByZero(this.table);
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
    return begin(this.table, this.row, this.settings, this.clock.now);
  }

  /** Takes these parts in, one after the other. */
  take(round: Round, ...parts: readonly FetchPart[]): readonly PartitionEvent[] {
    const to: Acceptance = {
      context: this.clock.context,
      settings: this.settings,
      autoOffsetReset: this.autoOffsetReset,
      broker: 'b0:9092',
      invalidate: () => this.invalidated++,
    };
    return parts.flatMap((part) => accept(round, part, to));
  }
}
