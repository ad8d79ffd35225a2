/** Prints the names that all entries export, and whether a consumer can be made with the rxjs and the kafkajs of the program. By `import`. */
export const imports = `
import { Kafka, logLevel } from 'kafkajs';
import { Observable } from 'rxjs';
import * as main from 'kafka-rx';
import * as operators from 'kafka-rx/operators';
import * as testing from 'kafka-rx/testing';
const kafka = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING });
const consumer = main.fromKafka(kafka, { groupId: 'g', topics: ['t'] }).pipe(operators.processRecords(() => undefined));
const usable = consumer instanceof Observable;
console.log(JSON.stringify({ main: Object.keys(main), operators: Object.keys(operators), testing: Object.keys(testing), usable, node: process.version }));
`;

/** The same by `require()`. */
export const requires = `
const { Kafka, logLevel } = require('kafkajs');
const { Observable } = require('rxjs');
const main = require('kafka-rx');
const operators = require('kafka-rx/operators');
const testing = require('kafka-rx/testing');
const kafka = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING });
const consumer = main.fromKafka(kafka, { groupId: 'g', topics: ['t'] }).pipe(operators.processRecords(() => undefined));
const usable = consumer instanceof Observable;
console.log(JSON.stringify({ main: Object.keys(main), operators: Object.keys(operators), testing: Object.keys(testing), usable, node: process.version }));
`;

/** Reads a topic to its end, and prints how many records there were and their first and last offset. Arguments: brokers, topic, group. */
export const reads = `
import { Kafka, logLevel } from 'kafkajs';
import { fromKafka } from 'kafka-rx';
import { processRecords } from 'kafka-rx/operators';
const [brokers, topic, groupId] = process.argv.slice(2);
const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
const offsets = [];
fromKafka(kafka, { groupId, topics: [topic], stopAt: 'end' })
  .pipe(processRecords(({ offset }) => void offsets.push(offset)))
  .subscribe({
    error: (error) => {
      console.error(error);
      process.exitCode = 1;
    },
    complete: () => console.log(JSON.stringify({ offsets, node: process.version })),
  });
`;

/** What a program in TypeScript names. */
export const types = `
import { Kafka } from 'kafkajs';
import { map, type Observable } from 'rxjs';
import { fromKafka, KafkaRxError, OptionsError, range } from 'kafka-rx';
import type { Assignor, ConsumerEvent, ConsumerOptions, KafkaRecord, PartitionStream, RecordBatch, StartPosition, TopicPartition } from 'kafka-rx';
import { ackEach, eachPartition, processBatches, processRecords } from 'kafka-rx/operators';
import type { Handler, ProcessOptions } from 'kafka-rx/operators';

const kafka = new Kafka({ brokers: ['localhost:9092'] });
const assignors: readonly Assignor[] = [range];
const startFrom: StartPosition = { ago: 60_000 };
const events = (event: ConsumerEvent): void => void (event.kind === 'assigned' && event.partitions satisfies readonly TopicPartition[]);
const options: ConsumerOptions = { groupId: 'g', topics: ['t'], assignors, startFrom, events };
const partitions: Observable<PartitionStream> = fromKafka(kafka, options);

const handler: Handler<KafkaRecord, number> = async (record, { signal }) => (signal.aborted ? 0 : (record.value?.length ?? 0));
const restart: ProcessOptions = { concurrency: 4, restart: () => [0] };
export const lengths: Observable<number> = partitions.pipe(processRecords(handler, restart));
export const batches: Observable<number> = partitions.pipe(processBatches((batch: RecordBatch) => batch.length));
export const keys: Observable<Buffer | null> = partitions.pipe(
  eachPartition((partition) => partition.pipe(ackEach(), map(({ key }) => key))),
);
export const code = (error: unknown): string | undefined =>
  error instanceof OptionsError ? error.issues[0]?.path : KafkaRxError.is(error) ? error.code : undefined;

// @ts-expect-error both groupId with topics and partitions
const both: ConsumerOptions = { groupId: 'g', topics: ['t'], partitions: [{ topic: 't', partition: 0 }] };
export default both;
`;

/** TypeScript that becomes `require()`. */
export const commonTypes = `
import { fromKafka } from 'kafka-rx';
import { processRecords } from 'kafka-rx/operators';
import { Kafka } from 'kafkajs';
fromKafka(new Kafka({ brokers: [] }), { partitions: [{ topic: 't', partition: 0 }] }).pipe(processRecords(() => 1)).subscribe();
`;
