import { Subject, type Observable } from 'rxjs';
import type { Membership } from '../model/partitionStream.ts';
import { NO_TOPIC_ID, partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import type { ClusterView } from '../cluster/view.ts';
import { Cursor } from './cursor.ts';
import type { CursorHost, Routed } from './cursorHost.ts';
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
  private readonly onPassed: (place: TopicPartition, batch: HeldBatch) => void;
  private attended = 0;
  /** Bytes that all hold together. */
  private buffered = 0;
  private epoch = 0;
  private acksOfReleased = 0;

  constructor(limits: TableLimits, onPassed: (place: TopicPartition, batch: HeldBatch) => void) {
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

  /** Who is asked about the log of these. */
  ledBy(nodeId: number): readonly Cursor[] {
    return [...this.cursors.values()].filter(({ route }) => route.leader === nodeId);
  }

  /** Who is asked for the records of these: their leader, or a follower that is near (KIP-392). */
  servedBy(nodeId: number): readonly Cursor[] {
    return [...this.cursors.values()].filter(({ route }) => route.source === nodeId);
  }

  /** From a follower, until then: ms on the scheduler's clock. */
  readFrom(cursor: Cursor, nodeId: number, until: number): void {
    cursor.route.readFrom(nodeId, cursor.fetchOffset ?? -1, until);
    this.open(nodeId);
  }

  /** From the leader, and from no follower before `until`. */
  backToLeader(cursor: Cursor, until: number): void {
    cursor.route.backToLeader(until);
    this.demandChanged(cursor);
  }

  /** Writes down who leads what, as the cluster tells; rows come and go with it. */
  reroute(view: ClusterView): void {
    for (const cursor of this.cursors.values()) {
      identify(cursor, view);
      reroute(cursor, view);
    }
    for (const row of this.rows.values()) if (!view.brokers.has(row.nodeId)) this.close(row);
    const asked = new Set([...this.cursors.values()].flatMap(({ route }) => [route.leader, route.source]));
    for (const nodeId of asked) if (nodeId >= 0 && view.brokers.has(nodeId)) this.open(nodeId);
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
    for (const { delivery } of this.cursors.values()) if (delivery.attended) attended++;
    if (attended === this.attended) return;
    this.attended = attended;
    for (const cursor of this.cursors.values()) cursor.balance();
  }

  demandChanged({ route: { leader, source } }: Routed): void {
    this.rows.get(source)?.line.wake();
    if (leader !== source) this.rows.get(leader)?.line.wake();
  }

  /** Its leader is to be asked about its log before anything else. */
  doubted(cursor: Cursor): void {
    this.rows.get(cursor.route.leader)?.doubts.wake();
  }

  settled(): void {
    this.line.wake();
  }

  passed(place: TopicPartition, batch: HeldBatch): void {
    this.onPassed(place, batch);
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

/**
 * A topic that was deleted and created again is another one, though it has the name: its offsets begin anew, and Fetch by name would go on in
 * it without a word (KIP-516). So it is remembered which one was assigned, and while it is said to be another one nothing is committed.
 */
function identify(cursor: Cursor, { topics, contests }: ClusterView): void {
  const { topic, route } = cursor;
  const id = topics.get(topic)?.id;
  if (id !== undefined && (route.topicId === '' || route.topicId === NO_TOPIC_ID)) route.topicId = id;
  cursor.contested = contests?.get(topic)?.renamed === true;
}

/** A leader or epoch that changed makes what is under way stale, and ends the back-off that the old one earned. */
function reroute(cursor: Cursor, view: ClusterView): void {
  const { route } = cursor;
  const partition = view.topics.get(cursor.topic)?.partitions.get(cursor.partition);
  const leader = partition !== undefined && !cursor.contested && view.brokers.has(partition.leader) ? partition.leader : -1;
  const leaderEpoch = partition?.leaderEpoch ?? -1;
  if (route.replica >= 0 && !view.brokers.has(route.replica)) route.backToLeader(0);
  if (route.leader === leader && route.leaderEpoch === leaderEpoch) return;
  if (isAskedOfLeader(cursor)) route.release();
  route.ledBy(leader, leaderEpoch);
}

/** What the group's coordinator or the user is asked for a position is no business of the leader: that answer counts, whoever leads. */
function isAskedOfLeader({ state }: Cursor): boolean {
  return state.kind !== 'locating' || state.target.kind === 'place';
}
