import { ConfigResourceTypes } from 'kafkajs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ConsumerOptions } from '../../src/index.ts';
import { committedOffsets } from '../support/consume.ts';
import {
  createTopic,
  describeJava,
  eventually,
  fastProperties,
  ownedKafka,
  uniqueTopic,
  withAdmin,
  type OwnedKafka,
} from '../support/kafka.ts';
import { inWords, moveInWords } from './position/log.ts';
import { Reader } from './position/reader.ts';
import { print } from './position/report.ts';
import { write } from './position/writer.ts';

const policies = ['earliest', 'latest', 'none'] as const;
const numbered = (prefix: string, count: number): readonly string[] => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const OLD = 30;
const READ = 10;
const YOUNG = 20;

await describeJava('records that are too old are deleted before they were read', () => {
  let opened: OwnedKafka | undefined;
  const readers: Reader[] = [];

  beforeAll(async () => {
    opened = await ownedKafka({ properties: fastProperties });
  });

  afterEach(async () => {
    await Promise.all(readers.splice(0).map((reader) => reader.stop().catch(() => undefined)));
  });

  afterAll(() => opened?.close());

  function kafka(): OwnedKafka {
    if (opened === undefined) throw new Error('there is no Kafka');
    return opened;
  }

  function member(topic: string, autoOffsetReset: (typeof policies)[number]): Reader {
    const times = { sessionTimeout: 6_000, heartbeatInterval: 300, commit: { interval: 50 } };
    const options: ConsumerOptions = {
      groupId: `${topic}-${autoOffsetReset}`,
      topics: topic,
      autoOffsetReset,
      startFrom: 'earliest',
      ...times,
    };
    const reader = new Reader(autoOffsetReset, kafka(), options);
    readers.push(reader);
    return reader;
  }

  /** Retention is a matter of time: nothing is deleted any more from now on. */
  async function keepAll(topic: string): Promise<void> {
    const configEntries = [{ name: 'retention.ms', value: '-1' }];
    await withAdmin(kafka(), (admin) =>
      admin.alterConfigs({ validateOnly: false, resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }] }),
    );
  }

  const isGone = async (topic: string): Promise<void> => {
    const [offsets] = await withAdmin(kafka(), (admin) => admin.fetchTopicOffsets(topic));
    expect([offsets?.low, offsets?.high]).toEqual([String(OLD), String(OLD)]);
  };

  test('where a group has committed: announced, and then as autoOffsetReset says', { timeout: 120_000 }, async () => {
    const topic = await createTopic(kafka(), uniqueTopic('old'), {
      partitions: 1,
      configs: { 'segment.ms': '100', 'retention.ms': '60000' },
    });
    await write(kafka(), topic, 0, numbered('read', READ));
    for (const policy of policies) {
      const reader = member(topic, policy);
      await eventually(async () => expect(await committedOffsets(kafka(), `${topic}-${policy}`, topic)).toEqual([READ]), {
        what: 'it has committed',
      });
      await reader.stop();
    }
    await write(kafka(), topic, 0, numbered('old', OLD - READ));
    await withAdmin(kafka(), (admin) => {
      const configEntries = ['retention.ms', 'segment.ms'].map((name) => ({ name, value: '100' }));
      return admin.alterConfigs({ validateOnly: false, resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }] });
    });
    await eventually(() => isGone(topic), { what: 'the old ones are gone', deadline: 30_000 });
    await keepAll(topic);
    const young = await write(kafka(), topic, 0, numbered('young', YOUNG));

    const back = policies.map((policy) => member(topic, policy));
    const [earliest, latest, none] = back;
    await latest?.until('it is reset', () => latest.moves.some(({ reason }) => reason === 'reset'));
    await none?.until('it fails', () => none.failures.length > 0);
    const refused = none?.read.length;
    none?.streams.get(0)?.seek('earliest');
    none?.resume(0);
    const later = await write(kafka(), topic, 0, numbered('later', 5));
    for (const reader of back)
      await reader.until('it has the last one', () => reader.read.at(-1)?.value === 'later4', 20_000).catch(() => undefined);
    print(
      'records are too old',
      back.map(({ name, read, moves, failures }) => ({
        autoOffsetReset: name,
        moves: moves.map(moveInWords).join(', '),
        errors: failures.map(({ code }) => code).join(),
        read: read.length,
      })),
    );
    const begins = `0: ? → ${READ} committed`;
    expect(back.map(({ moves }) => moves.map(moveInWords))).toEqual([
      [begins, `0: ${READ} → ${OLD} reset`],
      [begins, `0: ${READ} → ${OLD + YOUNG} reset`],
      [begins, `0: ${READ} → ${OLD} seek`],
    ]);
    expect(back.map(({ failures }) => failures.map(({ code }) => code))).toEqual([[], [], ['OFFSET_OUT_OF_RANGE']]);
    expect(refused).toBe(0);
    const all = [...young, ...later].map(inWords);
    expect(back.map(({ read }) => read.map(inWords))).toEqual([all, later.map(inWords), all]);
    expect(earliest?.tells('failed')).toEqual([]);
  });
});
