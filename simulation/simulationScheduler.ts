import { Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs';
import { Heap, type Entry, type Loop } from './heap.ts';

/** Node fires what is to wait longer after 1 ms. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** What an action needs to be put on time. */
interface Line {
  now(): number;
  enter(run: () => void, delay: number): Entry | undefined;
  cancel(entry: Entry): void;
}

class SimulatedAction<T> extends Subscription implements SchedulerAction<T> {
  private readonly line: Line;
  private readonly work: (this: SchedulerAction<T>, state?: T) => void;
  private entry: Entry | undefined;

  constructor(line: Line, work: (this: SchedulerAction<T>, state?: T) => void) {
    super(() => {
      this.withdraw();
    });
    this.line = line;
    this.work = work;
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this;
    this.withdraw();
    const run = (): void => {
      this.entry = undefined;
      if (!this.closed) this.work(state);
    };
    this.entry = this.line.enter(run, delay);
    return this;
  }

  private withdraw(): void {
    if (this.entry !== undefined) this.line.cancel(this.entry);
    this.entry = undefined;
  }
}

/**
 * Time in which nothing happens but what is scheduled: the same each time.
 *
 * The brokers live on it as it is. Each member of a group is a process of its own, with a clock and an event loop that its own code may block:
 * see `process`.
 */
export class SimulationScheduler implements SchedulerLike {
  /** Called after each action. */
  onStep: (() => void) | undefined;
  /** Called when all that was to happen at this time has happened. */
  onMoment: (() => void) | undefined;
  /** Actions that were run. */
  steps = 0;
  private readonly heap = new Heap();
  private clock = 0;
  private order = 0;
  private readonly line: Line = {
    now: () => this.clock,
    enter: (run, delay) => this.enter(run, this.clock + ticks(delay)),
    cancel: (entry) => this.heap.cancel(entry),
  };

  now(): number {
    return this.clock;
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    return new SimulatedAction(this.line, work).schedule(state, delay);
  }

  /** Actions that wait, of everybody. */
  get pending(): number {
    return this.heap.live;
  }

  /** A process with an event loop of its own. */
  process(): Process {
    return new Process({
      now: () => this.clock,
      enter: (run, time, loop, phase, due) => this.enter(run, time, loop, phase, due),
      cancel: (entry) => this.heap.cancel(entry),
    });
  }

  /** Does all that is to be done up to `until` (ms) in its order, and whatever comes of it; no more once `enough` holds. What an action throws is thrown. */
  flush(until: number, enough: () => boolean = () => false): void {
    for (let next = this.heap.peek(); next !== undefined && next.time <= until; next = this.heap.peek()) {
      this.heap.pop();
      const { run, loop } = next;
      if (loop !== undefined && loop.freeAt > next.time) {
        next.time = loop.freeAt;
        this.heap.push(next);
        continue;
      }
      this.advance(next.time);
      next.run = undefined;
      run?.();
      this.steps++;
      this.onStep?.();
      if (enough()) return;
    }
    if (Number.isFinite(until)) this.advance(until);
  }

  private advance(to: number): void {
    if (to <= this.clock) return;
    this.onMoment?.();
    this.clock = to;
  }

  private enter(run: () => void, time: number, loop?: Loop, phase: 0 | 1 = 0, due = time): Entry {
    const entry: Entry = { time, phase, due, order: this.order++, run, loop };
    this.heap.push(entry);
    return entry;
  }
}

interface World {
  now(): number;
  enter(run: () => void, time: number, loop: Loop, phase: 0 | 1, due: number): Entry;
  cancel(entry: Entry): void;
}

/**
 * The event loop of one process, as a scheduler. Code that blocks it is `block`: the clock jumps, and what was due meanwhile is done late, timers
 * before what came over the network. Other processes, and the brokers, do not notice.
 */
export class Process implements SchedulerLike, Loop {
  /** Actions that wait. */
  pending = 0;
  /** For how long its event loop was blocked, ms. */
  blocked = 0;
  private readonly world: World;
  private busyUntil = 0;
  /** What was heard while it was blocked, and is not yet taken in. */
  private unread = 0;
  private dead = false;
  private readonly line: Line = {
    now: () => this.now(),
    enter: (run, delay) => {
      if (this.dead) return undefined;
      this.pending++;
      const due = this.now() + ticks(delay);
      const once = (): void => {
        if (this.dead) return;
        this.pending--;
        run();
      };
      return this.world.enter(once, due, this, 0, due);
    },
    cancel: (entry) => {
      if (entry.run !== undefined) this.pending--;
      this.world.cancel(entry);
    },
  };

  constructor(world: World) {
    this.world = world;
  }

  now(): number {
    return Math.max(this.world.now(), this.busyUntil);
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    return new SimulatedAction(this.line, work).schedule(state, delay);
  }

  /** Its code computes for that long, ms. */
  block(ms: number): void {
    this.busyUntil = this.now() + ms;
    this.blocked += ms;
  }

  /** When its event loop is free again, ms. */
  get freeAt(): number {
    return this.busyUntil;
  }

  /** Something came over the network: it is taken in at once, or when the event loop is free. */
  hear(take: () => void): void {
    if (this.dead) return;
    if (this.unread === 0 && this.world.now() >= this.busyUntil) {
      take();
      return;
    }
    this.unread++;
    const read = (): void => {
      this.unread--;
      if (!this.dead) take();
    };
    const arrived = this.world.now();
    this.world.enter(read, Math.max(arrived, this.busyUntil), this, 1, arrived);
  }

  /** SIGKILL: nothing of it is run any more. */
  kill(): void {
    this.dead = true;
    this.pending = 0;
  }
}

/** As Node has it. */
function ticks(delay: number): number {
  return delay > LONGEST_TIMER ? 1 : Math.max(0, delay);
}
