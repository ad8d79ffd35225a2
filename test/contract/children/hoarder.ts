import process from 'node:process';
import kafkajs from 'kafkajs';
import { serve } from '../grounds/consumers/consumer.ts';
import { hoarder } from '../grounds/consumers/hoarder.ts';

/**
 * Subscribes everything and acks nothing. Answers `look` with how many records each partition has had, and the heap after a collection;
 * at `ack P` it acks the first record of partition P.
 */
const [brokers = '', topic = '', maxBuffered = ''] = process.argv.slice(2);
const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });

serve(
  hoarder(kafka, topic, maxBuffered === '' ? undefined : Number(maxBuffered), (error) => {
    console.error(error);
    process.exit(1);
  }),
);
