import { configDefaults, defineConfig } from 'vitest/config';
import type { ViteUserConfig } from 'vitest/config';
import common from '../../vitest.config.ts';

/** The package as it is published, installed elsewhere: it needs a registry, and so is not part of `npm test`. */
const config: ViteUserConfig = defineConfig({
  root: '.',
  test: { ...common.test, include: ['test/package/**/*.test.ts'], exclude: configDefaults.exclude },
});

export default config;
