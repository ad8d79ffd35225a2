import { setTimeout as pause } from 'node:timers/promises';
import { codeOf, kafkaErrorOf } from '../../../../src/errors/table.ts';
import { addPartitionsToTxnApi, endTxnApi, initProducerIdApi, produceApi } from '../../../../src/protocol/apis/forTesting.ts';
import { findCoordinatorApi } from '../../../../src/protocol/apis/findCoordinator.ts';
import type { ProduceRequest } from '../../../../src/protocol/apis/produce.ts';
import { encodeBatch } from '../../../../src/protocol/encodeBatch.ts';
import type { Compression } from '../../../support/kafka.ts';
import { deflateOf } from '../deflate.ts';
import type { Line } from '../transactions/producer.ts';
import { randomRecords, type LogClock } from './content.ts';
import type { Dice } from './dice.ts';
import { topicOf, type LogTopic } from './plan.ts';

const NO_ID = '0'.repeat(32);
const busy = ['CONCURRENT_TRANSACTIONS', 'COORDINATOR_LOAD_IN_PROGRESS', 'NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE'].map(codeOf);
/** Requests that one writer has on the way. */
const PIPELINED = 16;
/** Longer than a long form takes: a transaction stays open. */
const TRANSACTION_TIMEOUT = 900_000;

export interface Writing {
  readonly line: Line;
  readonly topics: readonly LogTopic[];
  readonly clock: LogClock;
  readonly dice: Dice;
}

/** Writes random batches over one connection, without waiting for each: plainly, or idempotently, or in transactions if it has an id. */
export class Writer {
  /** Batches that it wrote. */
  written = 0;
  readonly #to: Writing;
  readonly #transactionalId: string | null;
  #producerId = -1;
  #producerEpoch = -1;
  #sequences = new Map<number, number>();
  readonly #onTheWay: Promise<void>[] = [];

  constructor(to: Writing, transactionalId: string | null) {
    this.#to = to;
    this.#transactionalId = transactionalId;
  }

  /** Anew: with an id what is open is aborted, by a later epoch; without one it is another idempotent producer. */
  async init(): Promise<void> {
    const timeout = this.#transactionalId === null ? 0x7fffffff : TRANSACTION_TIMEOUT;
    const request = { transactionalId: this.#transactionalId, transactionTimeoutMs: timeout, producerId: -1, producerEpoch: -1 };
    const answer = await settled(
      'InitProducerId',
      () => this.#to.line.ask(initProducerIdApi, 4, request),
      ({ errorCode }) => [errorCode],
    );
    this.#producerId = answer.producerId;
    this.#producerEpoch = answer.producerEpoch;
    this.#sequences = new Map();
  }

  /** Adds partitions to its transaction. */
  async add(partitions: readonly number[]): Promise<void> {
    const request = {
      transactions: [],
      v3AndBelowTransactionalId: this.#transactionalId ?? '',
      v3AndBelowProducerId: this.#producerId,
      v3AndBelowProducerEpoch: this.#producerEpoch,
      v3AndBelowTopics: this.#byTopic(partitions).map(([name, own]) => ({ name, partitions: own })),
    };
    await settled(
      'AddPartitionsToTxn',
      () => this.#to.line.ask(addPartitionsToTxnApi, 3, request),
      ({ resultsByTopicV3AndBelow: results }) =>
        results.flatMap(({ resultsByPartition }) => resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode)),
    );
  }

  /** Sends a batch to each of these partitions; resolves when there is room for more requests. */
  async write(partitions: readonly number[], compression: Compression): Promise<void> {
    const topicData = this.#byTopic(partitions).map(([name, own]) => ({
      name,
      topicId: NO_ID,
      partitionData: own.map((index) => ({ index, records: this.#batch(index, compression) })),
    }));
    const sent = this.#produce({ transactionalId: this.#transactionalId, acks: -1, timeoutMs: 30_000, topicData });
    sent.catch(() => undefined); // whoever waits for it will hear of it
    this.#onTheWay.push(sent);
    this.written += partitions.length;
    if (this.#onTheWay.length >= PIPELINED) await this.#onTheWay.shift();
  }

  /** Everything that was sent has been appended. */
  async appended(): Promise<void> {
    await Promise.all(this.#onTheWay.splice(0));
  }

  async end(committed: boolean): Promise<void> {
    await this.appended();
    const identity = { transactionalId: this.#transactionalId ?? '', producerId: this.#producerId, producerEpoch: this.#producerEpoch };
    await settled(
      'EndTxn',
      () => this.#to.line.ask(endTxnApi, 3, { ...identity, committed }),
      ({ errorCode }) => [errorCode],
    );
  }

  async #produce(request: ProduceRequest): Promise<void> {
    await settled(
      'Produce',
      () => this.#to.line.ask(produceApi, 11, request),
      ({ responses }) => responses.flatMap(({ partitionResponses }) => partitionResponses.map(({ errorCode }) => errorCode)),
    );
  }

  #batch(partition: number, compression: Compression): Buffer {
    const { topics, clock, dice } = this.#to;
    const records = randomRecords(dice, topicOf(topics, partition), clock.next(dice));
    const baseSequence = this.#sequences.get(partition) ?? 0;
    this.#sequences.set(partition, baseSequence + records.length);
    const identity = { producerId: this.#producerId, producerEpoch: this.#producerEpoch, baseSequence };
    const deflate = deflateOf(compression);
    return encodeBatch(records, {
      compression,
      isTransactional: this.#transactionalId !== null,
      ...(deflate !== undefined && { deflate }),
      ...(this.#producerId >= 0 && identity),
    });
  }

  #byTopic(partitions: readonly number[]): readonly (readonly [string, readonly number[]])[] {
    const { topics } = this.#to;
    return topics
      .map(({ name, partitions: own }) => [name, partitions.filter((partition) => own.includes(partition))] as const)
      .filter(([, own]) => own.length > 0);
  }
}

/** Only this makes a new broker coordinate transactions. */
export async function findTransactions(line: Line): Promise<void> {
  await settled(
    'FindCoordinator',
    () => line.ask(findCoordinatorApi, 4, { key: 'any', keyType: 1, coordinatorKeys: ['any'] }),
    ({ coordinators }) => coordinators.map(({ errorCode }) => errorCode),
  );
}

/** Asks until the coordinator is there and the transaction before has ended. Throws for any other error. */
async function settled<R>(what: string, ask: () => Promise<R>, errorsOf: (answer: R) => readonly number[]): Promise<R> {
  for (;;) {
    const answer = await ask();
    const error = errorsOf(answer).find((code) => code !== 0);
    if (error === undefined) return answer;
    if (!busy.includes(error)) throw new Error(`${what}: ${kafkaErrorOf(error).name}`);
    await pause(2);
  }
}
