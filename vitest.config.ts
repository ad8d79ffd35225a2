import { configDefaults, defineConfig } from 'vitest/config';
import type { ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'marbles/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'test/package/**'], // it downloads: npm run test:package
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 15_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    globalSetup: ['test/support/globalSetup.ts'],
    setupFiles: ['test/support/strict.ts'],
    reporters: ['default'],
    restoreMocks: true,
    coverage: { provider: 'v8', include: ['src/**', 'operators/**'] },
  },
});

export default config;
