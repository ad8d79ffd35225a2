import process from 'node:process';
import kafkajs, { type Kafka } from 'kafkajs';
import { fromEvent, interval, map, merge, switchMap, take, takeUntil, tap, timer, type Observable } from 'rxjs';
import { processRecords } from '../operators/index.ts';
import { fromKafka } from '../src/index.ts';
import { findOrStartKafka, NoKafkaError } from '../test/support/kafka/ladder.ts';
import { Board } from './board.ts';
import { produceOrders } from './orders.ts';
import { Screen } from './screen.ts';

const count = 400;
const partitions = 4;
/** How long it takes to bill one order, ms. */
const work = 80;
const screen = new Screen();

/** One consumer of the group: bills each order, slowly, and shows on the board what it does. */
function member(name: string, kafka: Kafka, topic: string, board: Board, until: AbortSignal): Observable<unknown> {
  return fromKafka(kafka, { groupId: `${topic}-billing`, topics: [topic], until, commit: { interval: 500 } }).pipe(
    tap((stream) => {
      board.assigned(name, stream);
    }),
    processRecords((order) =>
      timer(work).pipe(
        map(() => {
          board.billed(order);
        }),
      ),
    ),
  );
}

/** Orders are written, and billed by two members, the second of which comes later. Ends when all are billed, or at a Ctrl-C. */
async function billOrders(kafka: Kafka, topic: string): Promise<void> {
  const board = new Board();
  const stop = new AbortController();
  const stopping = fromEvent(stop.signal, 'abort').pipe(take(1));
  process.once('SIGINT', () => {
    screen.say('\nstopping: what is being billed is finished and committed first (Ctrl-C again ends at once)');
    stop.abort();
  });
  const drawing = interval(250).pipe(
    tap(() => {
      screen.draw(board.lines());
      if (board.total >= count) stop.abort();
    }),
  );
  const later = timer(4_000).pipe(takeUntil(stopping));
  const second = later.pipe(
    tap(() => {
      screen.say('\na second member joins: the group shares the partitions out anew');
    }),
    switchMap(() => member('member 2', kafka, topic, board, stop.signal)),
  );
  const writing = merge(produceOrders(kafka, topic, count), drawing).pipe(takeUntil(stopping));
  await merge(member('member 1', kafka, topic, board, stop.signal), second, writing).forEach(() => undefined);
  screen.last();
  screen.draw(board.lines());
  screen.say(`\n${String(board.total)} orders billed, ${String(board.repeated)} of them twice; all acks are committed`);
}

async function createTopic(kafka: Kafka, topic: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
  } finally {
    await admin.disconnect();
  }
}

async function main(): Promise<void> {
  screen.say('looking for Kafka: KAFKA_BROKERS, Docker, Java 17 with Maven (which fetches Kafka the first time: about 60 MB)');
  const server = await findOrStartKafka();
  try {
    screen.say(`Kafka is at ${server.brokers.join(', ')} (${server.kind})\n`);
    const kafka = new kafkajs.Kafka({ clientId: 'demo', brokers: [...server.brokers], logLevel: kafkajs.logLevel.NOTHING });
    const topic = `orders-${Date.now().toString(36).slice(-4)}`;
    await createTopic(kafka, topic);
    await billOrders(kafka, topic);
  } finally {
    await server.close();
  }
}

try {
  await main();
} catch (error) {
  const advice = 'Start a Kafka and set KAFKA_BROKERS=host:port, or install Java 17 and Maven.';
  screen.say(error instanceof NoKafkaError ? `no Kafka to be had: ${error.message}. ${advice}` : String(error));
  process.exitCode = 1;
}
