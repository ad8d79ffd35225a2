import { openSync, writeSync } from 'node:fs';
import process from 'node:process';
import kafkajs from 'kafkajs';
import { concatMap, map, timer, type Observable } from 'rxjs';
import { ackEach, eachPartition, processRecords } from '../../../operators/index.ts';
import { fromKafka, type KafkaRecord } from '../../../src/index.ts';

/** A process to be killed: appends `partition offset time` to a file for each record, before its ack. `interval`: of commits, ms; or `once`. */
const [brokers = '', topic = '', groupId = '', path = '', work = '0', interval = '500'] = process.argv.slice(2);
const file = openSync(path, 'a');
const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });

const delivery = interval === 'once' ? ({ delivery: 'at-most-once' } as const) : { commit: { interval: Number(interval) } };

function done({ partition, offset }: KafkaRecord): Observable<unknown> {
  return timer(Number(work)).pipe(map(() => writeSync(file, `${String(partition)} ${String(offset)} ${String(Date.now())}\n`)));
}

/** A whole window waits in the queue, delivered and not acked: a commit of what is delivered would lose it. */
const queueing = eachPartition((partition) =>
  partition.pipe(
    concatMap((record) => done(record).pipe(map(() => record))),
    ackEach(),
  ),
);

fromKafka(kafka, { groupId, topics: [topic], sessionTimeout: 6_000, heartbeatInterval: 500, ...delivery })
  .pipe(interval === 'once' ? processRecords(done) : queueing)
  .subscribe({
    error: (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  });
