import { merge, Subscription, type Observable, type Subscriber } from 'rxjs';
import type { Context } from '../cluster/context.ts';
import { ConsumerClosedError } from '../errors/index.ts';
import { settleOffset } from '../table/located.ts';
import type { Cursor } from '../table/cursor.ts';
import type { Table } from '../table/table.ts';
import { Turn } from '../transport/turn.ts';

/**
 * The clock is read at most every so many items, and the more often the slower they are. A member of a group reads it before each one: its
 * handler may block the event loop for longer than the session, and only the clock can tell.
 */
const STRIDE = 64;
/** After a delivery that brought nothing new the next one begins at least so much later, ms. */
const PACE = 100;

/**
 * Hands the items of one cursor to one subscriber, for as long as both want.
 *
 * A wake-up carries nothing: `run` looks at the cursor. User code seeks, acks, pauses and unsubscribes inside `next`; a wake-up that comes
 * from there finds `running` and leaves it to the loop, which looks again before each item.
 */
export class Pump<T> {
  readonly subscription: Subscription = new Subscription();
  private readonly cursor: Cursor;
  private readonly table: Table;
  private readonly context: Context;
  private readonly out: Subscriber<T>;
  private readonly take: () => T | undefined;
  private readonly turn: Turn;
  private running = false;
  /** The time of this turn is used up, or a new delivery waits for its pace. */
  private resting: Subscription | undefined;

  constructor(cursor: Cursor, table: Table, context: Context, out: Subscriber<T>, take: () => T | undefined) {
    this.cursor = cursor;
    this.table = table;
    this.context = context;
    this.out = out;
    this.take = take;
    this.turn = Turn.of(context.scheduler);
  }

  /** A first delivery may begin inside `subscribe`; a further one is never synchronous, and is paced where nothing was acked since the last. */
  start(line: Observable<unknown>): void {
    const { cursor } = this;
    const { delivery } = cursor;
    const { begun, acksAtStart, endedAt } = delivery;
    const { scheduler } = this.context;
    delivery.attach();
    const futile = cursor.acks === acksAtStart;
    this.subscription.add(() => {
      this.resting?.unsubscribe();
      delivery.detach();
      delivery.endedAt = scheduler.now();
    });
    const look = (): void => {
      this.run();
    };
    // Before it listens: a wake-up must not begin what is to be paced.
    if (begun) this.rest(futile ? Math.max(0, endedAt + PACE - scheduler.now()) : 0);
    this.subscription.add(merge(line, cursor.line.wakes).subscribe({ next: look, error: look, complete: look }));
    settleOffset(cursor, this.context);
    this.run();
  }

  private run(): void {
    if (this.running || this.out.closed) return;
    // That it is over is told at once, whatever it waits for.
    if (this.resting !== undefined && (!this.cursor.over || this.cursor.resumable)) return;
    this.resting?.unsubscribe();
    this.resting = undefined;
    const { scheduler } = this.context;
    const began = scheduler.now();
    const left = this.turn.begin(began);
    this.running = true;
    try {
      this.slice(began, began + left);
    } finally {
      this.running = false;
      this.turn.end(scheduler.now());
    }
  }

  /** Yields to the event loop when the time of its turn is used up: heartbeats and fetches go on under load. */
  private slice(began: number, until: number): void {
    const { scheduler } = this.context;
    const furthest = this.table.sessionEnds === Infinity ? STRIDE : 1;
    let stride = 0;
    let read = began;
    if (this.isSuspended(began)) return;
    for (let count = 0; !this.out.closed; count++) {
      if (count >= stride) {
        const now = stride === 0 ? began : scheduler.now();
        if (this.isSuspended(now)) return;
        if (now >= until) {
          this.yield();
          return;
        }
        stride = now - read > 1 ? 1 : Math.min(furthest, Math.max(1, stride * 2));
        read = now;
        count = 0;
      }
      const item = this.take();
      if (item === undefined) {
        this.end();
        return;
      }
      this.out.next(item);
    }
  }

  /** The session is over by our clock: nothing is delivered until the coordinator is heard of again. That a stream has ended is told all the same. */
  private isSuspended(now: number): boolean {
    return now >= this.table.sessionEnds && !this.cursor.over;
  }

  private yield(): void {
    this.resting = this.turn.next(() => {
      this.resting = undefined;
      this.run();
    });
  }

  private rest(delay: number): void {
    this.resting = this.context.scheduler.schedule(() => {
      this.resting = undefined;
      this.run();
    }, delay);
  }

  /** Nothing to take: the stream may have ended. */
  private end(): void {
    const { cursor, out } = this;
    const { hold } = cursor.delivery;
    if (hold === 'over' && cursor.closed) this.closeLater();
    else if (hold === 'over') out.complete();
    else if (hold === 'failed' && cursor.state.kind === 'failed') this.fail(cursor.state.error);
  }

  private fail(error: Error): void {
    const { cursor, context } = this;
    const { topic, partition, route } = cursor;
    route.failed(context.scheduler.now() + context.backoff.initial);
    cursor.delivery.abandoned = true;
    cursor.apply({ kind: 'told' });
    context.tell({ kind: 'failed', topic, partition, error });
    this.out.error(error);
  }

  /**
   * The consumer was unsubscribed. An outer subscription is torn down before its inner ones: whoever is still here in a later task was left
   * behind, and is told so.
   */
  private closeLater(): void {
    const { key, topic, partition } = this.cursor;
    const error = new ConsumerClosedError(`the consumer was unsubscribed while ${key} was still being read`, { topic, partition });
    this.resting = this.context.scheduler.schedule(() => {
      this.out.error(error);
    });
  }
}
