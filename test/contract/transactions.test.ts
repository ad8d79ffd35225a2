import { beforeAll, describe, expect, test } from 'vitest';
import type { ConsumerOptions } from '../../src/index.ts';
import { consumed } from './grounds/consume.ts';
import { describeGrounds } from './grounds/describeGrounds.ts';
import type { Ground } from './grounds/ground.ts';
import * as real from './grounds/transactions/real.ts';
import * as simulated from './grounds/transactions/simulated.ts';
import type { IsolationLevel, Seen, WritingPlan, Written } from './grounds/transactions/written.ts';

const partitions = 3;
const levels = ['read_committed', 'read_uncommitted'] as const;

function writeTransactions(ground: Ground, plan: WritingPlan): Promise<readonly Written[]> {
  return ground.kind === 'real' ? real.writeTransactions(ground.kafka, plan) : simulated.writeTransactions(ground.cluster, plan);
}

/** What is to be seen, by somebody else: Kafka's console consumer, or the simulated cluster itself. */
async function judge(ground: Ground, topic: string, level: IsolationLevel): Promise<Seen> {
  if (ground.kind === 'real') return real.consoleConsumer(ground.kafka, topic, partitions, level);
  return simulated.truthOf(ground.cluster, topic, partitions, level);
}

/** What is to be seen, from what the producers did: each record once it is settled that it counts, up to the first one of which it is not. */
function told(written: readonly Written[], level: IsolationLevel): Seen {
  return Array.from({ length: partitions }, (_, partition) => {
    const all = written.filter((record) => record.partition === partition).sort((a, b) => a.offset - b.offset);
    const open = all.findIndex(({ state }) => state === 'open');
    const stable = open < 0 ? all : all.slice(0, open);
    const seen = level === 'read_uncommitted' ? all : stable.filter(({ state }) => state !== 'aborted');
    return seen.map(({ offset, value }) => `${partition} ${offset} ${value}`);
  });
}

async function ours(ground: Ground, topic: string, options: Partial<ConsumerOptions>): Promise<Seen> {
  const seen: string[][] = Array.from({ length: partitions }, () => []);
  const manual = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  await consumed(ground, { partitions: manual, stopAt: 'end', ...options } as ConsumerOptions, ({ partition, offset, value }) => {
    seen[partition]?.push(`${partition} ${offset} ${String(value)}`);
  });
  return seen;
}

const sizes: readonly (readonly [string, NonNullable<ConsumerOptions['fetch']>])[] = [
  ...[1, 400, 5_000].map((bytes) => [`${bytes} bytes`, { maxPartitionBytes: bytes, maxBytes: bytes }] as const),
  ['the default', {}],
];

await describeGrounds('five producers whose transactions are interleaved, some compressed, some open at the end', (ground) => {
  const [steps, enough] = ground.kind === 'real' ? [400, 100] : [120, 25];
  let topic = '';
  let written: readonly Written[] = [];
  const truth: Record<string, Seen> = {};

  beforeAll(async () => {
    topic = await ground.createTopic('transactions', { partitions });
    written = await writeTransactions(ground, { topic, partitions, steps, seed: 20_260_101 });
    await Promise.all(levels.map(async (level) => (truth[level] = await judge(ground, topic, level))));
  }, 120_000);

  test('are what the test needs: all kinds, and committed records hidden behind open ones', () => {
    const count = (state: string): number => written.filter((record) => record.state === state).length;
    for (const state of ['committed', 'aborted', 'plain']) expect(count(state)).toBeGreaterThan(enough);
    expect(count('open')).toBeGreaterThan(0);
    const all = truth['read_uncommitted']?.flat() ?? [];
    const committed = truth['read_committed']?.flat() ?? [];
    expect(all).toHaveLength(written.length);
    expect(committed.length).toBeLessThan(count('committed') + count('plain'));
    expect(committed.length).toBeGreaterThan(enough);
    for (const level of levels) expect(truth[level]).toEqual(told(written, level));
  });

  describe.each(levels)('%s', (isolationLevel) => {
    test.each(sizes)(
      `in fetches of %s: what ${ground.kind === 'real' ? 'the Java console consumer prints' : 'the log has'}, and the end is reached`,
      async (_, fetch) => {
        expect(await ours(ground, topic, { isolationLevel, fetch })).toEqual(truth[isolationLevel]);
      },
    );

    test('from any offset: the rest of it', async () => {
      const ends = (truth['read_uncommitted'] ?? []).map((lines) => Number(lines.at(-1)?.split(' ')[1]));
      for (const part of [0.13, 0.5, 0.77]) {
        const from = ends.map((end) => Math.floor(end * part));
        const manual = from.map((offset, partition) => ({ topic, partition, startFrom: { offset } }));
        const seen = await ours(ground, topic, { isolationLevel, partitions: manual, fetch: { maxPartitionBytes: 400 } });
        const rest = (truth[isolationLevel] ?? []).map((lines, partition) =>
          lines.filter((line) => Number(line.split(' ')[1]) >= (from[partition] ?? 0)),
        );
        expect(seen).toEqual(rest);
      }
    });
  });
});
