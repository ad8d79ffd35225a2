import process from 'node:process';
import kafkajs from 'kafkajs';
import type { ConsumerOptions } from '../../../src/index.ts';
import { kafkajsConnector } from '../../../src/transport/kafkajs/kafkajsConnector.ts';
import { serve } from '../grounds/consumers/consumer.ts';
import { steadyReader } from '../grounds/consumers/steadyReader.ts';

/** Reads until it is killed, with the options given as JSON. Answers the message `look` with a `Look`. */
const [brokers = '', topic = '', groupId = '', options = '{}'] = process.argv.slice(2);
const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });

serve(steadyReader(kafkajsConnector(kafka), topic, groupId, JSON.parse(options) as Partial<ConsumerOptions>));
