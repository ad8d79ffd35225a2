import { Kafka } from 'kafkajs';
import { switchMap, take, timer, takeUntil } from 'rxjs';
import { metadataApi } from '../../../src/protocol/apis/index.ts';
import { kafkajsConnector } from '../../../src/transport/kafkajs/kafkajsConnector.ts';

/**
 * A program that uses a connection and unsubscribes. It must end by itself then: nothing may keep the process alive.
 *
 * Arguments: the bootstrap broker; how long the connection is held, in ms.
 */
const [address = '', held = '0'] = process.argv.slice(2);

const everything = {
  topics: null,
  allowAutoTopicCreation: false,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
};

const connection = kafkajsConnector(new Kafka({ brokers: [address], connectionTimeout: 60_000 })).connect();
const work = connection.pipe(switchMap((open) => open.send(metadataApi, everything)));
const bounded = held === 'used' ? work.pipe(take(1)) : work.pipe(takeUntil(timer(Number(held))));

bounded.subscribe({
  next: ({ brokers }) => process.stdout.write(`${brokers.length} brokers\n`),
  error: (error: unknown) => process.stdout.write(`${String(error)}\n`),
});
