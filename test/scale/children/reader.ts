import { openSync, writeSync } from 'node:fs';
import process from 'node:process';
import kafkajs from 'kafkajs';
import { tap } from 'rxjs';
import { processRecords } from '../../../operators/index.ts';
import { fromKafka } from '../../../src/index.ts';
import type { ConsumerEvent, KafkaRecord, PartitionStream } from '../../../src/index.ts';
import { clock, lineOf, type Told } from '../support/log.ts';
import { optionsOf, type Plan } from '../support/plan.ts';

/**
 * A member of a group, or a reader without one, with an asynchronous handler of 10 ms. Begins at the message `go`; `stop` ends it gracefully.
 * It appends a line for each record to its log before the ack, and tells the parent of its membership.
 */
const [plan = ''] = process.argv.slice(2);
const { brokers, member, path, topic, ...mode } = JSON.parse(plan) as Plan;
const log = openSync(path, 'a');
const stopping = new AbortController();
const streams = new Map<number, PartitionStream>();
const handlerTime = 10;

function told(event: ConsumerEvent): Told | undefined {
  const at = clock();
  switch (event.kind) {
    case 'joined':
      return { member, kind: event.kind, at, partitions: [], generation: event.generation };
    case 'assigned':
    case 'revokeRequested':
    case 'revoked':
    case 'lost':
      return { member, kind: event.kind, at, partitions: event.partitions.map(({ partition }) => partition) };
    case 'closed':
      return { member, kind: event.kind, at, partitions: [] };
    default:
      return undefined;
  }
}

async function handle({ partition, offset, timestamp }: KafkaRecord): Promise<void> {
  const stream = streams.get(partition);
  const began = clock();
  await new Promise((resolve) => setTimeout(resolve, handlerTime));
  const { assignmentEpoch = -1, membership } = stream ?? {};
  const line = { partition, offset, written: timestamp, began, at: clock(), epoch: assignmentEpoch };
  writeSync(log, lineOf({ ...line, generation: membership?.generation ?? -1 }));
}

function go(): void {
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], clientId: member, logLevel: kafkajs.logLevel.NOTHING });
  const events = (event: ConsumerEvent): void => {
    const message = told(event);
    if (message !== undefined) process.send?.(message);
  };
  fromKafka(kafka, { ...optionsOf(topic, mode), until: stopping.signal, events })
    .pipe(
      tap((stream) => streams.set(stream.partition, stream)),
      processRecords(handle),
    )
    .subscribe({
      error: (error: unknown) => {
        console.error(member, error);
        end(1);
      },
      complete: () => end(0),
    });
}

function end(code: number): void {
  process.off('disconnect', orphaned);
  process.exitCode = code;
  process.disconnect();
}

function orphaned(): void {
  process.exit(1);
}

process.on('disconnect', orphaned);
process.on('message', (message) => {
  if (message === 'go') go();
  if (message === 'stop') stopping.abort();
});
process.send?.('loaded');
