import process from 'node:process';
import { dockerHost, startInDocker } from './docker.ts';
import { whyNoJava } from './java.ts';
import { ownedKafka } from './owned.ts';
import { nodesKnownBy } from './probe.ts';

export interface SharedKafka {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  readonly kind: 'external' | 'docker' | 'java';
}

export interface StartedKafka extends SharedKafka {
  /** Ends what was started; an external Kafka is left alone. */
  close(): Promise<void>;
}

/** There is no Kafka to be had, and why. */
export class NoKafkaError extends Error {
  override readonly name = 'NoKafkaError';
}

async function external(list: string): Promise<StartedKafka> {
  const brokers = list.split(',').map((broker) => broker.trim());
  const answered = await Promise.allSettled(brokers.map((broker) => nodesKnownBy(broker, 5_000)));
  if (!answered.some(({ status }) => status === 'fulfilled')) throw new Error(`KAFKA_BROKERS: nobody answers at ${list}`);
  return { kind: 'external', brokers, close: () => Promise.resolve() };
}

/** Undefined: no daemon answers, or it has no Kafka to give. */
async function docker(): Promise<StartedKafka | undefined> {
  const host = await dockerHost();
  if (host === undefined) return undefined;
  try {
    return { kind: 'docker', ...(await startInDocker(host)) };
  } catch (error) {
    console.warn(`no Kafka in Docker, trying Java: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

async function java(): Promise<StartedKafka> {
  const reason = await whyNoJava();
  if (reason !== undefined) throw new NoKafkaError(`no KAFKA_BROKERS, no Docker daemon, and ${reason}`);
  const { brokers, close } = await ownedKafka();
  return { kind: 'java', brokers, close };
}

/**
 * A real Kafka: the one that KAFKA_BROKERS names (`host:port,…`), else one in Docker, else one by Java 17 and Maven.
 * Rejects with NoKafkaError where there is none of them. Close it.
 */
export async function findOrStartKafka(): Promise<StartedKafka> {
  const given = process.env['KAFKA_BROKERS'];
  if (given !== undefined && given !== '') return external(given);
  return (await docker()) ?? (await java());
}
