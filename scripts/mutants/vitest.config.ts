import { join, relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import type { ViteUserConfig } from 'vitest/config';
import { instrument } from './instrument.ts';

const root = join(import.meta.dirname, '../..');

/** Marbles on instrumented pipelines, in one process, which tries mutants: see runner.ts. Nothing is written: the change is made in memory. */
const config: ViteUserConfig = defineConfig({
  root,
  plugins: [
    {
      name: 'mutants',
      enforce: 'pre',
      transform(code, id) {
        const file = relative(root, id);
        return /^(src\/(?!testing\/)|operators\/).*\.ts$/.test(file) ? { code: instrument(file, code), map: null } : null;
      },
    },
  ],
  test: {
    include: ['marbles/**/*.test.ts'],
    runner: './scripts/mutants/runner.ts',
    pool: 'forks',
    maxWorkers: 1,
    isolate: false,
    execArgv: ['--max-old-space-size=1024'], // a mutant that never ends fills the memory
    dangerouslyIgnoreUnhandledErrors: true, // a mutant may throw when its marble is over
    testTimeout: 0, // what a mutant does in vain is counted, and the watchdog is patient: see runner.ts
    restoreMocks: true,
    reporters: ['default'],
  },
});

export default config;
