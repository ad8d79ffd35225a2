import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const places: readonly (readonly [name: string, path: string])[] = [
  ['kafka-rx/operators', '../../operators/index.ts'],
  ['kafka-rx/testing', '../../src/testing/index.ts'],
  ['kafka-rx', '../../src/index.ts'],
];

test('the example in docs/testing.md is the one that is run', () => {
  const page = readFileSync(join(root, 'docs/testing.md'), 'utf8');
  const shown = /<!-- test\/docs\/backoff\.test\.ts -->\n\n```ts\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const run = readFileSync(join(import.meta.dirname, 'backoff.test.ts'), 'utf8');
  expect(places.reduce((text, [name, path]) => text.replace(`'${name}'`, `'${path}'`), shown)).toBe(run);
});
