import { asyncScheduler, config } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

/** Microtasks first: promises settle, and what waits for them runs, in no virtual time. */
const drained = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

let busy = false;

/** What was expected, and what is seen of it so far: the same arrays until the end. */
type Pair = readonly [actual: unknown, expected: unknown];

/** A TestScheduler whose time goes on only when no promise has anything more to do. */
export class PatientScheduler extends TestScheduler {
  /** Expectations that were drawn and are compared when everything has happened; undefined: not in `runAsync`. */
  private drawn: Pair[] | undefined;

  constructor(compare: (actual: unknown, expected: unknown) => void) {
    super((actual, expected) => {
      if (this.drawn === undefined) compare(actual, expected);
      else this.drawn.push([actual, expected]);
    });
  }

  /** As `run`, for pipelines with promises. One at a time in a process: rejects while another is under way. */
  async runAsync(draw: Parameters<TestScheduler['run']>[0]): Promise<void> {
    if (busy) throw new Error('another runMarblesAsync is under way: await it first');
    busy = true;
    const restore = [standInForRealTime(this), inRunMode(this)];
    const failures = collectUnhandled();
    const drawn: Pair[] = [];
    try {
      this.drawn = drawn;
      this.run(draw);
      await this.play();
      await failures.arrived();
    } finally {
      this.drawn = undefined;
      for (const each of restore) each();
      failures.stop();
      busy = false;
    }
    failures.raise();
    for (const [actual, expected] of drawn) this.assertDeepEqual(actual, expected);
  }

  /** In `runAsync` nothing happens yet: hot observables are set up, and expectations taken down. */
  override flush(): void {
    const { maxFrames } = this;
    if (this.drawn !== undefined) this.maxFrames = -1;
    super.flush();
    this.maxFrames = maxFrames;
  }

  /** Moment by moment, until nothing is left to do. */
  private async play(): Promise<void> {
    const { actions, maxFrames } = this;
    await drained();
    for (let [next] = actions; next !== undefined; [next] = actions) {
      if (next.closed) {
        actions.shift();
        continue;
      }
      this.maxFrames = next.delay;
      super.flush();
      await drained();
    }
    this.maxFrames = maxFrames;
  }
}

/** Operators that were given no scheduler take `asyncScheduler`: while a run lasts its time is the virtual one, as it is within `run`. */
function standInForRealTime(scheduler: TestScheduler): () => void {
  const own = Object.getOwnPropertyDescriptors(asyncScheduler);
  Object.assign(asyncScheduler, { schedule: scheduler.schedule.bind(scheduler), now: () => scheduler.now() });
  return () => {
    for (const name of ['schedule', 'now']) Reflect.deleteProperty(asyncScheduler, name);
    Object.defineProperties(asyncScheduler, own);
  };
}

/** Pictures that are drawn while it goes on are read as those that were drawn at the beginning: a frame is a millisecond. */
function inRunMode(scheduler: TestScheduler): () => void {
  const factor: unknown = Reflect.get(TestScheduler, 'frameTimeFactor');
  Reflect.set(TestScheduler, 'frameTimeFactor', 1);
  Object.assign(scheduler, { runMode: true });
  return () => {
    Reflect.set(TestScheduler, 'frameTimeFactor', factor);
    Object.assign(scheduler, { runMode: false });
  };
}

/** What is thrown in a `next` that nobody catches RxJS reports in a timer of its own: in a run it is the run's failure. */
function collectUnhandled(): { arrived(): Promise<void>; stop(): void; raise(): void } {
  const { onUnhandledError } = config;
  const failures: unknown[] = [];
  config.onUnhandledError = (error: unknown) => failures.push(error);
  return {
    arrived: () =>
      new Promise((resolve) => {
        setTimeout(resolve, 1);
      }),
    stop: () => {
      config.onUnhandledError = onUnhandledError;
    },
    raise: () => {
      const [first] = failures;
      if (first instanceof Error) throw first;
      if (failures.length > 0) throw new Error(String(first));
    },
  };
}
