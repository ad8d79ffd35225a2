import { setMaxListeners } from 'node:events';
import { appendFileSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import { TestRunner, vi, type RunnerTestCase } from 'vitest';
import { hook, type Operators } from './instrument.ts';
import { changed, type Change } from './mutant.ts';
import { planVariable, type Entry, type Plan } from './plan.ts';
import { Watchdog } from './watchdog.ts';

type Planned = Plan['mutants'][number];

/** Pipelines that a marble may make with a mutant, as against without: beyond that it never ends. */
const excess = { times: 50, more: 5_000 };

/** What pipelines are made of at the moment. */
class Bench {
  active: { readonly pipeline: string; readonly change: Change } | undefined;
  readonly reached: Set<string> = new Set();
  made = 0;
  limit = Infinity;

  readonly operatorsOf: Operators = (pipeline, operators) => {
    this.reached.add(pipeline);
    if (++this.made > this.limit) throw new NeverEnds();
    const here = this.active?.pipeline === pipeline ? changed(operators, this.active.change) : operators;
    return here.map((operator) => operator());
  };
}

const folder = join(import.meta.dirname, '../../marbles');

class NeverEnds extends Error {}

/**
 * Runs each marble as it is, and then again with each mutant of the plan that still lives and whose pipeline the marble makes. Whatever makes
 * it fail is killed. Twice it runs as it is, first and last: what does not pass the second time is no evidence of anything.
 */
export default class MutantRunner extends TestRunner {
  private readonly plan: Plan = JSON.parse(readFileSync(process.env[planVariable] ?? '', 'utf8')) as Plan;
  private readonly through = new Set(this.plan.through);
  private readonly tried = new Set(this.plan.tried.map((pair) => pair.join('\n')));
  private readonly dead = new Set<string>();
  private readonly bench = new Bench();
  private readonly watchdog = new Watchdog();

  async runTask(test: RunnerTestCase): Promise<void> {
    Object.assign(globalThis, { [hook]: this.bench.operatorsOf });
    setMaxListeners(0, test.context.signal); // each run listens to it
    const marble = `${relative(folder, test.file.filepath)} > ${test.fullTestName}`;
    if (this.through.has(marble)) return;
    try {
      await this.tryAll(marble, TestRunner.getTestFn(test));
      this.write({ kind: 'through', marble });
    } catch (error) {
      this.write({ kind: 'broken', marble, why: error instanceof Error ? error.message : String(error) });
    }
  }

  private async tryAll(marble: string, run: () => unknown): Promise<void> {
    const { bench } = this;
    bench.reached.clear();
    bench.made = 0;
    await run();
    bench.limit = bench.made * excess.times + excess.more;
    const reached = new Set(bench.reached);
    for (const mutant of this.plan.mutants) {
      if (reached.has(mutant.pipeline) && this.lives(mutant, marble)) await this.try(mutant, marble, run);
    }
    vi.restoreAllMocks();
    bench.limit = Infinity;
    await run();
  }

  private lives({ name, marble: only }: Planned, marble: string): boolean {
    return (only === undefined || only === marble) && !this.dead.has(name) && !this.tried.has(`${marble}\n${name}`);
  }

  private async try(planned: Planned, marble: string, run: () => unknown): Promise<void> {
    const { bench } = this;
    const mutant = planned.name;
    this.write({ kind: 'trying', mutant, marble });
    vi.restoreAllMocks();
    bench.active = planned;
    bench.made = 0;
    this.watchdog.watch();
    try {
      await run();
      this.write({ kind: 'survived', mutant, marble });
    } catch {
      this.dead.add(mutant);
      this.write({ kind: 'killed', mutant, marble, why: bench.made > bench.limit ? 'never ends' : 'fails' });
    } finally {
      this.watchdog.rest();
      bench.active = undefined;
    }
  }

  private write(entry: Entry): void {
    appendFileSync(this.plan.journal, `${JSON.stringify(entry)}\n`);
  }
}
