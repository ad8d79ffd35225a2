import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { dockerHost } from './kafka/docker.ts';
import { whyNoJava } from './kafka/java.ts';
import { findOrStartKafka, NoKafkaError } from './kafka/ladder.ts';
import { filledOnce } from './kafka/lock.ts';
import { describeKafka, eventually } from './kafka.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kafka-rx-ladder-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A machine with a shell and nothing else. */
function bareMachine(): void {
  symlinkSync('/bin/sh', join(folder, 'sh'));
  vi.stubEnv('PATH', folder);
  vi.stubEnv('KAFKA_BROKERS', '');
  vi.stubEnv('DOCKER_HOST', `unix://${join(folder, 'none.sock')}`);
}

async function withDaemon(answer: RequestListener, work: () => Promise<void>): Promise<void> {
  const server = createServer(answer);
  const socket = join(folder, 'docker.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  vi.stubEnv('DOCKER_HOST', `unix://${socket}`);
  try {
    await work();
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

await describeKafka('the ladder, with a Kafka', (kafka) => {
  test('takes the brokers it is given and leaves them alone', async () => {
    vi.stubEnv('KAFKA_BROKERS', ` ${kafka.brokers.join(' , ')}`);
    const found = await findOrStartKafka();
    expect(found).toMatchObject({ kind: 'external', brokers: kafka.brokers });
    await found.close();
  });
});

describe('the ladder', () => {
  test('fails when nobody answers at the brokers it is given, and takes no other rung', async () => {
    vi.stubEnv('KAFKA_BROKERS', '127.0.0.1:1');
    await expect(findOrStartKafka()).rejects.toThrow('KAFKA_BROKERS: nobody answers at 127.0.0.1:1');
  });

  test('says why there is none', async () => {
    bareMachine();
    expect(await whyNoJava()).toBe('there is no Java');
    const none = findOrStartKafka();
    await expect(none).rejects.toBeInstanceOf(NoKafkaError);
    await expect(none).rejects.toThrow('no KAFKA_BROKERS, no Docker daemon, and there is no Java');
  });

  test('wants Java 17', async () => {
    bareMachine();
    writeFileSync(join(folder, 'java'), '#!/bin/sh\necho \'openjdk version "11.0.2"\' >&2\n', { mode: 0o755 });
    expect(await whyNoJava()).toBe('Java 17 is needed, found 11');
  });

  test('wants Maven while the jars are not there', async () => {
    bareMachine();
    vi.stubEnv('XDG_CACHE_HOME', folder);
    writeFileSync(join(folder, 'java'), '#!/bin/sh\necho \'openjdk version "21.0.2"\' >&2\n', { mode: 0o755 });
    expect(await whyNoJava()).toBe('there is no Maven');
  });
});

describe('a Docker daemon', () => {
  test('is found by its answer', () =>
    withDaemon(
      (request, response) => response.writeHead(request.url === '/_ping' ? 200 : 404).end('OK'),
      async () => expect(await dockerHost()).toBe('127.0.0.1'),
    ));

  test('that answers nothing is none, in less than a second', () =>
    withDaemon(
      () => undefined,
      async () => {
        const start = performance.now();
        expect(await dockerHost()).toBeUndefined();
        expect(performance.now() - start).toBeLessThan(1_000);
      },
    ));

  test('whose socket is not there is none', async () => {
    vi.stubEnv('DOCKER_HOST', `unix://${join(folder, 'none.sock')}`);
    expect(await dockerHost()).toBeUndefined();
  });
});

describe('filledOnce', () => {
  const fill = async (target: string): Promise<void> => writeFileSync(join(target, 'file'), 'x');

  test('fills a folder once for all who come', async () => {
    const target = join(folder, 'deep', 'jars');
    let fills = 0;
    const slowly = async (draft: string): Promise<void> => {
      fills += 1;
      await turn();
      expect(existsSync(target)).toBe(false);
      await fill(draft);
    };
    expect(await Promise.all([filledOnce(target, slowly), filledOnce(target, slowly)])).toEqual([target, target]);
    expect(await filledOnce(target, slowly)).toBe(target);
    expect(fills).toBe(1);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['jars']);
  });

  test('leaves nothing behind when it fails, and the next one tries again', async () => {
    const target = join(folder, 'jars');
    await expect(filledOnce(target, () => Promise.reject(new Error('no network')))).rejects.toThrow('no network');
    expect(readdirSync(folder)).toEqual([]);
    expect(await filledOnce(target, fill)).toBe(target);
  });

  test('steals the lock of a process that is gone, also of one that died before it wrote its pid', async () => {
    writeFileSync(join(folder, 'a.lock'), '2147483646');
    expect(await filledOnce(join(folder, 'a'), fill)).toBe(join(folder, 'a'));
    const nobody = join(folder, 'b.lock');
    writeFileSync(nobody, '');
    utimesSync(nobody, new Date(), new Date(Date.now() - 60_000));
    expect(await filledOnce(join(folder, 'b'), fill)).toBe(join(folder, 'b'));
  });

  test('waits for the lock of a process that lives', async () => {
    const target = join(folder, 'jars');
    writeFileSync(`${target}.lock`, String(process.pid));
    const filled = filledOnce(target, () => Promise.reject(new Error('filled twice')));
    mkdirSync(target);
    rmSync(`${target}.lock`);
    expect(await filled).toBe(target);
  });
});

describe('eventually', () => {
  test('rejects with the last reason after the deadline', async () => {
    let looks = 0;
    const check = (): boolean => {
      looks += 1;
      if (looks > 1) throw new Error(`look ${looks}`);
      return false;
    };
    await expect(eventually(check, { what: 'a miracle', deadline: 30, every: 1 })).rejects.toThrow(
      /^not within 30 ms: a miracle: look \d+$/,
    );
    expect(looks).toBeGreaterThan(1);
  });

  test('resolves with what it found', async () => {
    expect(await eventually(() => Promise.resolve(7), { what: 'seven' })).toBe(7);
  });
});
