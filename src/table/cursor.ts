import type { PositionReason } from '../model/events.ts';
import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import type { BatchView } from '../protocol/recordBatch.ts';
import { Commits } from './commits.ts';
import type { CursorHost } from './cursorHost.ts';
import { transition, type CursorEvent, type CursorState, type Target } from './cursorState.ts';
import { Delivery } from './delivery.ts';
import { Held } from './held.ts';
import { HeldBatch } from './heldBatch.ts';
import { Lineage } from './lineage.ts';
import { Route } from './route.ts';
import { Share } from './share.ts';
import { createWake, type Wake } from './wake.ts';

/** One partition during one assignment: the only place where its position is kept. */
export class Cursor implements TopicPartition {
  readonly key: string;
  readonly topic: string;
  readonly partition: number;
  readonly assignmentEpoch: number;
  state: CursorState;
  /** Its stream was ended by the consumer's unsubscription: who is still subscribed is told so by an error. */
  closed = false;
  /** The next offset to deliver. */
  position: number | undefined;
  lastPosition: number | undefined;
  /** Raised by each change of position that is not consuming: what was asked for before it is stale. */
  positionEpoch = 0;
  /** What the group's coordinator is known to hold. */
  committed: number | undefined;
  /** The position epoch that `committed` belongs to. */
  committedEpoch = 0;
  /** A commit was sent whose answer has not come, or will not come: Kafka may hold something else than `committed`. */
  commitDoubtful = false;
  /** Its topic is said to have been deleted and created again, by one broker so far: then nothing that we know is true of the new one. */
  contested = false;
  /** Commit at the next occasion, whatever the interval. */
  commitSoon = false;
  ackedSinceCommit = 0;
  acks = 0;
  /** At most once: the end of what is to be committed before it is delivered. */
  stretch = -1;
  /** The offset at which the log ends for us: the last stable one under read_committed, else the high watermark. */
  end: number | undefined;
  /** The stream ends here (`stopAt`). */
  mark: number | undefined;
  readonly held: Held;
  readonly route: Route = new Route();
  /** Which leader epoch wrote what was read. */
  readonly lineage: Lineage = new Lineage();
  readonly commits: Commits = new Commits();
  readonly delivery: Delivery;
  readonly line: Wake = createWake();
  readonly abort: AbortController = new AbortController();
  private readonly host: CursorHost;
  private readonly share: Share;

  constructor(host: CursorHost, place: TopicPartition, assignmentEpoch: number, state: CursorState) {
    this.host = host;
    this.share = new Share(host);
    this.topic = place.topic;
    this.partition = place.partition;
    this.key = partitionKey(place.topic, place.partition);
    this.assignmentEpoch = assignmentEpoch;
    this.state = state;
    const attendanceChanged = (): void => {
      host.attendanceChanged();
      host.demandChanged(this);
    };
    this.delivery = new Delivery(this, host, attendanceChanged);
    this.held = new Held((skipped) => {
      this.onAck(skipped);
    });
  }

  get over(): boolean {
    return this.state.kind === 'completed' || this.state.kind === 'released';
  }

  /** Its stream has ended where it was to end (`stopAt`). */
  get atMark(): boolean {
    return this.state.kind === 'completed' && this.state.why === 'mark';
  }

  /** It has, and something of it was not acked: who subscribes again is given that. */
  get resumable(): boolean {
    return this.atMark && this.host.delivery === 'at-least-once' && this.held.lowestOutstanding !== undefined;
  }

  /** The end of the last buffered batch, else the position. */
  get fetchOffset(): number | undefined {
    return this.held.end ?? this.position;
  }

  /**
   * What may be committed: the lowest offset delivered and not acked, else the position. At most once: the end of the stretch that is to be
   * delivered next; when nothing more is delivered, the position.
   */
  get committable(): number | undefined {
    if (this.host.delivery === 'at-least-once') return this.held.lowestOutstanding ?? this.position;
    return this.over || this.position === undefined ? this.position : Math.max(this.position, this.stretch);
  }

  /** The first offset that this consumer still has to see. At least once: the lowest one that was delivered and not acked, else the position. */
  get needed(): number | undefined {
    return this.host.delivery === 'at-least-once' ? this.committable : this.position;
  }

  /** Records that were delivered and that somebody may still be working on. At most once nobody is waited for. */
  get unacked(): number {
    return this.delivery.abandoned || this.host.delivery === 'at-most-once' ? 0 : this.held.records;
  }

  /** Whether Kafka should be told of a new offset. Brokers store what they are sent, so a negative one is none. */
  get dirty(): boolean {
    return !this.contested && this.owing;
  }

  /** The same, though it may have to wait until it is known which topic that is. */
  get owing(): boolean {
    const { committable: offset = -1, committed, committedEpoch, commitDoubtful } = this;
    const isOther = offset !== committed || committedEpoch !== this.positionEpoch || commitDoubtful;
    return this.state.kind !== 'released' && offset >= 0 && isOther;
  }

  /** Bytes that it may still be asked for; 0 while there is no need. */
  get room(): number {
    if (this.state.kind !== 'fetching' || !this.delivery.attended) return 0;
    if (this.mark !== undefined && (this.fetchOffset ?? 0) >= this.mark) return 0;
    return this.share.room(this.held.bytes);
  }

  /** How far the position is behind the end of the log. */
  get behind(): number | undefined {
    return this.end === undefined || this.position === undefined ? undefined : Math.max(0, this.end - this.position);
  }

  /** Held back by demand alone: it would be fetched if its subscriber acked. */
  get heldByDemand(): boolean {
    return this.state.kind === 'fetching' && this.delivery.attended && this.share.isFull;
  }

  apply(event: CursorEvent): void {
    const next = transition(this.state, event);
    if (next === this.state) return;
    if (next.kind === 'completed' && next.why === 'closed') this.closed = true;
    this.state = next;
    if (next.kind === 'released') this.held.clear();
    // Whatever asked for it is over: who subscribes again asks anew, and would wait for ever for a round that nobody frees.
    if (next.kind === 'failed') this.route.release();
    this.wakeAll();
  }

  /** The position is found: the stream goes on there. `epoch`: of the leader that wrote the record before it; -1: not known. `tell`: called before anybody acts on it. */
  locate(offset: number, epoch = -1, tell: () => void = () => undefined): void {
    this.position = offset;
    this.lineage.begin(epoch, offset);
    this.route.release();
    this.state = transition(this.state, { kind: 'located' });
    tell();
    this.wakeAll();
    this.pass();
  }

  /** Where to go on is to be found anew; all that was asked for or delivered before is stale. */
  relocate(target: Target, reason: PositionReason): void {
    if (this.over) return;
    this.positionEpoch++;
    this.route.forgetPosition();
    this.held.clear();
    this.lastPosition = this.position ?? this.lastPosition;
    this.position = undefined;
    this.stretch = -1;
    this.apply({ kind: 'locate', target, reason });
    this.balance(); // last: who is woken by the room that there is now must find that there is no offset to ask for
  }

  /** What was there of the log when the stream began does not reach further, whatever comes: `stopAt` waits for no more. */
  endsAt(offset: number): void {
    if (this.mark !== undefined && this.mark > offset) this.mark = offset;
  }

  /** A batch has arrived at `fetchOffset`. `deliverable` false: a control batch, or one of an aborted transaction. */
  receive(view: BatchView, deliverable: boolean): void {
    const range = { from: this.fetchOffset ?? 0, to: this.mark ?? Infinity };
    this.lineage.note(view.leaderEpoch, range.from); // what compaction took away before it counts as its own: of which epoch that was is not known
    this.held.push(new HeldBatch(this.held, this, view, range, deliverable));
    this.balance();
    this.pass();
  }

  /** Passes what holds nothing to deliver, ends the stream at its mark, and answers the batch that delivery stands in. The position is that of the next record. */
  pass(): HeldBatch | undefined {
    const batch = this.held.current(this.onPassed);
    this.position = batch?.nextToDeliver ?? this.position;
    if (this.mark !== undefined && this.state.kind === 'fetching' && (this.position ?? -1) >= this.mark) {
      this.apply({ kind: 'complete', why: 'mark' });
    }
    return batch;
  }

  /** Kafka has taken a commit that was made in that position epoch. */
  committedTo(offset: number, positionEpoch: number): void {
    this.committed = offset;
    this.commitDoubtful = false;
    this.committedEpoch = positionEpoch;
    if (this.positionEpoch !== positionEpoch) return;
    this.commitSoon = false;
    if (this.host.delivery === 'at-most-once') this.line.wake();
  }

  /** A new subscriber: where its delivery begins. At most once: behind all that was delivered. */
  rewind(): void {
    if (this.host.delivery === 'at-most-once') {
      this.held.forgetDelivered();
      return;
    }
    const lowest = this.held.rewind();
    if (lowest !== undefined) this.position = lowest;
  }

  /** Both who delivers and who fetches look again. */
  wakeAll(): void {
    this.host.demandChanged(this);
    this.host.settled();
    this.line.wake();
  }

  /** Its slice or what it holds has changed. */
  balance(): void {
    if (this.share.balance(this.held.bytes) && this.delivery.attended) this.host.demandChanged(this);
  }

  /** One closure for all batches: `pass` runs once per record. */
  private readonly onPassed = (batch: HeldBatch): void => {
    this.position = batch.nextOffset;
    this.host.passed(this, batch);
  };

  private onAck(skipped: boolean): void {
    this.acks++;
    const since = ++this.ackedSinceCommit; // from the first on the time of the next commit runs
    if (skipped) this.pass();
    this.balance();
    if (this.delivery.hold === 'window') this.line.wake();
    if (this.over || since === 1 || since === this.host.commitEvery) this.host.settled();
  }
}
