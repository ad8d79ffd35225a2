import process from 'node:process';
import { ConfigResourceTypes } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeJava, fastProperties, ownedKafka, uniqueTopic, withAdmin, type OwnedKafka } from '../support/kafka.ts';
import { eventually } from '../support/kafka.ts';
import { census, type Census } from '../contract/grounds/rawLog/census.ts';
import { rawLogs, type RawLog } from '../contract/grounds/rawLog/read.ts';
import { Dice } from '../contract/grounds/randomLog/dice.ts';
import { printedByJava, type Truth } from '../contract/grounds/randomLog/java.ts';
import { logTopics, uncompacted, type LogTopic } from '../contract/grounds/randomLog/plan.ts';
import { readAtRandom, type Reading } from '../contract/grounds/randomLog/read.ts';
import { openAtTheEnd, writeLog, type WrittenLog } from '../contract/grounds/randomLog/write.ts';
import type { IsolationLevel } from '../contract/grounds/transactions/written.ts';

/** The whole thing: LOG_BATCHES=100000. */
const batches = Number(process.env['LOG_BATCHES'] ?? 5_000);
const seed = Number(process.env['LOG_SEED'] ?? 1);
/** With limits drawn at random, for each isolation level. */
const randomReadings = Number(process.env['LOG_READINGS'] ?? 2);
const isLong = batches > 5_000;
const limit = isLong ? 1_800_000 : 120_000;
/** A seek is heard when the poll has ended that is on its way, ms. */
const maxWait = 10;
const levels = ['read_committed', 'read_uncommitted'] as const;

function tell(what: string, figures: object): void {
  if (isLong) process.stdout.write(`${what}: ${JSON.stringify(figures)}\n`);
}

function bytes(each: number): Reading['fetch'] {
  return { maxPartitionBytes: each, maxBytes: each, maxWait };
}

/** Limits between some bytes and more than the whole log. The least that is waited for is never more than the most. */
function randomFetch(dice: Dice): Reading['fetch'] {
  const least = isLong ? 2 : 3.3; // the tiny ones take their time
  const [maxPartitionBytes, maxBytes] = [10 ** (least + 3 * dice.share()), 10 ** (least + 4 * dice.share())].map(Math.floor);
  const most = Math.min(maxPartitionBytes ?? 1, maxBytes ?? 1, 2_000);
  return { ...bytes(maxPartitionBytes ?? 1), maxBytes: maxBytes ?? 1, minBytes: 1 + dice.below(most) };
}

/** Compaction has made every kind of hole, and will change nothing any more. */
async function settled(kafka: OwnedKafka, topics: readonly LogTopic[]): Promise<readonly RawLog[]> {
  const wanted = topics.flatMap(({ name: topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
  const compacted = wanted.filter(({ partition }) => partition >= 3);
  const kinds = async (): Promise<boolean> => {
    const { empty, thinned, deleteHorizon, holes } = census(await rawLogs(kafka, compacted));
    return empty > 10 && thinned > 10 && deleteHorizon > 10 && holes.start > 0 && holes.middle > 10;
  };
  await eventually(kinds, { what: 'the logs are compacted', deadline: limit, every: isLong ? 5_000 : 250 });
  const resources = topics
    .filter(({ isCompacted }) => isCompacted)
    .map(({ name }) => ({ type: ConfigResourceTypes.TOPIC, name, configEntries: [...uncompacted, { name: 'retention.ms', value: '-1' }] }));
  await withAdmin(kafka, (admin) => admin.alterConfigs({ validateOnly: false, resources }));
  let before = '';
  const isSettled = async (): Promise<readonly RawLog[] | false> => {
    const logs = await rawLogs(kafka, wanted);
    const now = JSON.stringify(census(logs));
    if (now === before) return logs;
    before = now;
    return false;
  };
  const logs = await eventually(isSettled, { what: 'compaction has stopped', deadline: limit, every: 200 });
  return logs === false ? [] : logs;
}

await describeJava(`a log of ${batches.toLocaleString('en')} random batches, seed ${seed}`, () => {
  const prefix = uniqueTopic('random-log');
  const topics = logTopics(prefix);
  let kafka: OwnedKafka;
  let written: WrittenLog;
  let logs: readonly RawLog[];
  let found: Census;
  const truth: Partial<Record<IsolationLevel, Truth>> = {};

  beforeAll(async () => {
    kafka = await ownedKafka({ properties: fastProperties });
    const from = performance.now();
    written = await writeLog(kafka, topics, batches, seed);
    const wrote = performance.now();
    logs = await settled(kafka, topics);
    const compacted = performance.now();
    found = census(logs);
    await Promise.all(levels.map(async (level) => (truth[level] = await printedByJava(kafka, prefix, level))));
    const ms = { writing: wrote - from, compacting: compacted - wrote, java: performance.now() - compacted };
    tell('written', { ...written, ms });
    tell('found', found);
  }, limit);

  afterAll(() => kafka.close());

  const at = (partition: number): RawLog | undefined => logs[partition];
  const offsets = (level: IsolationLevel, partition: number): readonly number[] => truth[level]?.get(partition)?.offsets ?? [];

  test('has every kind of batch, and holes', () => {
    expect(written.data + written.markers).toBeGreaterThanOrEqual(batches);
    for (const kind of ['plain', 'transactional', 'control', 'empty', 'thinned', 'deleteHorizon', 'logAppendTime'] as const)
      expect(found[kind], kind).toBeGreaterThan(10);
    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) expect(found.codecs[codec], codec).toBeGreaterThan(10);
    expect(found.holes.start).toBeGreaterThan(0);
    expect(found.holes.middle).toBeGreaterThan(10);
  });

  test('has aborted records, and committed ones behind an open transaction', () => {
    for (const { partition, isCompacted } of topics.flatMap(({ partitions, ...topic }) =>
      partitions.map((partition) => ({ partition, ...topic })),
    )) {
      const isOpen = openAtTheEnd.includes(partition);
      const { stable = 0, end = 0 } = at(partition) ?? {};
      expect(stable < end, `${partition} is open at its end`).toBe(isOpen);
      const committed = new Set(offsets('read_committed', partition));
      const aborted = offsets('read_uncommitted', partition).filter((offset) => offset < stable && !committed.has(offset));
      if (!isCompacted) expect(aborted.length, `aborted records in ${partition}`).toBeGreaterThan(100);
    }
  });

  describe.each(levels)('%s', (isolationLevel) => {
    const ends = (): ReadonlyMap<number, number> =>
      new Map(logs.map(({ stable, end }, partition) => [partition, isolationLevel === 'read_committed' ? stable : end]));
    const dice = new Dice(seed * 31 + isolationLevel.length);
    const moves = isLong ? 300 : 20;
    const readings: readonly (readonly [string, Pick<Reading, 'fetch' | 'by' | 'moves'>])[] = [
      ...(isolationLevel === 'read_committed' && !isLong ? [['one byte', { fetch: bytes(1), by: 'records', moves: 3 }] as const] : []),
      ...Array.from({ length: isolationLevel === 'read_committed' && !isLong ? 1 : randomReadings }, (_, i) => {
        const fetch = randomFetch(dice);
        return [JSON.stringify(fetch), { fetch, by: i % 2 === 0 ? 'records' : 'batches', moves }] as const;
      }),
      ...(isLong ? [['the default', { fetch: { maxWait }, by: 'batches', moves }] as const] : []),
    ];

    test.each(readings)(
      'in fetches of %s, with seeks and pauses: what the Java console consumer prints',
      async (what, reading) => {
        const from = performance.now();
        const report = await readAtRandom(kafka, {
          ...reading,
          topics,
          truth: truth[isolationLevel] ?? new Map(),
          ends: ends(),
          isolationLevel,
          seed,
        });
        tell(`${isolationLevel}, ${what}`, { ...report, ms: performance.now() - from });
        expect(report.seeksInside + report.seeksOutside).toBeGreaterThan(10);
        expect(report.pauses).toBeGreaterThan(0);
      },
      limit,
    );
  });
});
