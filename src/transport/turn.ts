import { Subscription, type SchedulerLike } from 'rxjs';

/** Milliseconds. */
const SLICE = 8;

/**
 * How long we may work in one turn of the event loop: 8 ms, reading and user code together, for all connections and streams.
 *
 * Many chunks are read in one turn, for many partitions, and each of them wakes somebody. If each had a limit of its own a turn would be as long as
 * there are wake-ups. Who finds the time used up waits in line for the next turn: those who had nothing of this one go first, so that a busy one
 * delays its neighbours by a slice and does not starve them.
 *
 * The time counts on until somebody has to wait, over several turns perhaps: a timer for each turn would cost more than a pause that need not be.
 */
export class Turn {
  private static readonly known = new WeakMap<SchedulerLike, Turn>();
  private readonly scheduler: SchedulerLike;
  private readonly line = new Set<() => void>();
  private spent = 0;
  /** Who works is inside of somebody else's work: its time is counted there. */
  private depth = 0;
  private began = 0;
  private following: Subscription | undefined;

  private constructor(scheduler: SchedulerLike) {
    this.scheduler = scheduler;
  }

  /** The turn of all who live on that scheduler: there is one event loop behind it. */
  static of(scheduler: SchedulerLike): Turn {
    const known = Turn.known.get(scheduler);
    if (known !== undefined) return known;
    const turn = new Turn(scheduler);
    Turn.known.set(scheduler, turn);
    return turn;
  }

  /** Work begins at `now`. Returns the ms that are left for it; `end` must follow. */
  begin(now: number): number {
    if (this.depth++ === 0) this.began = now;
    return SLICE - this.spent - (now - this.began);
  }

  /** Work has ended. Returns the ms that are left. */
  end(now: number): number {
    const left = SLICE - this.spent - Math.max(0, now - this.began);
    if (--this.depth === 0) this.spent = SLICE - left;
    return left;
  }

  /** Calls it in a later turn, once. Unsubscribing cancels that. */
  next(run: () => void): Subscription {
    const place = (): void => {
      run();
    };
    this.line.add(place);
    this.follow();
    return new Subscription(() => {
      if (this.line.delete(place) && this.line.size === 0) this.following?.unsubscribe();
    });
  }

  private follow(): void {
    if (this.following?.closed === false) return;
    this.following = this.scheduler.schedule(() => {
      this.spent = 0;
      this.resume();
    });
  }

  private resume(): void {
    this.following = undefined;
    for (const run of [...this.line]) {
      if (this.spent >= SLICE) break;
      if (this.line.delete(run)) run();
    }
    if (this.line.size > 0) this.follow();
  }
}
