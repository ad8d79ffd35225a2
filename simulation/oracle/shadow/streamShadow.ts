import type { StreamView } from '../seen.ts';

/** A batch that the consumer was sent, and has not done with. */
export interface Received {
  readonly base: number;
  readonly next: number;
  readonly bytes: number;
  /** In which it was written; -1: not told. */
  readonly epoch: number;
}

/** A pause of that length gives up what was not delivered, at the next look of the consumer: ms. */
const LONG_PAUSE = 10_000;

/** What a change of position makes void. */
const givenUp = [
  'positionEpoch',
  'expected',
  'high',
  'fresh',
  'outstanding',
  'inWindow',
  'windowBytes',
  'floor',
  'received',
  'receivedEnd',
  'heldBytes',
  'before',
  'isAnchored',
] as const;

/** One stream, as it is known from outside. */
export class StreamShadow {
  readonly view: StreamView;
  readonly key: string;
  /** Of its topic, as its consumer knew it when it began. */
  readonly topicId: string | undefined;
  /** Raised by each change of position that is not consuming. */
  positionEpoch = 0;
  /** Counts its subscriptions. */
  delivery = 0;
  attached = false;
  pauses = 0;
  /** Since when somebody holds a pause; meaningless while nobody does. */
  pausedAt: number = -Infinity;
  /** After a long pause: what was not delivered may have been given up, until it is asked for again. */
  mayHaveGivenUp = false;
  ended: 'completed' | 'errored' | undefined;
  /** It was told to be lost, as when its topic is gone: nothing of it is still to be given up. */
  isLost = false;
  /** The next offset to be delivered; undefined while it is looked up. */
  expected: number | undefined;
  /** Behind all that was delivered in this position epoch. */
  high = -1;
  /** The first delivery of this position epoch has not come yet. */
  fresh = true;
  /** Delivered in this position epoch and not acked: bytes by offset, in order. */
  outstanding: Map<number, number> = new Map();
  /** Those of them that were delivered in the present delivery. */
  inWindow: Set<number> = new Set();
  windowBytes = 0;
  /** The last position that was seen in this delivery. */
  lastPosition: number | undefined;
  /** What may be committed was at least that, in this position epoch. */
  floor = -1;
  /** What Kafka was last told and has taken; undefined: unknown, or nothing. */
  committed: number | undefined;
  committedEpoch = -1;
  committedAt: number = -Infinity;
  /** Its user went back to what is committed: where it is found is not to be committed again. */
  goesToCommitted = false;
  /** The broker that it was last asked for at. */
  askedOf: string | undefined;
  /** The follower that was last named for it. */
  near: string | undefined;
  /** It is read in whole batches. */
  inBatches = false;
  /** What may have been committed in the position epoch before this one, by a request that is still on its way. */
  before: { readonly top: number; readonly at: number } | undefined;
  received: Received[] = [];
  /** Behind the last batch that it was sent. */
  receivedEnd: number | undefined;
  heldBytes = 0;
  /** When something of it failed last, ms. */
  troubledAt: number = -Infinity;
  /** Since when each thing is owed, ms; see LIVE. */
  readonly owed: Map<string, number> = new Map();
  deliveredAt: number = -Infinity;
  subscribedAt: number = -Infinity;
  ackedAt: number = -Infinity;
  /** It was sent a batch that is damaged: it fails behind what comes before that. */
  doomed = false;
  /** It is asked whether its log is the one that was read: what was sent of it meanwhile is asked for again. */
  isUnproven = false;
  /** Up to where the log of its leader was last said to be the one that was read. */
  partedAt: number = Infinity;
  /** It has read something from its position on, so it knows in which log it stands; a position alone does not say. */
  isAnchored = false;
  private undo: Partial<StreamShadow> = {};

  constructor(view: StreamView, topicId?: string) {
    this.view = view;
    this.topicId = topicId;
    this.key = `${view.topic}-${String(view.partition)}`;
  }

  get lowest(): number | undefined {
    for (const offset of this.outstanding.keys()) return offset;
    return undefined;
  }

  /** What may be committed, at least once. */
  get committable(): number | undefined {
    return this.lowest ?? this.view.position;
  }

  /** A batch of which something was delivered reaches behind where the log parts from what was read: it is given up whole. */
  get holdsLost(): boolean {
    return this.received.some(({ base, next }) => base < this.high && next > this.partedAt);
  }

  /** It has gone back, and is about to say so. */
  get isBack(): boolean {
    return (this.view.position ?? Infinity) < Math.max(this.expected ?? -1, this.lastPosition ?? -1);
  }

  /** The position epoch that a commit of that offset was made in: it may have waited for its connection while the position was changed. */
  epochOf(offset: number): number {
    const { before, committable, positionEpoch } = this;
    return before !== undefined && offset !== committable && offset <= before.top ? positionEpoch - 1 : positionEpoch;
  }

  /** All that was delivered or asked for before is stale. */
  relocated(at: number): void {
    this.undo = Object.fromEntries(givenUp.map((field) => [field, this[field]]));
    this.before = { top: Math.max(this.committable ?? this.expected ?? -1, this.high, this.before?.top ?? -1), at };
    this.positionEpoch++;
    this.goesToCommitted = false;
    this.expected = undefined;
    this.high = -1;
    this.fresh = true;
    this.outstanding = new Map();
    this.inWindow = new Set();
    this.windowBytes = 0;
    this.lastPosition = undefined;
    this.floor = -1;
    this.isAnchored = false;
    this.drop();
  }

  /** The log was cut behind its position: what it was sent of that is given up, but for batches of which something was delivered; what is still in the log may be. */
  cutBehind(position: number): void {
    this.received = this.received.filter(({ base, next }) => base < Math.max(position, this.high) || next <= this.partedAt);
    this.mayHaveGivenUp = true;
    this.settle();
  }

  /** The change of position that was just told was none. */
  seekRefused(): void {
    Object.assign(this, this.undo);
  }

  located(offset: number): void {
    this.expected = offset;
    this.lastPosition = undefined;
    this.floor = -1;
  }

  committedTo(offset: number, positionEpoch: number, at: number): void {
    this.committed = offset;
    this.committedEpoch = positionEpoch;
    this.committedAt = at;
  }

  subscribed(rewinds: boolean, at: number): void {
    this.attached = true;
    // One that has errored tries again.
    this.ended = undefined;
    this.delivery++;
    this.subscribedAt = at;
    this.inWindow.clear();
    this.windowBytes = 0;
    if (rewinds) this.expected = this.lowest ?? this.expected;
    else this.outstanding.clear();
    this.lastPosition = undefined;
  }

  /** Nobody is subscribed any more, or it has ended. */
  left(how: 'unsubscribed' | 'completed' | 'errored', at: number): void {
    this.attached = false;
    if (how === 'unsubscribed') return;
    this.ended = how;
    if (how === 'completed') return;
    this.troubledAt = at;
    this.drop();
  }

  handedOver(offsets: readonly number[], bytes: number, at: number): void {
    this.inBatches = offsets.length > 1;
    for (const offset of offsets) this.delivered(offset, bytes / offsets.length, at);
  }

  private delivered(offset: number, bytes: number, at: number): void {
    this.expected = offset + 1;
    this.high = Math.max(this.high, offset + 1);
    this.fresh = false;
    this.outstanding.set(offset, bytes);
    this.inWindow.add(offset);
    this.windowBytes += bytes;
    this.deliveredAt = at;
  }

  acked(offset: number, at: number): void {
    const bytes = this.outstanding.get(offset);
    if (bytes === undefined) return;
    this.ackedAt = at;
    this.outstanding.delete(offset);
    if (this.inWindow.delete(offset)) this.windowBytes -= bytes;
  }

  /** A pause of it is held by one more, or by one less. */
  held(more: 1 | -1, at: number): void {
    if (this.pauses === 0) this.pausedAt = at;
    else this.looks(at);
    this.pauses += more;
  }

  /** Whether its pause is so long that it is not fetched any more. */
  looks(at: number): boolean {
    const isLong = this.pauses > 0 && at - this.pausedAt >= LONG_PAUSE;
    if (isLong) this.mayHaveGivenUp = true;
    return isLong;
  }

  /** Of what it holds, as far as that is for certain: bytes. */
  get surelyHeld(): number {
    if (!this.mayHaveGivenUp) return this.heldBytes;
    return this.received.reduce((sum, { base, next, bytes }) => sum + (this.holds(base, next) ? bytes : 0), 0);
  }

  /** A batch came for the present position epoch. */
  receive(batch: Received): void {
    if (batch.next <= (this.receivedEnd ?? this.expected ?? 0)) return;
    this.isAnchored = true;
    this.received.push(batch);
    this.heldBytes += batch.bytes;
    this.receivedEnd = batch.next;
  }

  /** It asks for what lies at `offset`: what it was sent of that and behind it is not held any more. */
  asks(offset: number): void {
    this.mayHaveGivenUp = this.isUnproven = false;
    while ((this.receivedEnd ?? -1) > offset) {
      this.heldBytes -= this.received.pop()?.bytes ?? 0;
      this.receivedEnd = this.received.at(-1)?.next;
    }
  }

  /** What is wholly acked is not held any more; a batch behind one that is not acked still says how far it was sent. */
  settle(): void {
    const { position = 0 } = this.view;
    for (let first = this.received[0]; first !== undefined && this.isDone(first, position); first = this.received[0]) this.received.shift();
    this.receivedEnd = this.received.at(-1)?.next;
    this.heldBytes = 0;
    for (const batch of this.received) if (!this.isDone(batch, position)) this.heldBytes += batch.bytes;
  }

  private isDone({ base, next }: Received, position: number): boolean {
    const { lowest = Infinity } = this;
    return next <= position && (lowest >= next || (lowest < base && !this.holds(base, next)));
  }

  private holds(base: number, next: number): boolean {
    for (let offset = base; offset < next; offset++) if (this.outstanding.has(offset)) return true;
    return false;
  }

  drop(): void {
    this.doomed = false;
    this.received = [];
    this.receivedEnd = undefined;
    this.heldBytes = 0;
  }
}
