import type { Backoff } from '../cluster/backoff.ts';
import type { FetchRequest } from '../protocol/apis/fetch.ts';
import type { Cursor } from '../table/cursor.ts';
import { Frame } from '../table/frame.ts';
import type { Row } from '../table/row.ts';
import type { Table } from '../table/table.ts';
import { AbortedFilter } from './aborted.ts';
import { plan } from './plan.ts';
import { fetchRequest, pollWait, type FetchSettings } from './request.ts';

/** One partition in a round, and what must still hold for its answer to count. */
export class Ask {
  readonly cursor: Cursor;
  /** It failed, or the answer does not count: nothing more of it in this round. */
  done = false;
  /** Records have come for it. */
  served = false;
  aborted: AbortedFilter = new AbortedFilter(null);
  private readonly round: Round;
  private readonly positionEpoch: number;

  constructor(round: Round, cursor: Cursor) {
    this.round = round;
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
}

/** One Fetch to one broker, from the moment it is decided until the last part of its answer. */
export class Round {
  readonly row: Row;
  readonly sentAt: number;
  /** Milliseconds that the broker may wait. */
  readonly maxWait: number;
  readonly request: FetchRequest;
  private readonly asks: ReadonlyMap<string, Ask>;
  private readonly frames = new Set<Frame>();

  constructor(row: Row, cursors: readonly Cursor[], request: FetchRequest, sentAt: number) {
    this.row = row;
    this.sentAt = sentAt;
    this.maxWait = request.maxWaitMs;
    this.request = request;
    this.asks = new Map(cursors.map((cursor) => [cursor.key, new Ask(this, cursor)]));
    for (const cursor of cursors) cursor.route.round = this;
  }

  get partitions(): number {
    return this.asks.size;
  }

  find(key: string): Ask | undefined {
    return this.asks.get(key);
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
    const asks = [...this.asks.values()];
    const futile = !asks.some(({ served, done }) => served || done);
    for (const ask of asks) {
      if (!ask.current) continue;
      const { route } = ask.cursor;
      route.succeeded(futile ? this.sentAt + minRound : 0);
      if (ask.served) route.served = ++this.row.served;
    }
  }

  /** Its partitions may be asked for again, and nothing more of its answer will be taken in. Idempotent. */
  free(): void {
    for (const frame of this.frames) frame.settle();
    this.frames.clear();
    for (const { cursor } of this.asks.values()) {
      if (cursor.route.round === this) cursor.route.release();
    }
  }
}

/** Decides what to ask for now, and marks it as asked for; undefined: nothing. */
export function begin(table: Table, row: Row, settings: FetchSettings, now: number): Round | undefined {
  const led = table.ledBy(row.nodeId);
  const { fetch } = plan(row, led, now);
  if (fetch.length === 0) return undefined;
  for (const cursor of led) cursor.route.seeAcks(cursor.acks, now);
  const request = fetchRequest(fetch, settings, pollWait(led, settings.maxWait, now));
  return new Round(row, fetch, request, now);
}

/** Two rounds that bring nothing are at least that far apart: ms. */
export function minRound(backoff: Backoff): number {
  return backoff.initial;
}
