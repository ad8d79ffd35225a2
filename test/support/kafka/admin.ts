import { randomBytes } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import type { Admin } from 'kafkajs';
import { eventually } from './eventually.ts';

/** Whatever has brokers. */
export interface HasBrokers {
  readonly brokers: readonly string[];
}

export interface TopicSettings {
  readonly partitions: number;
  readonly replicationFactor?: number;
  readonly configs?: Readonly<Record<string, string>>;
}

/** A kafkajs client without a voice. */
export function kafkajsFor({ brokers }: HasBrokers): Kafka {
  return new Kafka({ brokers: [...brokers], clientId: 'kafka-rx-tests', logLevel: logLevel.NOTHING });
}

/** Runs the work with an admin that is connected, and disconnects it. */
export async function withAdmin<T>(kafka: HasBrokers, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafkajsFor(kafka).admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Creates a topic and waits for its leaders; resolves with its name. */
export async function createTopic(kafka: HasBrokers, topic: string, settings: TopicSettings): Promise<string> {
  const { partitions, replicationFactor = 1, configs = {} } = settings;
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
  const topics = [{ topic, numPartitions: partitions, replicationFactor, configEntries }];
  await withAdmin(kafka, async (admin) => {
    await admin.createTopics({ topics, waitForLeaders: false }); // kafkajs's own waiting ends where the broker has not heard of the topic yet
    await eventually(() => admin.fetchTopicMetadata({ topics: [topic] }), { what: `the leaders of ${topic}` });
    // Who is named may not have heard of it yet.
    await eventually(() => admin.fetchTopicOffsets(topic), { what: `an answer of the leaders of ${topic}` });
  });
  return topic;
}

/** A name that no other test has, in this run or any other. */
export function uniqueTopic(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}
