import process from 'node:process';
import kafkajs from 'kafkajs';
import { processRecords } from '../../../operators/index.ts';
import { fromKafka } from '../../../src/index.ts';

/** Reads until it is killed. Answers the message `look` with how many records it has had, and the CPU that it has used: ms. */
const [brokers = '', topic = '', groupId = ''] = process.argv.slice(2);
const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
let records = 0;

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ records, cpu: (user + system) / 1_000 });
});

fromKafka(kafka, { groupId, topics: [topic], commit: { interval: 500 } })
  .pipe(
    processRecords(() => {
      records++;
    }),
  )
  .subscribe({
    error: (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  });
