import process from 'node:process';
import kafkajs from 'kafkajs';
import type { ConsumerOptions } from '../../../src/index.ts';
import { blocker } from '../grounds/consumers/blocker.ts';
import { serve } from '../grounds/consumers/consumer.ts';

/** Reads until it is killed, and blocks its event loop at one record. Answers the message `look` with a `Blocked`. */
const [brokers = '', options = '{}', at = '0', length = '0'] = process.argv.slice(2);
const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });

serve(blocker(kafka, JSON.parse(options) as ConsumerOptions, Number(at), Number(length)));
