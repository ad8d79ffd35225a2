import process from 'node:process';
import kafkajs from 'kafkajs';
import { serve } from '../grounds/consumers/consumer.ts';
import { reader } from '../grounds/consumers/reader.ts';

/** Reads until it is killed. Answers the message `look` with how many records it has had, and the CPU that it has used: ms. */
const [brokers = '', topic = '', groupId = ''] = process.argv.slice(2);
const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });

serve(
  reader(kafka, topic, groupId, (error) => {
    console.error(error);
    process.exit(1);
  }),
);
