import { setTimeout as pause } from 'node:timers/promises';
import type { Unsubscribable } from 'rxjs';
import { codeOf, kafkaErrorOf } from '../../../../src/errors/table.ts';
import type { Api } from '../../../../src/protocol/api.ts';
import { addPartitionsToTxnApi, endTxnApi, initProducerIdApi, produceApi } from '../../../../src/protocol/apis/forTesting.ts';
import { encodeBatch } from '../../../../src/protocol/encodeBatch.ts';
import type { Connection, Connector } from '../../../../src/index.ts';
import type { Compression } from '../../../support/kafka.ts';
import { only } from '../../wire/kit/talk.ts';
import { deflateOf } from '../deflate.ts';

const busy = codeOf('CONCURRENT_TRANSACTIONS');
const NO_ID = '0'.repeat(32);

/** One connection to a cluster of one broker, which is asked one thing after the other. */
export class Line {
  readonly #connection: Promise<Connection>;
  #open: Unsubscribable | undefined;

  constructor(connector: Connector) {
    this.#connection = new Promise((resolve, reject) => {
      this.#open = connector.connect().subscribe({ next: resolve, error: reject });
    });
  }

  async ask<Q, R>(api: Api<Q, R>, version: number, request: Q): Promise<R> {
    const connection = await this.#connection;
    return only(connection.send({ ...api, versions: [version, version] }, request));
  }

  close(): void {
    this.#open?.unsubscribe();
  }
}

/** A producer that writes batches, in transactions if it has an id, and speaks the protocol of those before KIP-890. */
export class Producer {
  readonly #line: Line;
  readonly #topic: string;
  readonly #id: string | undefined;
  readonly #compression: Compression;
  #producerId = -1;
  #producerEpoch = -1;
  #sequences = new Map<number, number>();
  readonly #added = new Set<number>();

  constructor(line: Line, topic: string, compression: Compression, id: string | undefined) {
    this.#line = line;
    this.#topic = topic;
    this.#compression = compression;
    this.#id = id;
  }

  /** Anew: what is open of its id is aborted, by a later epoch. */
  async init(): Promise<void> {
    if (this.#id === undefined) return;
    const request = { transactionalId: this.#id, transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 };
    const answer = await settled(
      'InitProducerId',
      () => this.#line.ask(initProducerIdApi, 4, request),
      ({ errorCode }) => errorCode,
    );
    this.#producerId = answer.producerId;
    this.#producerEpoch = answer.producerEpoch;
    this.#sequences = new Map();
    this.#added.clear();
  }

  /** Writes one batch; resolves with its first offset. */
  async write(partition: number, values: readonly string[]): Promise<number> {
    if (this.#id !== undefined) await this.#add(this.#id, partition);
    const baseSequence = this.#sequences.get(partition) ?? 0;
    const transaction = { isTransactional: true, producerId: this.#producerId, producerEpoch: this.#producerEpoch, baseSequence };
    const deflate = deflateOf(this.#compression);
    const records = encodeBatch(
      values.map((value) => ({ value: Buffer.from(value) })),
      {
        compression: this.#compression,
        baseTimestamp: Date.now(),
        ...(deflate !== undefined && { deflate }),
        ...(this.#id !== undefined && transaction),
      },
    );
    const topicData = [{ name: this.#topic, topicId: NO_ID, partitionData: [{ index: partition, records }] }];
    const request = { transactionalId: this.#id ?? null, acks: -1, timeoutMs: 5_000, topicData };
    const { responses } = await settled(
      'Produce',
      () => this.#line.ask(produceApi, 11, request),
      (answer) => answer.responses[0]?.partitionResponses[0]?.errorCode,
    );
    this.#sequences.set(partition, baseSequence + values.length);
    return responses[0]?.partitionResponses[0]?.baseOffset ?? -1;
  }

  async end(committed: boolean): Promise<void> {
    const identity = { transactionalId: this.#id ?? '', producerId: this.#producerId, producerEpoch: this.#producerEpoch };
    await settled(
      'EndTxn',
      () => this.#line.ask(endTxnApi, 3, { ...identity, committed }),
      ({ errorCode }) => errorCode,
    );
    this.#added.clear();
  }

  async #add(transactionalId: string, partition: number): Promise<void> {
    if (this.#added.has(partition)) return;
    const request = {
      transactions: [],
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: this.#producerId,
      v3AndBelowProducerEpoch: this.#producerEpoch,
      v3AndBelowTopics: [{ name: this.#topic, partitions: [partition] }],
    };
    await settled(
      'AddPartitionsToTxn',
      () => this.#line.ask(addPartitionsToTxnApi, 3, request),
      ({ resultsByTopicV3AndBelow: [first] }) => first?.resultsByPartition[0]?.partitionErrorCode,
    );
    this.#added.add(partition);
  }
}

/** Asks until the transaction before has ended. Throws for any other error. */
async function settled<R>(what: string, ask: () => Promise<R>, errorOf: (answer: R) => number | undefined): Promise<R> {
  for (;;) {
    const answer = await ask();
    const error = errorOf(answer);
    if (error === 0) return answer;
    if (error !== busy) throw new Error(`${what}: ${error === undefined ? 'no answer' : kafkaErrorOf(error).name}`);
    await pause(2);
  }
}
