import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import type { ViteUserConfig } from 'vitest/config';

/** Marbles of the trees below the root, in one process. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['**/marbles/**/*.test.ts', '**/test/museum/*/*.test.ts'],
    runner: join(import.meta.dirname, 'runner.ts'),
    pool: 'forks',
    maxWorkers: 1,
    isolate: false,
    execArgv: ['--max-old-space-size=1024'], // a bug that never ends fills the memory
    dangerouslyIgnoreUnhandledErrors: true, // a bug may throw when its marble is over
    testTimeout: 15_000,
    restoreMocks: true,
    reporters: ['dot'],
  },
});

export default config;
