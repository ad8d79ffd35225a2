import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
let bin = '';

beforeAll(async () => {
  bin = await mkdtemp(join(tmpdir(), 'kafka-rx-node-'));
  await symlink(process.execPath, join(bin, 'node'));
});

afterAll(() => rm(bin, { recursive: true, force: true }));

test('where there is only Node the demo plays on a simulated Kafka, to its end', { timeout: 60_000 }, async () => {
  const env = { PATH: bin, HOME: bin, TMPDIR: tmpdir() };
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'demo/main.ts'], { cwd: root, env, timeout: 55_000 });
  expect(stdout).toContain('no Kafka to be had: no KAFKA_BROKERS, no Docker daemon, and ');
  expect(stdout).toContain('Kafka is simulated');
  expect(stdout).toContain('400 orders billed, 0 of them twice; all acks are committed');
});
