import { configDefaults, defineConfig } from 'vitest/config';
import type { ViteUserConfig } from 'vitest/config';
import common from '../../vitest.config.ts';

/** Three brokers and members in processes of their own: npm run test:cluster. With SCALE_LONG=1 the full forms. */
const config: ViteUserConfig = defineConfig({
  root: '.',
  test: {
    ...common.test,
    include: ['test/scale/**/*.scale.ts'],
    exclude: configDefaults.exclude,
    fileParallelism: false,
    hookTimeout: 120_000,
  },
});

export default config;
