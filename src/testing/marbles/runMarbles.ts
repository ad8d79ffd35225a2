import type { RunHelpers } from 'rxjs/testing';
import { TestScheduler } from 'rxjs/testing';
import { SimulatedCluster, type SimulatedClusterOptions } from '../simulatedCluster.ts';
import { compareMarbles } from './compare.ts';
import { Ending } from './ending.ts';
import { PatientScheduler } from './patientScheduler.ts';
import { withoutPromises } from './promises.ts';
import { toolsOf, type MarbleTools } from './tools.ts';

export interface RunOptions extends Omit<SimulatedClusterOptions, 'scheduler'> {
  /** Ms of virtual time after which expectations without a subscription marble unsubscribe. Default: a second after the last thing that is drawn. */
  readonly end?: number;
  /** How what happened is compared with what was drawn; throws where they differ. Default: an AssertionError with both, line by line. */
  readonly compare?: (actual: unknown, expected: unknown) => void;
}

/** By then everything must have come to its end: ms after `end`. */
const GRACE = 3_600_000;

/**
 * A test in virtual time (`TestScheduler.run`) around a simulated cluster. Expectations are compared when `draw` has returned; what was unsubscribed must
 * have closed its connections and let go of its timers.
 *
 * Throws for a pipeline that waits for a promise: use `runMarblesAsync`.
 */
export function runMarbles(draw: (tools: MarbleTools) => void, options: RunOptions = {}): void {
  const scheduler = new TestScheduler(options.compare ?? compareMarbles);
  const stage = new Stage(scheduler, options);
  withoutPromises(() => {
    scheduler.run((helpers) => stage.set(helpers, draw));
  });
  stage.clear();
}

/** The same for pipelines with promises, as handlers that are async functions: time goes on only when all microtasks have been done. One at a time. */
export async function runMarblesAsync(draw: (tools: MarbleTools) => void, options: RunOptions = {}): Promise<void> {
  const scheduler = new PatientScheduler(options.compare ?? compareMarbles);
  const stage = new Stage(scheduler, options);
  await scheduler.runAsync((helpers) => stage.set(helpers, draw));
  stage.clear();
}

class Stage {
  private readonly scheduler: TestScheduler;
  private readonly cluster: SimulatedCluster;
  private readonly ending: Ending;

  constructor(scheduler: TestScheduler, { end, compare: _, ...options }: RunOptions) {
    this.scheduler = scheduler;
    this.cluster = new SimulatedCluster({ scheduler, ...options });
    this.ending = new Ending(end);
  }

  set(helpers: RunHelpers, draw: (tools: MarbleTools) => void): void {
    const { scheduler, ending } = this;
    const drawing: (tools: MarbleTools) => unknown = draw;
    if (isThenable(drawing(toolsOf(helpers, scheduler, this.cluster, ending)))) throw new TypeError('a marble is drawn at once: the function that draws it must not be async');
    ending.arm(scheduler);
    scheduler.schedule(() => {
      if (scheduler.actions.some(({ closed }) => !closed)) throw new Error('a timer is still armed after everything was unsubscribed');
    }, ending.at + GRACE);
  }

  clear(): void {
    const { open } = this.cluster;
    if (open > 0) throw new Error(`${String(open)} connections are still open after everything was unsubscribed`);
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value;
}
