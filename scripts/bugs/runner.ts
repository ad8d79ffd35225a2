import { appendFileSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import process from 'node:process';
import { TestRunner, type RunnerTestCase } from 'vitest';
import { Watchdog } from '../mutants/watchdog.ts';
import { planVariable, type Entry, type Plan } from './plan.ts';

/** Runs the marbles of the plan, and writes down what becomes of each: also of one that never ends. */
export default class MarbleRunner extends TestRunner {
  private readonly plan: Plan = JSON.parse(readFileSync(process.env[planVariable] ?? '', 'utf8')) as Plan;
  private readonly watchdog = new Watchdog();

  async runTask(test: RunnerTestCase): Promise<void> {
    const { only, not } = this.plan;
    const marble = `${relative(this.config.root, test.file.filepath)} > ${test.fullTestName}`;
    if (not.includes(marble) || only?.includes(marble) === false) return;
    this.write({ kind: 'begins', marble });
    this.watchdog.watch();
    try {
      await TestRunner.getTestFn(test)();
      this.write({ kind: 'passes', marble });
    } catch (error) {
      this.write({ kind: 'fails', marble });
      throw error;
    } finally {
      this.watchdog.rest();
    }
  }

  private write(entry: Entry): void {
    appendFileSync(this.plan.journal, `${JSON.stringify(entry)}\n`);
  }
}
