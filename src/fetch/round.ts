import type { Backoff } from '../cluster/backoff.ts';
import type { LeaderHint } from '../cluster/view.ts';
import { partitionKey } from '../model/topicPartition.ts';
import type { FetchRequest } from '../protocol/apis/fetch.ts';
import type { Cursor } from '../table/cursor.ts';
import { Frame } from '../table/frame.ts';
import type { Row } from '../table/row.ts';
import type { Table } from '../table/table.ts';
import { AbortedFilter } from './aborted.ts';
import { isBeforeHole, lookRequest } from './look.ts';
import { plan } from './plan.ts';
import { askedOf, fetchRequest, pollWait, type FetchSettings } from './request.ts';
import { nextStep, type FetchSession, type SessionStep } from './session.ts';

/** One partition in a round, and what must still hold for its answer to count. */
export class Ask {
  readonly cursor: Cursor;
  readonly row: Row;
  /** It failed, or the answer does not count: nothing more of it in this round. */
  done = false;
  /** Records have come for it. */
  served = false;
  /** Of the log, as this answer tells it; -1: not told. */
  highWatermark = -1;
  aborted: AbortedFilter = new AbortedFilter(null);
  private readonly round: Round;
  private readonly positionEpoch: number;

  constructor(round: Round, cursor: Cursor) {
    this.round = round;
    this.row = round.row;
    this.cursor = cursor;
    this.positionEpoch = cursor.positionEpoch;
  }

  /** Whether an answer still means anything: same round, same position epoch, still working. */
  get current(): boolean {
    const { cursor } = this;
    return (
      !this.done && cursor.route.round === this.round && cursor.positionEpoch === this.positionEpoch && cursor.state.kind === 'fetching'
    );
  }

  /** A follower is asked, not the leader. */
  get ofFollower(): boolean {
    return this.cursor.route.leader !== this.row.nodeId;
  }
}

/** One Fetch to one broker, from the moment it is decided until the last part of its answer. */
export class Round {
  readonly row: Row;
  readonly sentAt: number;
  /** Milliseconds that the broker may wait. */
  readonly maxWait: number;
  readonly request: FetchRequest;
  readonly step: SessionStep;
  readonly asks: readonly Ask[];
  /** It only looks where the log goes on behind a hole: what it brings is not delivered. */
  readonly looks: boolean;
  /** What the answer says of the session; 0: there is none. */
  sessionId = 0;
  /** The answer is empty because we have used up our quota: it says nothing of the logs. */
  throttled = false;
  /** Who leads, by the word of the broker that was asked in vain. */
  readonly leaders: LeaderHint[] = [];
  private readonly byName: ReadonlyMap<string, Ask>;
  private readonly byId: ReadonlyMap<string, Ask>;
  private readonly frames = new Set<Frame>();

  constructor(row: Row, cursors: readonly Cursor[], step: SessionStep, request: FetchRequest, sentAt: number, looks = false) {
    this.looks = looks;
    this.row = row;
    this.sentAt = sentAt;
    this.maxWait = request.maxWaitMs;
    this.request = request;
    this.step = step;
    this.asks = cursors.map((cursor) => new Ask(this, cursor));
    this.byName = new Map(this.asks.map((ask) => [ask.cursor.key, ask]));
    this.byId = new Map(this.asks.map((ask) => [partitionKey(ask.cursor.route.topicId, ask.cursor.partition), ask]));
    for (const cursor of cursors) cursor.route.round = this;
  }

  get partitions(): number {
    return this.asks.length;
  }

  /** Whose part of the answer it is: by its name, or by its id where the broker answers by ids. */
  find({ topic, topicId, partition }: { readonly topic: string; readonly topicId: string; readonly partition: number }): Ask | undefined {
    return topic === '' ? this.byId.get(partitionKey(topicId, partition)) : this.byName.get(partitionKey(topic, partition));
  }

  /** A batch of the answer lies in this memory. */
  cameIn(memory: ArrayBufferLike): void {
    const frame = Frame.of(memory);
    if (this.frames.has(frame)) return;
    frame.arrives();
    this.frames.add(frame);
  }

  /**
   * The last part has come. One that brought nothing at all is not followed by another before `minRound` ms are over since it was sent.
   *
   * What brought records for a neighbour, or was cut short by a neighbour's error, paces nobody: it would make the others wait for that one.
   */
  succeeded(minRound: number): void {
    this.row.failures = 0;
    const futile = !this.asks.some(({ served, done }) => served || done);
    for (const ask of this.asks) {
      if (!ask.current) continue;
      const { route } = ask.cursor;
      route.succeeded(futile ? this.sentAt + minRound : 0);
      const { fetchOffset = 0, end = -1 } = ask.cursor;
      route.nothingAt = futile && !this.looks && !this.throttled && end > fetchOffset ? fetchOffset : undefined;
      if (ask.served) route.served = ++this.row.served;
    }
  }

  /** Its partitions may be asked for again, and nothing more of its answer will be taken in. Idempotent. */
  free(): void {
    for (const frame of this.frames) frame.settle();
    this.frames.clear();
    for (const { cursor } of this.asks) {
      if (cursor.route.round === this) cursor.route.release();
    }
  }
}

/** Decides what to ask for now, and marks it as asked for; undefined: nothing. */
export function begin(table: Table, row: Row, session: FetchSession, settings: FetchSettings, now: number): Round | undefined {
  for (const cursor of table.servedBy(row.nodeId)) {
    const { replica, replicaUntil } = cursor.route;
    if (replica >= 0 && now >= replicaUntil) table.backToLeader(cursor, 0); // which may have a nearer one by now
  }
  const served = table.servedBy(row.nodeId);
  const { fetch } = plan(row, served, now);
  if (fetch.length === 0) return undefined;
  for (const cursor of served) cursor.route.seeAcks(cursor.acks, now);
  const hole = settings.isolationLevel === 'read_committed' ? fetch.find(isBeforeHole) : undefined;
  if (hole !== undefined) {
    const step = nextStep(session, [askedOf(hole, 1)]);
    return new Round(row, [hole], step, lookRequest(step.request, settings), now, true);
  }
  const step = nextStep(
    session,
    fetch.map((cursor) => askedOf(cursor, settings.maxPartitionBytes)),
  );
  const rackId = fetch.some(({ route }) => route.leaderUntil > now) ? '' : settings.rackId;
  const request = fetchRequest(step.request, settings, pollWait(served, settings.maxWait, now), rackId);
  return new Round(row, fetch, step, request, now);
}

/** Two rounds that bring nothing are at least that far apart: ms. */
export function minRound(backoff: Backoff): number {
  return backoff.initial;
}
