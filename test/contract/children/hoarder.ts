import process from 'node:process';
import kafkajs from 'kafkajs';
import { mergeMap } from 'rxjs';
import { fromKafka, type KafkaRecord } from '../../../src/index.ts';

/**
 * Subscribes everything and acks nothing. Answers `look` with how many records each partition has had, and the heap after a collection;
 * at `ack P` it acks the first record of partition P.
 */
const [brokers = '', topic = '', maxBuffered = ''] = process.argv.slice(2);
const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
const counts: number[] = [];
const first: KafkaRecord[] = [];

process.on('message', (message: string) => {
  if (message.startsWith('ack')) first[Number(message.slice(4))]?.ack();
  global.gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  process.send?.({ counts, heap: heapUsed, outside: external + arrayBuffers });
});

fromKafka(kafka, {
  groupId: topic,
  topics: [topic],
  unattendedTimeout: false,
  ...(maxBuffered === '' ? {} : { maxBuffered: Number(maxBuffered) }),
})
  .pipe(mergeMap((partition) => partition))
  .subscribe({
    next: (record) => {
      counts[record.partition] = (counts[record.partition] ?? 0) + 1;
      first[record.partition] ??= record;
    },
    error: (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  });
