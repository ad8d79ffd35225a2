import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConsumerOptions } from '../../src/index.ts';
import { consumed } from '../support/consume.ts';
import { describeJava, eventually, fastProperties, ownedKafka, uniqueTopic, type OwnedKafka } from '../support/kafka.ts';
import { kafkaVersion } from '../support/kafka/version.ts';
import { cleanedAtOnce, writeHoles } from './grounds/hardBatches/holes.ts';
import { consumedUnacked, standsAt, stay } from './grounds/hardBatches/reading.ts';
import { Scribe } from './grounds/hardBatches/scribe.ts';
import { printedByJava, type Truth } from './grounds/randomLog/java.ts';
import { census } from './grounds/rawLog/census.ts';
import { createLedTopic } from './grounds/rawLog/topic.ts';
import { rawLogs, type RawLog } from './grounds/rawLog/read.ts';

const levels = ['read_committed', 'read_uncommitted'] as const;
const maxWait = 200;
/** Kafka 4 leaves a batch without records where what it cleans ends. */
const endsInHole = kafkaVersion.startsWith('3.');

/** Fetches go on while nothing happens, and each lasts `maxWait`: six of them end at five intervals or more, of which the first has begun before. */
async function isIdle(kafka: OwnedKafka, stayer: { readonly fetches: number; readonly error: unknown }): Promise<void> {
  const before = stayer.fetches;
  const since = performance.now();
  await eventually(() => stayer.error !== undefined || stayer.fetches >= before + 6, { what: 'six fetches have ended' });
  expect(stayer.error).toBeUndefined();
  expect(performance.now() - since).toBeGreaterThan(4 * maxWait);
}

await describeJava('hard batches on a real Kafka', () => {
  let kafka: OwnedKafka;

  beforeAll(async () => {
    kafka = await ownedKafka({ properties: fastProperties });
  }, 60_000);

  afterAll(() => kafka.close());

  const raw = async (topic: string, partition = 0): Promise<RawLog> => {
    const [log] = await rawLogs(kafka, [{ topic, partition }]);
    if (log === undefined) throw new Error('there is no log');
    return log;
  };

  const read = async (options: ConsumerOptions): Promise<readonly number[]> => {
    const offsets: number[] = [];
    await consumed(kafka, options, ({ offset }) => offsets.push(offset));
    return offsets;
  };

  describe('a log with holes at its start, in the middle and at its end, and a batch without records', () => {
    const prefix = uniqueTopic('holes');
    const topic = `${prefix}-0`;
    let log: RawLog;
    const truth: Partial<Record<(typeof levels)[number], Truth>> = {};

    beforeAll(async () => {
      await createLedTopic(kafka, topic, { partitions: 1, configs: cleanedAtOnce });
      await writeHoles(kafka, topic);
      const cleaned = async (): Promise<void> => {
        log = await raw(topic);
        const { empty, thinned, holes } = census([log]);
        const last = log.batches.filter(({ first, records }) => first < log.stable && records > 0).at(-1)?.last;
        expect({ thinned, start: holes.start, last }).toEqual({ thinned: 1, start: 1, last: 20 });
        expect([empty, log.stable]).toEqual([endsInHole ? 1 : 2, 26]);
        expect(holes).toMatchObject({ middle: 2, end: endsInHole ? 1 : 0 });
      };
      await eventually(cleaned, { what: 'the log is cleaned' });
      await Promise.all(levels.map(async (level) => (truth[level] = await printedByJava(kafka, prefix, level))));
    }, 60_000);

    const endOf = (level: (typeof levels)[number]): number => (level === 'read_committed' ? log.stable : log.end);

    test.each(levels)(
      '%s: what Java prints, the position is the end, and then it is idle',
      async (isolationLevel) => {
        const stayer = stay(kafka, { partitions: [{ topic, partition: 0, startFrom: 'earliest' }], isolationLevel, fetch: { maxWait } });
        try {
          const offsets = truth[isolationLevel]?.get(0)?.offsets ?? [];
          await standsAt(stayer, [endOf(isolationLevel)]);
          expect(stayer.offsets).toEqual(offsets.map((offset) => `0@${offset}`));
          expect(stayer.streams[0]?.lag).toBe(0);
          await isIdle(kafka, stayer);
        } finally {
          stayer.close();
        }
      },
      30_000,
    );

    test.each(levels)(
      '%s: from each offset, in fetches of one byte, up to the end',
      async (isolationLevel) => {
        const every = await read({ partitions: [{ topic, partition: 0, startFrom: 'earliest' }], isolationLevel, stopAt: 'end' });
        const ends = Array.from({ length: endOf(isolationLevel) + 1 }, (_, offset) => offset);
        for (const from of ends) {
          const partitions = [{ topic, partition: 0, startFrom: { offset: from } }];
          const fetch = { maxPartitionBytes: 1, maxBytes: 1, maxWait };
          expect(await read({ partitions, isolationLevel, stopAt: 'end', fetch }), `from ${from}`).toEqual(
            every.filter((offset) => offset >= from),
          );
        }
      },
      30_000,
    );
  });

  describe('nothing but aborted records and markers', () => {
    const rounds = 150;
    const topic = uniqueTopic('aborted');
    let scribe: Scribe;
    let end: number;

    beforeAll(async () => {
      await createLedTopic(kafka, topic, { partitions: 1 });
      scribe = new Scribe(kafka, topic);
      const pen = await scribe.pen(topic);
      for (let i = 0; i < rounds; i++) {
        await scribe.begin(pen);
        await scribe.write(i % 2 === 0 ? ['a'] : ['a', 'b', 'c'], pen);
        await scribe.end(false, pen);
      }
      ({ end } = await raw(topic));
    }, 60_000);

    afterAll(() => scribe.close());

    test('is passed, in fetches of one byte: the position is the end, it is idle there, and what comes then is delivered', async () => {
      expect(end).toBe(3 * rounds);
      const fetch = { maxPartitionBytes: 1, maxBytes: 1, maxWait };
      const stayer = stay(kafka, { partitions: [{ topic, partition: 0, startFrom: 'earliest' }], fetch });
      try {
        await standsAt(stayer, [end]);
        expect(stayer.streams[0]?.lag).toBe(0);
        await isIdle(kafka, stayer);
        expect(stayer.offsets).toEqual([]);
        const next = await scribe.write(['next']);
        await standsAt(stayer, [next + 1]);
        expect(stayer.offsets).toEqual([`0@${next}`]);
      } finally {
        stayer.close();
      }
    }, 60_000);

    test('ends where stopAt says, from its beginning and from its last marker', async () => {
      const { end: now } = await raw(topic);
      for (const offset of [0, end - 1])
        expect(await read({ partitions: [{ topic, partition: 0, startFrom: { offset } }], stopAt: 'end' })).toEqual(now > end ? [end] : []);
      const fresh = uniqueTopic('markers');
      await createLedTopic(kafka, fresh, { partitions: 1 });
      const other = new Scribe(kafka, fresh);
      const pen = await other.pen(fresh);
      await other.begin(pen);
      await other.write(['a', 'b'], pen);
      await other.end(true, pen);
      other.close();
      const options = { partitions: [{ topic: fresh, partition: 0, startFrom: 'earliest' as const }], stopAt: 'end' as const };
      expect(await read(options)).toEqual([0, 1]);
      expect(await read({ ...options, partitions: [{ topic: fresh, partition: 0, startFrom: { offset: 2 } }] })).toEqual([]);
    }, 60_000);
  });

  describe('a record of 3 MB, more than every limit has', () => {
    const big = 3_000_000;
    const limit = 1_024;
    const tight: ConsumerOptions = {
      partitions: [],
      fetch: { maxPartitionBytes: limit, maxBytes: limit, maxWait },
      window: { bytes: limit },
      maxBuffered: limit,
    };
    const topic = uniqueTopic('big');
    const sizes: Record<number, number[]> = { 0: [10, big, 20, big, big, 30], 1: Array.from({ length: 40 }, (_, i) => 100 + i) };

    beforeAll(async () => {
      await createLedTopic(kafka, topic, { partitions: 2, configs: { 'max.message.bytes': '10000000' } });
      for (const [partition, values] of Object.entries(sizes)) {
        const scribe = new Scribe(kafka, topic, Number(partition));
        const records = values.map((size, i) => ({ key: null, value: Buffer.alloc(size, 65 + (i % 26)) }));
        for (const [i, record] of records.entries()) {
          // Two of the big ones in one batch, the first of them with what is small before it.
          if (i === 3 && partition === '0') continue;
          const batch = i === 4 && partition === '0' ? records.slice(3, 5) : [record];
          await scribe.write(batch, undefined, i === 1 ? { compression: 'gzip' } : {});
        }
        scribe.close();
      }
    }, 60_000);

    const places = [0, 1].map((partition) => ({ topic, partition, startFrom: 'earliest' as const }));
    const all = Object.entries(sizes).flatMap(([partition, values]) => values.map((size, offset) => `${partition}@${offset}: ${size}`));

    test('passes, and its partition goes on, beside another one', async () => {
      const seen: string[] = [];
      const options = { ...tight, partitions: places, stopAt: 'end' } as ConsumerOptions;
      await consumed(kafka, options, ({ partition, offset, value }) => seen.push(`${partition}@${offset}: ${value?.length ?? -1}`));
      expect([...seen].sort()).toEqual([...all].sort());
      for (const partition of ['0', '1'])
        expect(seen.filter((line) => line.startsWith(partition))).toEqual(all.filter((line) => line.startsWith(partition)));
    }, 60_000);

    test('holds up nothing but its own partition while nobody acks it', async () => {
      const seen: string[] = [];
      const kept: { ack(): void }[] = [];
      const options = { ...tight, partitions: places, stopAt: 'end' } as ConsumerOptions;
      const done = consumedUnacked(kafka, options, (record) => {
        seen.push(`${record.partition}@${record.offset}`);
        if (record.partition === 0) kept.push(record);
        else record.ack();
      });
      await eventually(() => expect(seen.filter((line) => line.startsWith('1@'))).toHaveLength(40), {
        what: 'the other partition is read',
      });
      expect(seen.filter((line) => line.startsWith('0@'))).toEqual(['0@0']);
      const acking = setInterval(() => {
        for (const record of kept.splice(0)) record.ack();
      }, 1);
      await done.finally(() => clearInterval(acking));
      expect(seen.filter((line) => line.startsWith('0@'))).toEqual(['0@0', '0@1', '0@2', '0@3', '0@4', '0@5']);
    }, 60_000);
  });
});
