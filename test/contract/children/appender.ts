import { openSync, writeSync } from 'node:fs';
import process from 'node:process';
import kafkajs from 'kafkajs';
import { appender } from '../grounds/consumers/appender.ts';

/** A process to be killed: appends `partition offset time` to a file for each record, before its ack. `interval`: of commits, ms; or `once`. */
const [brokers = '', topic = '', groupId = '', path = '', work = '0', interval = '500'] = process.argv.slice(2);
const file = openSync(path, 'a');
const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });

appender(kafka, {
  topic,
  groupId,
  work: Number(work),
  interval: interval === 'once' ? 'once' : Number(interval),
  options: { sessionTimeout: 6_000, heartbeatInterval: 500 },
  append: ({ partition, offset }) => void writeSync(file, `${String(partition)} ${String(offset)} ${String(Date.now())}\n`),
  failed: (error) => {
    console.error(error);
    process.exit(1);
  },
});
