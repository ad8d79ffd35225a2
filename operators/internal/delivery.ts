import { Observable, from, isObservable, takeUntil, type Subscriber } from 'rxjs';
import type { Emitted, Handler, HandlerContext } from '../handler.ts';
import type { Crew, Worker } from './crew.ts';
import { isEmitted, isFollowed, type Returned } from './follow.ts';
import { gone } from './gone.ts';
import { offsetOf, type Item } from './item.ts';
import type { Lane } from './lane.ts';

/** What happens to an error of the stream: when, and as what, it goes on. */
export type Settle = (error: unknown) => Observable<never>;

/**
 * One subscription of one partition: its items through the handler, one at a time, each acked when its handler is done.
 *
 * Completes when the stream has and nothing is in hand; errors with what a handler fails with, or with what `settle` makes of an error of
 * the stream. Hand-written, since it is the path of every record: an item whose handler only computes costs two calls and a few integers.
 */
export function deliver<T extends Item, R>(
  lane: Lane,
  items: Observable<T>,
  handler: Handler<T, R>,
  crew: Crew,
  settle: Settle,
): Observable<Emitted<R>> {
  return new Observable((out) => new Delivery(lane, handler, crew, out).start(items, settle));
}

class Delivery<T extends Item, R> implements Worker {
  readonly #lane: Lane;
  readonly #handler: Handler<T, R>;
  readonly #crew: Crew;
  readonly #out: Subscriber<Emitted<R>>;
  readonly #gone: Observable<void>;
  readonly #controller = new AbortController();
  #context: HandlerContext;
  #stream: 'live' | 'completed' | 'failed' = 'live';
  /** In hand: with the handler (`lane.busy`), or waiting for a slot. */
  #item: T | undefined;
  /** Came while one was in hand. A pause holds before the next record, so there are none unless a stream takes it lightly. */
  #queue: T[] = [];
  /** The handler is being called: who called goes on with the next item, so that items that are done at once do not pile up the stack. */
  #calling = false;

  constructor(lane: Lane, handler: Handler<T, R>, crew: Crew, out: Subscriber<Emitted<R>>) {
    this.#lane = lane;
    this.#handler = handler;
    this.#crew = crew;
    this.#out = out;
    this.#gone = gone(out);
    this.#context = { attempt: lane.attempt, signal: this.#controller.signal };
  }

  start(items: Observable<T>, settle: Settle): void {
    const { signal } = this.#lane.partition;
    const lost = (): void => this.#lost();
    signal.addEventListener('abort', lost);
    this.#out.add(() => {
      signal.removeEventListener('abort', lost);
      this.#dispose();
    });
    this.#crew.enlist(this);
    if (signal.aborted) this.#lost();
    items.pipe(takeUntil(this.#gone)).subscribe({
      next: (item) => this.#next(item),
      error: (error: unknown) => this.#streamFailed(error, settle),
      complete: () => this.#streamCompleted(),
    });
    if (this.#item === undefined && !this.#out.closed) this.#await();
  }

  run(): void {
    // Undefined: it was dropped while it waited.
    if (this.#item === undefined) this.#crew.give();
    else this.#work(this.#item);
    this.#proceed();
  }

  abort(): void {
    const wasBusy = this.#lane.busy;
    this.#lane.busy = false;
    this.#controller.abort();
    if (wasBusy) this.#crew.give();
  }

  #next(item: T): void {
    if (this.#item !== undefined) {
      this.#queue.push(item);
      return;
    }
    this.#begin(item);
    // Unless what the handler did from inside of its call brought more, or the end.
    if (this.#queue.length > 0 || this.#stream !== 'live') this.#proceed();
  }

  /** Goes on after an item: with one that already came, else by letting the next one come. */
  #proceed(): void {
    while (this.#item === undefined && !this.#out.closed) {
      const item = this.#queue.shift();
      if (item === undefined) break;
      this.#begin(item);
    }
    if (this.#item !== undefined || this.#out.closed) return;
    this.#await();
  }

  /** Nothing is in hand. */
  #await(): void {
    if (this.#stream === 'completed') this.#out.complete();
    else if (!this.#over) this.#lane.release();
  }

  /** Nothing more is to be begun: the stream has ended, or is about to since the partition is not ours any more. */
  get #over(): boolean {
    return this.#stream !== 'live' || this.#lane.partition.signal.aborted;
  }

  #begin(item: T): void {
    this.#item = item;
    if (this.#crew.take(this)) this.#work(item);
    else this.#lane.hold();
  }

  #work(item: T): void {
    if (this.#context.attempt > 1) this.#resumed(item);
    this.#lane.busy = true;
    this.#calling = true;
    this.#call(item);
    this.#calling = false;
  }

  #call(item: T): void {
    let returned: Returned<R>;
    try {
      returned = this.#handler(item, this.#context);
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (!isFollowed(returned)) this.#done(returned);
    else this.#follow(returned);
  }

  #follow(returned: Observable<R> | PromiseLike<R>): void {
    if (isObservable(returned)) {
      returned.pipe(takeUntil(this.#gone)).subscribe({
        next: (value) => this.#emit(value),
        error: (error: unknown) => this.#failed(error),
        complete: () => {
          if (!this.#out.closed) this.#settled();
        },
      });
    } else {
      from(Promise.resolve(returned))
        .pipe(takeUntil(this.#gone))
        .subscribe({
          next: (value) => this.#done(value),
          error: (error: unknown) => this.#failed(error),
        });
    }
    if (this.#lane.busy && !this.#out.closed) this.#lane.hold();
  }

  #emit(value: R): void {
    if (isEmitted(value)) this.#out.next(value);
  }

  /** The only value of a handler is its end as well: the item is acked even if passing the value on ends the subscription. */
  #done(value: R): void {
    this.#emit(value);
    this.#settled();
  }

  #settled(): void {
    if (!this.#lane.busy) return;
    this.#item?.ack();
    if (this.#context.attempt > 1) this.#again(() => this.#lane.acked());
    this.#free();
  }

  /** The ack, the slot, the next: in this order, so that who waits for the slot (or for the end) finds the record acked. */
  #free(): void {
    this.#item = undefined;
    this.#lane.busy = false;
    this.#crew.give();
    if (!this.#calling) this.#proceed();
  }

  #failed(error: unknown): void {
    if (!this.#lane.busy || this.#out.closed || this.#item === undefined) return;
    if (this.#lane.partition.signal.aborted) {
      this.#free();
      return;
    }
    this.#lane.busy = false;
    this.#lane.hold();
    this.#lane.handlerFailed(offsetOf(this.#item));
    this.#out.error(error);
    this.#crew.give();
  }

  #resumed(item: T): void {
    this.#again(() => this.#lane.resumedAt(offsetOf(item)));
  }

  #again(change: () => void): void {
    change();
    this.#context = { attempt: this.#lane.attempt, signal: this.#controller.signal };
  }

  #streamCompleted(): void {
    if (this.#out.closed) return;
    this.#stream = 'completed';
    if (this.#item === undefined) this.#out.complete();
  }

  #streamFailed(error: unknown, settle: Settle): void {
    this.#stream = 'failed';
    this.#lane.hold();
    settle(error)
      .pipe(takeUntil(this.#gone))
      .subscribe({
        error: (settled: unknown) => {
          this.abort();
          this.#out.error(settled);
        },
      });
  }

  /** The partition is not ours any more: what has not begun does not begin. The end of the stream is told by the stream. */
  #lost(): void {
    this.#controller.abort(this.#lane.partition.signal.reason);
    this.#queue = [];
    if (this.#lane.busy) return;
    this.#item = undefined;
    this.#proceed();
  }

  #dispose(): void {
    this.#crew.leave(this);
    if (this.#item !== undefined || this.#stream !== 'completed') this.#controller.abort();
  }
}
