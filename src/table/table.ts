import { Subject, type Observable } from 'rxjs';
import type { Membership } from '../model/partitionStream.ts';
import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import type { ClusterView } from '../cluster/view.ts';
import { Cursor, type CursorHost } from './cursor.ts';
import type { CursorState } from './cursorState.ts';
import type { Amount } from './held.ts';
import type { HeldBatch } from './heldBatch.ts';
import { Row } from './row.ts';
import { createWake, type Wake } from './wake.ts';

export interface TableLimits {
  readonly window: Amount;
  readonly delivery: 'at-least-once' | 'at-most-once';
  /** Bytes, whole consumer. */
  readonly maxBuffered: number;
  /** A commit is due after that many acks of one partition; Infinity: never. */
  readonly commitEvery: number;
}

/**
 * The only state that fetching, offsets, group and consumer share: a cursor per assigned partition, a row per broker.
 *
 * It is written before anything is emitted, so that whoever is woken sees all of it.
 */
export class Table implements CursorHost {
  readonly cursors: Map<string, Cursor> = new Map();
  readonly rows: Map<number, Row> = new Map();
  /** Whom commits are made for; undefined: not a member. */
  membership: Membership | undefined;
  /** Until when the group counts us as a member, ms on the scheduler's clock. */
  sessionEnds: number = Infinity;
  readonly window: Amount;
  readonly commitEvery: number;
  readonly delivery: 'at-least-once' | 'at-most-once';
  /** Who drains, commits or looks positions up looks again. */
  readonly line: Wake = createWake();
  readonly assigned: Observable<Cursor>;
  readonly rowAdded: Observable<Row>;
  private readonly assignedSubject = new Subject<Cursor>();
  private readonly rowSubject = new Subject<Row>();
  private readonly maxBuffered: number;
  private readonly onPassed: (cursor: Cursor, batch: HeldBatch) => void;
  private attended = 0;
  /** Bytes that all hold together. */
  private buffered = 0;
  private epoch = 0;
  private acksOfReleased = 0;

  constructor(limits: TableLimits, onPassed: (cursor: Cursor, batch: HeldBatch) => void) {
    this.window = limits.window;
    this.commitEvery = limits.commitEvery;
    this.delivery = limits.delivery;
    this.maxBuffered = limits.maxBuffered;
    this.onPassed = onPassed;
    this.assigned = this.assignedSubject.asObservable();
    this.rowAdded = this.rowSubject.asObservable();
  }

  /** A partition is ours now. Its stream begins with this. Who gives several calls `settled` after the last, so that they are looked up together. */
  assign(place: TopicPartition, state: CursorState, mark?: number): Cursor {
    const cursor = new Cursor(this, place, ++this.epoch, state);
    cursor.mark = mark;
    this.cursors.set(cursor.key, cursor);
    this.assignedSubject.next(cursor);
    return cursor;
  }

  /** It is not ours any more: nothing that belongs to it counts. */
  release(cursor: Cursor): void {
    if (this.cursors.get(cursor.key) === cursor) this.cursors.delete(cursor.key);
    this.acksOfReleased += cursor.acks;
    cursor.apply({ kind: 'release' });
    cursor.balance();
    this.attendanceChanged();
  }

  /** Whether anything was ever acked. */
  get moved(): boolean {
    return this.acksOfReleased > 0 || [...this.cursors.values()].some(({ acks }) => acks > 0);
  }

  find(topic: string, partition: number): Cursor | undefined {
    return this.cursors.get(partitionKey(topic, partition));
  }

  ledBy(nodeId: number): readonly Cursor[] {
    return [...this.cursors.values()].filter((cursor) => cursor.route.leader === nodeId);
  }

  /** Writes down who leads what, as the cluster tells; rows come and go with it. */
  reroute(view: ClusterView): void {
    for (const cursor of this.cursors.values()) {
      identify(cursor, view);
      reroute(cursor, view);
    }
    for (const row of this.rows.values()) if (!view.brokers.has(row.nodeId)) this.close(row);
    const leaders = new Set([...this.cursors.values()].map((cursor) => cursor.route.leader));
    for (const nodeId of leaders) if (nodeId >= 0 && view.brokers.has(nodeId)) this.open(nodeId);
  }

  slice(): number {
    return this.maxBuffered / Math.max(1, this.attended);
  }

  get left(): number {
    return this.maxBuffered - this.buffered;
  }

  holds(bytes: number): void {
    const was = this.left > 0;
    this.buffered += bytes;
    if (was === this.left > 0) return;
    for (const cursor of this.cursors.values()) cursor.balance();
  }

  attendanceChanged(): void {
    let attended = 0;
    for (const { delivery } of this.cursors.values()) if (delivery.attached) attended++;
    if (attended === this.attended) return;
    this.attended = attended;
    for (const cursor of this.cursors.values()) cursor.balance();
  }

  demandChanged(cursor: Cursor): void {
    this.rows.get(cursor.route.leader)?.line.wake();
  }

  settled(): void {
    this.line.wake();
  }

  passed(cursor: Cursor, batch: HeldBatch): void {
    this.onPassed(cursor, batch);
  }

  private open(nodeId: number): void {
    const known = this.rows.get(nodeId);
    if (known !== undefined) {
      known.line.wake();
      return;
    }
    const row = new Row(nodeId);
    this.rows.set(nodeId, row);
    this.rowSubject.next(row);
  }

  private close(row: Row): void {
    this.rows.delete(row.nodeId);
    row.gone.wake();
  }
}

const NO_ID = '0'.repeat(32);

/**
 * A topic that was deleted and created again is another one, though it has the name: its offsets begin anew, and Fetch by name would go on in
 * it without a word (KIP-516). So it is remembered which one was assigned, and while it is said to be another one nothing is committed.
 */
function identify(cursor: Cursor, { topics, contests }: ClusterView): void {
  const { topic, route } = cursor;
  const id = topics.get(topic)?.id;
  if (id !== undefined && (route.topicId === '' || route.topicId === NO_ID)) route.topicId = id;
  cursor.contested = contests?.get(topic)?.renamed === true;
}

/** A leader or epoch that changed makes what is under way stale, and ends the back-off that the old one earned. */
function reroute(cursor: Cursor, view: ClusterView): void {
  const { route } = cursor;
  const partition = view.topics.get(cursor.topic)?.partitions.get(cursor.partition);
  const leader = partition !== undefined && !cursor.contested && view.brokers.has(partition.leader) ? partition.leader : -1;
  const leaderEpoch = partition?.leaderEpoch ?? -1;
  if (route.leader === leader && route.leaderEpoch === leaderEpoch) return;
  route.leader = leader;
  route.leaderEpoch = leaderEpoch;
  if (isAskedOfLeader(cursor)) route.release();
  route.succeeded(0);
}

/** What the group's coordinator or the user is asked for a position is no business of the leader: that answer counts, whoever leads. */
function isAskedOfLeader({ state }: Cursor): boolean {
  return state.kind !== 'locating' || state.target.kind === 'place';
}
