import { readdirSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import * as operators from '../../operators/index.ts';
import * as main from '../../src/index.ts';
import * as testing from '../../src/testing/index.ts';
import { createTopic, describeKafka, produceWithJava, uniqueTopic } from '../support/kafka.ts';
import { compiles, installedByNpm, installedByPnpm, nodeOf, packed, root, run } from './installed.ts';
import type { Packed } from './installed.ts';

const majors = ['20', '22', '24'] as const;
const everything = {
  main: Object.keys(main).toSorted(),
  operators: Object.keys(operators).toSorted(),
  testing: Object.keys(testing).toSorted(),
  usable: true,
};
const minutes = 60_000;

let pack: Packed;
const folders = { npm: '', pnpm: '' };

beforeAll(async () => {
  pack = await packed();
  [folders.npm, folders.pnpm] = await Promise.all([installedByNpm(pack.tarball), installedByPnpm(pack.tarball)]);
  await Promise.all(majors.map(nodeOf));
}, 4 * minutes);

const installed = (): readonly string[] =>
  readdirSync(join(folders.npm, 'node_modules/kafka-rx'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('the package', () => {
  test('holds what was built, and the papers', () => {
    const others = pack.files.filter((file) => !/^dist\/(src|operators)\/[\w/]+\.(js|js\.map|d\.ts)$/.test(file));
    expect(others.toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  });

  test('names nothing of the machine that it was made on', () => {
    const places = [root, homedir(), tmpdir()].filter((place) => place.length > 1);
    const named = installed().filter((file) => places.some((place) => readFileSync(file, 'utf8').includes(place)));
    expect(named).toEqual([]);
  });

  test('has its sources in its source maps', () => {
    const maps = installed().filter((file) => file.endsWith('.map'));
    expect(maps.length).toBeGreaterThan(50);
    for (const file of maps) {
      const { sources, sourcesContent } = JSON.parse(readFileSync(file, 'utf8')) as { sources: string[]; sourcesContent?: unknown[] };
      expect(sourcesContent, file).toHaveLength(sources.length);
    }
  });

  test('installs nothing that is not asked for', () => {
    expect(readdirSync(join(folders.npm, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'kafka-rx',
      'kafkajs',
      'rxjs',
      'tslib',
    ]);
  });
});

describe.each(['npm', 'pnpm'] as const)('installed by %s', (layout) => {
  test.each(majors)('Node %s imports and requires every export', { timeout: minutes }, async (major) => {
    const node = await nodeOf(major);
    for (const file of ['imports.mjs', 'requires.cjs']) {
      const found = JSON.parse(await run(folders[layout], node, [file])) as Record<keyof typeof everything | 'node', unknown>;
      const sorted = (names: unknown): readonly unknown[] =>
        (names as readonly string[]).filter((name) => !/^(default|module\.exports|__esModule)$/.test(name)).toSorted();
      expect({ ...found, main: sorted(found.main), operators: sorted(found.operators), testing: sorted(found.testing) }).toEqual({
        ...everything,
        node: expect.stringContaining(`v${major}.`) as string,
      });
    }
  });

  test('TypeScript finds the types, and no fault in them', { timeout: 2 * minutes }, async () => {
    await compiles(folders[layout], { module: 'nodenext', moduleResolution: 'nodenext' }, ['types.mts', 'common.cts']);
  });
});

test('a bundler finds the types as well', { timeout: 2 * minutes }, async () => {
  await compiles(folders.npm, { module: 'esnext', moduleResolution: 'bundler', skipLibCheck: true }, ['types.mts']);
});

await describeKafka('the package, installed by npm', (kafka) => {
  const count = 100;
  let topic = '';

  beforeAll(async () => {
    topic = await createTopic(kafka, uniqueTopic('package'), { partitions: 1 });
    await produceWithJava(kafka, { topic, partitions: 1, count });
  });

  test.each(majors)('reads a topic on Node %s and ends by itself', { timeout: minutes }, async (major) => {
    const args = ['reads.mjs', kafka.brokers.join(','), topic, uniqueTopic('package-group')];
    const { offsets, node } = JSON.parse(await run(folders.npm, await nodeOf(major), args)) as { offsets: number[]; node: string };
    expect(node).toContain(`v${major}.`);
    expect(offsets).toEqual(Array.from({ length: count }, (_, offset) => offset));
  });
});
