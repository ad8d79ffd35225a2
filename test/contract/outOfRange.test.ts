import { mergeMap, retry, Subject, tap, type Subscription, type Unsubscribable } from 'rxjs';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fromKafka, KafkaRxError, type ConsumerEvent, type ConsumerOptions, type PartitionStream } from '../../src/index.ts';
import { eventually, kafkajsFor, withAdmin } from '../support/kafka.ts';
import { describeGrounds } from './grounds/describeGrounds.ts';
import type { Ground } from './grounds/ground.ts';

/** What is below that offset is gone. */
async function deleteBelow(ground: Ground, topic: string, offset: number): Promise<void> {
  if (ground.kind === 'simulated') return void ground.cluster.apply({ kind: 'deleteRecords', topic, partition: 0, before: offset });
  await withAdmin(ground.kafka, async (admin) => {
    await admin.fetchTopicOffsets(topic); // kafkajs looks up the leader before it loads what it knows of the topic
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
  });
}

const BATCH = 5;

/** So many records more, in batches of five. */
async function write(ground: Ground, topic: string, count: number): Promise<void> {
  const batches = Array.from({ length: count / BATCH }, () => Array.from({ length: BATCH }, () => 'x'.repeat(60)));
  if (ground.kind === 'simulated') {
    for (const batch of batches) ground.cluster.append(topic, 0, batch);
    return;
  }
  const producer = kafkajsFor(ground.kafka).producer();
  await producer.connect();
  for (const batch of batches) await producer.send({ topic, messages: batch.map((value) => ({ value, partition: 0 })) });
  await producer.disconnect();
}

const BEGINS = 20;
const ENDS = 50;
const after = (first: number): readonly number[] => Array.from({ length: ENDS + 5 - first }, (_, index) => first + index);

await describeGrounds('a position outside of the log, whose beginning was deleted', (ground) => {
  const running: Subscription[] = [];
  afterEach(() => {
    for (const subscription of running.splice(0)) subscription.unsubscribe();
  });

  class Reading {
    readonly read: number[] = [];
    readonly told: ConsumerEvent[] = [];
    readonly errors: unknown[] = [];
    readonly streams: PartitionStream[] = [];
    readonly goOn: Subject<void> = new Subject<void>();
    hold: Unsubscribable | undefined;

    constructor(options: Partial<ConsumerOptions>, held = false) {
      const events = (event: ConsumerEvent): void => void this.told.push(event);
      const consumer = fromKafka(ground.source(), { ...options, events } as ConsumerOptions);
      const read = consumer.pipe(
        mergeMap((stream) => {
          this.streams.push(stream);
          if (held) this.hold = stream.pause();
          return stream.pipe(
            tap((record) => {
              this.read.push(record.offset);
              record.ack();
            }),
            retry({
              delay: (error: unknown) => {
                this.errors.push(error);
                return this.goOn;
              },
            }),
          );
        }),
      );
      running.push(read.subscribe({ error: (error: unknown) => this.errors.push(error) }));
    }

    /** `from → to reason`, where it was not asked for. */
    get moves(): readonly string[] {
      return this.told.flatMap((event) =>
        event.kind === 'positioned' && !['start', 'committed'].includes(event.reason)
          ? [`${String(event.from)} → ${String(event.to)} ${event.reason}`]
          : [],
      );
    }
  }

  const produce = (topic: string, count: number): Promise<void> => write(ground, topic, count);

  describe.each([
    ['below it', 5],
    ['beyond its end', 1_000],
  ])('%s', (_, offset) => {
    let topic = '';

    beforeAll(async () => {
      topic = await ground.createTopic('range', { partitions: 1 });
      await produce(topic, ENDS);
      await deleteBelow(ground, topic, BEGINS);
    }, 30_000);

    test('is announced, and left as autoOffsetReset says', async () => {
      const policies = ['earliest', 'latest', 'none'] as const;
      const all = policies.map(
        (autoOffsetReset) => new Reading({ partitions: [{ topic, partition: 0 }], startFrom: { offset }, autoOffsetReset }),
      );
      const [earliest, latest, none] = all;
      await eventually(
        () => expect([earliest?.moves, latest?.moves]).toEqual([[`${offset} → ${BEGINS} reset`], [`${offset} → ${ENDS} reset`]]),
        {
          what: 'the resets are announced',
        },
      );
      await eventually(() => expect(none?.errors).toHaveLength(1), { what: 'an error' });
      const [error] = none?.errors ?? [];
      if (!KafkaRxError.is(error)) throw new Error('it is none of ours');
      expect(error).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE', topic, partition: 0, offset, retriable: false });
      expect(error.advice).toMatch(/seek/i);
      expect(none?.told.filter(({ kind }) => kind === 'failed')).toHaveLength(1);
      expect(none?.read).toEqual([]);

      none?.streams[0]?.seek('earliest');
      none?.goOn.next();
      await produce(topic, 5);
      await eventually(() => expect(all.map(({ read }) => read)).toEqual([after(BEGINS), after(ENDS), after(BEGINS)]), {
        what: 'all from there on',
      });
      expect([earliest?.errors, latest?.errors]).toEqual([[], []]);
      expect([earliest?.moves, latest?.moves]).toEqual([[`${offset} → ${BEGINS} reset`], [`${offset} → ${ENDS} reset`]]);
      expect(none?.moves).toEqual([`${offset} → ${BEGINS} seek`]);
    }, 30_000);
  });

  test('where a consumer is that was reading: what it has got is delivered first, and of the rest what is left', async () => {
    const topic = await ground.createTopic('behind', { partitions: 1 });
    await produce(topic, ENDS);
    const reading = new Reading(
      {
        partitions: [{ topic, partition: 0 }],
        startFrom: 'earliest',
        fetch: { maxPartitionBytes: 300 },
        maxBuffered: 300,
      },
      true,
    );
    await eventually(() => expect(reading.told.map(({ kind }) => kind)).toContain('fetched'), { what: 'it has got something' });
    expect(reading.read).toEqual([]);
    await deleteBelow(ground, topic, 45);
    await produce(topic, 5);
    reading.hold?.unsubscribe();
    await eventually(() => expect(reading.read.at(-1)).toBe(ENDS + 4), { what: 'the end' });
    const last = reading.read.findIndex((offset, index) => offset !== index);
    expect(last).toBeGreaterThan(0);
    expect(last).toBeLessThan(45);
    expect(reading.read.slice(last)).toEqual(after(45));
    expect(reading.moves).toEqual([`${last} → 45 reset`]);
    expect(reading.errors).toEqual([]);
  }, 30_000);

  test('committed by a group is told and left when it comes back', async () => {
    const topic = await ground.createTopic('committed', { partitions: 1 });
    await produce(topic, 10);
    const own = {
      groupId: topic,
      topics: topic,
      startFrom: 'earliest',
      sessionTimeout: 6_000,
      heartbeatInterval: 300,
      commit: { interval: 50 },
    } as const;
    const first = new Reading(own);
    await eventually(async () => expect(await ground.committed(topic, topic)).toEqual([10]), { what: 'it has committed' });
    expect(first.read).toHaveLength(10);
    for (const subscription of running.splice(0)) subscription.unsubscribe();
    await produce(topic, ENDS - 10);
    await deleteBelow(ground, topic, BEGINS);
    const second = new Reading(own);
    await eventually(() => expect(second.read).toEqual(after(BEGINS).slice(0, ENDS - BEGINS)), { what: 'what is left' });
    expect(second.moves).toEqual([`10 → ${BEGINS} reset`]);
    await eventually(async () => expect(await ground.committed(topic, topic)).toEqual([ENDS]), { what: 'that is committed' });
  }, 30_000);
});
