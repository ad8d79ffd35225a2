import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { createTopic, describeKafka, produceWithJava, uniqueTopic } from '../support/kafka.ts';
import type { Farewell } from './children/leaver.ts';
import type { Leaving } from './children/simulatedLeavers.ts';

/** `KAFKA_RX_LONG=1`: every step also on a network that falls silent at that moment. Without it some of them. */
const long = process.env['KAFKA_RX_LONG'] === '1';

const closeTimeout = 2_500;
const allowed = 2_000;
const hung = 30_000;

const sides = ['before', 'after'] as const;
/** The first connection is a bootstrap one, the last of a member is for fetching. */
const connections = ['Connect', 'Connect 4'];
const handshakes = ['Tcp', 'Tls', 'Sasl'];
const apis = [
  'Metadata',
  'FindCoordinator',
  'JoinGroup',
  'SyncGroup',
  'OffsetFetch',
  'ListOffsets',
  'Fetch',
  'Heartbeat',
  'OffsetCommit',
] as const;

const silenced = long ? [...connections, ...apis] : ['Connect', 'JoinGroup', 'Fetch', 'OffsetCommit'];

/** Two at a time: there are two cores. */
const turns: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = (turns.shift() ?? Promise.resolve()).then(work);
  turns.push(turn.catch(() => undefined));
  return turn;
}

/** Runs such a process, and waits for its end. Resolves with what it said. */
async function ended(file: string, args: readonly string[]): Promise<unknown> {
  const running = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, file), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const tooLate = setTimeout(() => running.kill('SIGKILL'), hung);
  try {
    const [words, [code, signal]] = await Promise.all([
      text(running.stdout),
      once(running, 'exit') as Promise<[number | null, string | null]>,
    ]);
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    return JSON.parse(words);
  } finally {
    clearTimeout(tooLate);
  }
}

/** Runs a consumer of its own process that unsubscribes at that moment, and waits for its end. */
async function leaving(broker: string, topic: string, step: string, side: string, silent: boolean): Promise<Farewell> {
  const args = [broker, topic, uniqueTopic('leaver'), step, side, silent ? 'silent' : 'live', String(closeTimeout)];
  return (await ended('children/leaver.ts', args)) as Farewell;
}

await describeKafka('a process that unsubscribes ends by itself', (kafka) => {
  const [broker = ''] = kafka.brokers;
  let topic = '';

  beforeAll(async () => {
    topic = await createTopic(kafka, uniqueTopic('leaving'), { partitions: 1 });
    await produceWithJava(kafka, { topic, partitions: 1, count: 50 });
  });

  describe.each(sides)('right %s', (side) => {
    test.concurrent.each([...connections, ...apis])('%s', { timeout: hung + 60_000 }, async (step) => {
      const { took, strange } = await inTurn(() => leaving(broker, topic, step, side, false));
      expect(strange).toEqual([]);
      expect(took).toBeLessThan(allowed);
    });

    test.concurrent.each(silenced)('%s, to a broker that never answers from then on', { timeout: hung + 60_000 }, async (step) => {
      const { took, strange } = await inTurn(() => leaving(broker, topic, step, side, true));
      expect(strange).toEqual([]);
      expect(took).toBeLessThan(closeTimeout + allowed);
    });
  });

  test.concurrent.each(handshakes)('in the midst of the handshake: %s', { timeout: hung + 60_000 }, async (phase) => {
    const { took, strange } = await inTurn(() => leaving(broker, topic, phase, 'before', true));
    expect(strange).toEqual([]);
    expect(took).toBeLessThan(allowed);
  });
});

describe('a process that unsubscribes ends by itself, simulated', () => {
  /** A broker that says nothing more holds the end up for so long. */
  const patience = 300;
  const cases = sides.flatMap((side) =>
    [...connections, ...apis].flatMap((step) => [false, true].map((silent): Leaving => ({ step, side, silent }))),
  );
  let farewells: readonly Farewell[] = [];

  // All at once, each with a cluster of its own: the process ends when the last of them has.
  beforeAll(async () => {
    farewells = (await ended('children/simulatedLeavers.ts', [JSON.stringify(cases), String(patience)])) as readonly Farewell[];
  });

  test.each(
    cases.map((each, index) => [each.side, each.step, each.silent ? ', to a broker that never answers from then on' : '', index] as const),
  )('right %s %s%s', (_side, _step, silence, index) => {
    const { took, strange } = farewells[index] ?? { took: NaN, strange: ['it said nothing'] };
    expect(strange).toEqual([]);
    expect(took).toBeLessThan(silence === '' ? allowed : patience + allowed);
  });
});
