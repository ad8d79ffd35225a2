import kafkajs, { type Kafka } from 'kafkajs';
import { defer, EMPTY, type Observable } from 'rxjs';
import type { Connector } from '../src/index.ts';
import { SimulatedCluster } from '../src/testing/index.ts';
import { findOrStartKafka, NoKafkaError } from '../test/support/kafka/ladder.ts';

/** A record as it is written. */
export interface Written {
  readonly key: string;
  readonly value: string;
}

/** What the demo plays on. */
export interface Stage {
  /** What it is, for who watches. */
  readonly name: string;
  /** For `fromKafka`. */
  readonly source: Kafka | Connector;
  createTopic(topic: string, partitions: number): Promise<void>;
  /** Completes when they are written. */
  send(topic: string, records: readonly Written[]): Observable<unknown>;
  close(): Promise<void>;
}

/** A real Kafka where there is one to be had or to be started, else a simulated one, which needs nothing but Node. */
export async function findStage(say: (line: string) => void): Promise<Stage> {
  say('looking for Kafka: KAFKA_BROKERS, Docker, Java 17 with Maven (which fetches Kafka the first time: about 60 MB)');
  try {
    return await realStage();
  } catch (error) {
    if (!(error instanceof NoKafkaError)) throw error;
    say(`no Kafka to be had: ${error.message}`);
    return simulatedStage();
  }
}

async function realStage(): Promise<Stage> {
  const server = await findOrStartKafka();
  const kafka = new kafkajs.Kafka({ clientId: 'demo', brokers: [...server.brokers], logLevel: kafkajs.logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  return {
    name: `Kafka is at ${server.brokers.join(', ')} (${server.kind})`,
    source: kafka,
    createTopic: async (topic, numPartitions) => {
      const admin = kafka.admin();
      await admin.connect();
      try {
        await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
      } finally {
        await admin.disconnect();
      }
    },
    send: (topic, messages) => defer(() => producer.send({ topic, messages: [...messages] })),
    close: async () => {
      await producer.disconnect();
      await server.close();
    },
  };
}

/** The same in this process, in real time. */
export function simulatedStage(): Stage {
  const cluster = new SimulatedCluster();
  return {
    name: 'Kafka is simulated, in this process: the consumer is the real one',
    source: cluster,
    createTopic: (topic, partitions) => {
      cluster.topic(topic, partitions);
      return Promise.resolve();
    },
    send: (topic, records) =>
      defer(() => {
        const partitions = cluster.model.topics.get(topic)?.partitions.length ?? 1;
        for (let partition = 0; partition < partitions; partition++) {
          const own = records.filter(({ key }) => hash(key) % partitions === partition);
          if (own.length > 0) {
            cluster.append(
              topic,
              partition,
              own.map(({ key, value }) => ({ key: Buffer.from(key), value: Buffer.from(value) })),
            );
          }
        }
        return EMPTY;
      }),
    close: () => Promise.resolve(),
  };
}

function hash(key: string): number {
  return Buffer.from(key).reduce((sum, byte) => (sum * 31 + byte) % 1_000_003, 7);
}
