import { connect } from 'node:net';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { describe, inject } from 'vitest';
import type { Answer } from './door.ts';
import { whyNoJava } from './java.ts';
import { NoKafkaError } from './ladder.ts';
import type { SharedKafka } from './ladder.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly kafkaDoor: number;
  }
}

async function knock(): Promise<SharedKafka> {
  const answer = JSON.parse(await text(connect(inject('kafkaDoor'), '127.0.0.1'))) as Answer;
  if ('kafka' in answer) return answer.kafka;
  throw answer.absent ? new NoKafkaError(answer.reason) : new Error(answer.reason);
}

let known: Promise<SharedKafka> | undefined;

/**
 * The Kafka that all test files of this run share, started when first asked for. Use topics and groups of your own (`uniqueTopic`).
 * Rejects with NoKafkaError where none is to be had.
 */
export function sharedKafka(): Promise<SharedKafka> {
  known ??= knock();
  return known;
}

/** One visible line, or with CI=true a failure: there every rung must be reached. */
function skipped(name: string, reason: string): void {
  if (process.env['CI'] === 'true') throw new NoKafkaError(`${name} needs Kafka: ${reason}`);
  console.warn(`SKIPPED ${name}: ${reason}`);
}

/**
 * A suite on the shared Kafka; without one it is skipped with a line that says why, and fails with CI=true. Await it at the top of the file.
 *
 * The suite is defined in both cases, so `kafka` is only to be used inside of tests and hooks.
 */
export async function describeKafka(name: string, suite: (kafka: SharedKafka) => void): Promise<void> {
  try {
    const kafka = await sharedKafka();
    describe(name, () => suite(kafka));
  } catch (error) {
    if (!(error instanceof NoKafkaError)) throw error;
    skipped(name, error.message);
    describe.skip(name, () => suite({ brokers: [], kind: 'external' }));
  }
}

/** As `describeKafka`, for suites that own their brokers (`ownedKafka`) or run Java tools. */
export async function describeJava(name: string, suite: () => void): Promise<void> {
  const reason = await whyNoJava();
  if (reason === undefined) return void describe(name, suite);
  skipped(name, reason);
  describe.skip(name, suite);
}
