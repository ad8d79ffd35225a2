import process from 'node:process';
import kafkajs from 'kafkajs';
import { defer } from 'rxjs';
import { processRecords } from '../../../operators/index.ts';
import { fromKafka, type Connector } from '../../../src/index.ts';
import { kafkajsConnector } from '../../../src/transport/kafkajs/kafkajsConnector.ts';

/**
 * Reads until it is killed, with the options given as JSON. Answers the message `look` with a `Look`: the next offset of each partition, what
 * came out of order or twice, how often streams began, the attempts to connect and the CPU used, both in ms.
 */
export interface Look {
  readonly next: readonly number[];
  readonly strange: readonly string[];
  readonly assignments: number;
  readonly attempts: readonly number[];
  readonly cpu: number;
}

const [brokers = '', topic = '', groupId = '', options = '{}'] = process.argv.slice(2);
const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
const next: number[] = [];
const strange: string[] = [];
const attempts: number[] = [];
let assignments = 0;

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const look: Look = { next, strange, assignments, attempts, cpu: (user + system) / 1_000 };
  process.send?.(look);
});
for (const kind of ['unhandledRejection', 'uncaughtException', 'warning'] as const) {
  process.on(kind, (what: unknown) => strange.push(`${kind}: ${String(what)}`));
}

const real = kafkajsConnector(kafka);
const counted: Connector = {
  connect: (broker) =>
    defer(() => {
      attempts.push(performance.now());
      return real.connect(broker);
    }),
};

fromKafka(counted, {
  groupId,
  topics: [topic],
  commit: { interval: 500 },
  ...(JSON.parse(options) as object),
  events: ({ kind }) => {
    if (kind === 'assigned') assignments++;
  },
})
  .pipe(
    processRecords(({ partition, offset }) => {
      const expected = next[partition] ?? 0;
      if (offset !== expected) strange.push(`${partition}: ${offset} where ${expected} was due`);
      next[partition] = offset + 1;
    }),
  )
  .subscribe({ error: (error: unknown) => strange.push(`error: ${String(error)}`), complete: () => strange.push('completed') });
