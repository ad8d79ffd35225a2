import { configDefaults, defineConfig } from 'vitest/config';
import type { ViteUserConfig } from 'vitest/config';
import common from '../../vitest.config.ts';

/** What takes long to be told: npm run test:long. LONG_MINUTES says how long. */
const config: ViteUserConfig = defineConfig({
  root: '.',
  test: { ...common.test, include: ['test/long/**/*.long.ts'], exclude: configDefaults.exclude },
});

export default config;
