import { concat, defer, EMPTY, Observable, throwError, type Subscriber, type Unsubscribable } from 'rxjs';
import type { Context } from '../cluster/context.ts';
import { AlreadySubscribedError, CommitFailedError, NotAssignedError, OptionsError } from '../errors/index.ts';
import type { Membership, PartitionStream } from '../model/partitionStream.ts';
import type { KafkaRecord, RecordBatch } from '../model/record.ts';
import { isStartPosition, type StartPosition } from '../model/startPosition.ts';
import type { Committer } from '../offsets/committer.ts';
import { settleOffset } from '../table/located.ts';
import type { Cursor } from '../table/cursor.ts';
import type { Target } from '../table/cursorState.ts';
import type { Table } from '../table/table.ts';
import { Pump } from './pump.ts';

/** What the streams of one consumer share. */
export interface StreamHost {
  readonly context: Context;
  readonly table: Table;
  /** undefined: there is no group to commit to. */
  readonly committer: Committer | undefined;
  /** Where a partition begins when its group has committed nothing. */
  readonly start: (cursor: Cursor) => Target;
  /** Milliseconds. */
  readonly drainTimeout: number;
}

/** Operators know streams, not the options that they were made with: here they find how long this consumer waits for work, and on which clock. */
const patience = Symbol.for('kafka-rx.patience');

/** A view of a cursor: the records lie there, the line that wakes it is the cursor's and that of its group. */
export class CursorStream extends Observable<KafkaRecord> implements PartitionStream {
  readonly batches: Observable<RecordBatch>;
  private readonly cursor: Cursor;
  private readonly host: StreamHost;

  /** `line` wakes it as well: the events of its group in the stream of all partitions. */
  constructor(cursor: Cursor, host: StreamHost, line: Observable<unknown>) {
    super((out) => deliver(cursor, host, line, out, () => cursor.delivery.take()));
    this.cursor = cursor;
    this.host = host;
    Object.defineProperty(this, patience, { value: { drainTimeout: host.drainTimeout, scheduler: host.context.scheduler } });
    this.batches = new Observable((out) => deliver(cursor, host, line, out, () => cursor.delivery.takeBatch()));
  }

  get key(): string {
    return this.cursor.key;
  }
  get topic(): string {
    return this.cursor.topic;
  }
  get partition(): number {
    return this.cursor.partition;
  }
  get assignmentEpoch(): number {
    return this.cursor.assignmentEpoch;
  }
  get signal(): AbortSignal {
    return this.cursor.abort.signal;
  }
  get position(): number | undefined {
    return this.cursor.position;
  }
  get committed(): number | undefined {
    return this.cursor.committed;
  }
  get lag(): number | undefined {
    return this.cursor.behind;
  }
  get membership(): Membership | undefined {
    return this.host.table.membership;
  }

  seek(to: StartPosition | 'committed'): void {
    const { cursor, host } = this;
    if (cursor.over) throw ended(cursor);
    if (to === 'committed') {
      if (host.committer === undefined) throw noGroup('seek to what is committed');
      cursor.relocate({ kind: 'committed', otherwise: host.start(cursor) }, 'seek');
    } else {
      if (!isStartPosition(to)) throw badPosition(to);
      cursor.relocate({ kind: 'place', at: to }, 'seek');
      settleOffset(cursor, host.context);
    }
  }

  pause(): Unsubscribable {
    const { cursor } = this;
    let held = true;
    cursor.delivery.pause();
    return {
      unsubscribe: () => {
        if (!held) return;
        held = false;
        cursor.delivery.resume();
        if (cursor.delivery.pauses === 0) cursor.line.wake();
      },
    };
  }

  commit(): Observable<never> {
    const { committer } = this.host;
    if (committer === undefined) throw noGroup('commit');
    return defer(() => commitOf(this.cursor, committer, this.host.table));
  }
}

/** What is acked now. It completes only when Kafka knows: a partition that is not ours any more will never be committed by us. */
function commitOf(cursor: Cursor, committer: Committer, table: Table): Observable<never> {
  const { positionEpoch, committable = -1, topic, partition, key } = cursor;
  const known = (): boolean => cursor.committedEpoch === positionEpoch && (cursor.committed ?? -1) >= committable;
  const overtaken = (): boolean => cursor.positionEpoch !== positionEpoch;
  const missed = defer(() => {
    if (known() || overtaken() || (cursor.state.kind !== 'released' && !cursor.dirty)) return EMPTY;
    if (table.cursors.get(key) !== cursor) return throwError(() => ended(cursor));
    return throwError(
      () =>
        new CommitFailedError(`${key} was not committed: we are not a member of the group at this moment`, {
          topic,
          partition,
          retriable: true,
        }),
    );
  });
  return concat(
    committer.flush(
      () => !cursor.dirty || overtaken() || known(),
      () => [cursor],
    ),
    missed,
  );
}

function deliver<T>(cursor: Cursor, host: StreamHost, line: Observable<unknown>, out: Subscriber<T>, take: () => T | undefined): void {
  const { delivery } = cursor;
  if (cursor.over && !(cursor.resumable && !delivery.subscribed)) {
    // `retry` brings back one subscriber after the end, who is told so; one who comes again would spin.
    delivery.abandoned = true;
    host.table.settled();
    if (delivery.late++ === 0) out.complete();
    else out.error(ended(cursor));
    return;
  }
  if (delivery.subscribed) {
    const { topic, partition } = cursor;
    out.error(new AlreadySubscribedError(`${cursor.key} has a subscriber already`, { topic, partition }));
    return;
  }
  const pump = new Pump(cursor, host.table, host.context, out, take);
  out.add(pump.subscription);
  pump.start(line);
}

function ended({ key, topic, partition }: Cursor): NotAssignedError {
  return new NotAssignedError(`the stream of ${key} has ended`, { topic, partition });
}

function noGroup(what: string): OptionsError {
  return new OptionsError(`cannot ${what}: the consumer has no groupId`, [
    { path: 'groupId', given: undefined, allowed: 'a group to commit to', suggestion: 'give a groupId beside the partitions' },
  ]);
}

function badPosition(to: unknown): OptionsError {
  const allowed = "'earliest', 'latest', 'committed', { offset }, { timestamp } or { ago }: whole numbers from 0 on";
  return new OptionsError(`cannot seek to ${typeof to === 'string' ? `'${to}'` : typeof to}: allowed are ${allowed}`, [
    { path: 'to', given: to, allowed },
  ]);
}
