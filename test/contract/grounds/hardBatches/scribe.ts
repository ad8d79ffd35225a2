import { kafkajsConnector } from '../../../../src/transport/kafkajs/kafkajsConnector.ts';
import { kafkaErrorOf } from '../../../../src/errors/table.ts';
import { addPartitionsToTxnApi, endTxnApi, initProducerIdApi, produceApi } from '../../../../src/protocol/apis/forTesting.ts';
import { encodeBatch, type NewBatch, type NewRecord } from '../../../../src/protocol/encodeBatch.ts';
import { eventually, kafkajsFor, type HasBrokers } from '../../../support/kafka.ts';
import { findTransactions } from '../randomLog/writer.ts';
import { Line } from '../transactions/producer.ts';

const NO_ID = '0'.repeat(32);

/** Who writes batches: nobody in particular, or a producer by its id, with how many records it has written. */
export interface Pen {
  readonly transactionalId: string | null;
  readonly producerId: number;
  readonly producerEpoch: number;
  baseSequence: number;
}

const plain: Pen = { transactionalId: null, producerId: -1, producerEpoch: -1, baseSequence: -1 };

/** Writes one partition, batch by batch. Its timestamps run ahead of the clock: segments end where it says, and not at the markers, which have the broker's time. */
export class Scribe {
  readonly #line: Line;
  readonly #topic: string;
  readonly #partition: number;
  #now = Date.now();

  constructor(kafka: HasBrokers, topic: string, partition = 0) {
    this.#line = new Line(kafkajsConnector(kafkajsFor(kafka)));
    this.#topic = topic;
    this.#partition = partition;
  }

  close(): void {
    this.#line.close();
  }

  /** The next batch begins a segment, in a topic whose `segment.ms` is below a second. */
  roll(): void {
    this.#now += 1_000;
  }

  /** Appends one batch of these records, or of these keys with values to match; resolves with its first offset. */
  async write(records: readonly (NewRecord | string)[], pen: Pen = plain, batch: NewBatch = {}): Promise<number> {
    const { transactionalId, producerId, producerEpoch, baseSequence } = pen;
    const given = records.map((record) => (typeof record === 'string' ? keyed(record) : record));
    const identity = { isTransactional: transactionalId !== null, producerId, producerEpoch, baseSequence };
    const bytes = encodeBatch(given, { baseTimestamp: ++this.#now, ...batch, ...identity });
    const topicData = [{ name: this.#topic, topicId: NO_ID, partitionData: [{ index: this.#partition, records: bytes }] }];
    const { responses } = await this.#line.ask(produceApi, 11, { transactionalId, acks: -1, timeoutMs: 10_000, topicData });
    const answer = responses[0]?.partitionResponses[0];
    expectNone('Produce', answer?.errorCode ?? -1);
    if (producerId >= 0) pen.baseSequence += records.length;
    return answer?.baseOffset ?? -1;
  }

  /** A producer: transactional if it has an id, else idempotent. */
  async pen(transactionalId: string | null): Promise<Pen> {
    await findTransactions(this.#line);
    const request = { transactionalId, transactionTimeoutMs: 600_000, producerId: -1, producerEpoch: -1 };
    const { producerId, producerEpoch } = await this.#patiently('InitProducerId', async () => {
      const answer = await this.#line.ask(initProducerIdApi, 4, request);
      return [answer, answer.errorCode];
    });
    return { transactionalId, producerId, producerEpoch, baseSequence: 0 };
  }

  async begin({ transactionalId, producerId, producerEpoch }: Pen): Promise<void> {
    const request = {
      transactions: [],
      v3AndBelowTransactionalId: transactionalId ?? '',
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [{ name: this.#topic, partitions: [this.#partition] }],
    };
    await this.#patiently('AddPartitionsToTxn', async () => {
      const answer = await this.#line.ask(addPartitionsToTxnApi, 3, request);
      return [answer, answer.resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode ?? -1];
    });
  }

  /** Resolves when the marker is in the log: a broker that is asked again says so. */
  async end(committed: boolean, { transactionalId, producerId, producerEpoch }: Pen): Promise<void> {
    const request = { transactionalId: transactionalId ?? '', producerId, producerEpoch, committed };
    for (let i = 0; i < 2; i++)
      await this.#patiently('EndTxn', async () => {
        const answer = await this.#line.ask(endTxnApi, 3, request);
        return [answer, answer.errorCode];
      });
  }

  #patiently<R>(what: string, ask: () => Promise<readonly [R, number]>): Promise<R> {
    return eventually(
      async () => {
        const [answer, error] = await ask();
        expectNone(what, error);
        return answer as R & (R extends false ? never : R);
      },
      { what, every: 5 },
    );
  }
}

function keyed(key: string): NewRecord {
  return { key: Buffer.from(key), value: Buffer.from(`of ${key}`) };
}

function expectNone(what: string, code: number): void {
  if (code !== 0) throw new Error(`${what}: ${kafkaErrorOf(code).name}`);
}
