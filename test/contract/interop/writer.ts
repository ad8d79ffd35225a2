import { exhaustMap, interval, lastValueFrom, Subject, takeUntil } from 'rxjs';
import { eventually, kafkajsFor, type HasBrokers } from '../../support/kafka.ts';

export interface Writer {
  /** How many records are in each partition. */
  readonly written: readonly number[];
  /** What is being written is written; resolves then. */
  stop(): Promise<void>;
}

/** Writes a record to each partition of a new topic every so many ms. */
export async function startWriter(kafka: HasBrokers, topic: string, partitions: number, every: number): Promise<Writer> {
  const producer = kafkajsFor(kafka).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const written = Array.from({ length: partitions }, () => 0);
  const messages = written.map((_, partition) => ({ partition, value: topic }));
  const write = async (): Promise<void> => {
    const answers = await producer.send({ topic, messages });
    for (const { partition, baseOffset } of answers) written[partition] = Number(baseOffset) + 1;
  };
  await eventually(write, { what: 'the broker knows the topic' });
  const stop = new Subject<void>();
  const ticks = interval(every).pipe(takeUntil(stop));
  const writing = lastValueFrom(ticks.pipe(exhaustMap(write)), { defaultValue: undefined });
  return {
    written,
    stop: async () => {
      stop.next();
      await writing;
      await producer.disconnect();
    },
  };
}
