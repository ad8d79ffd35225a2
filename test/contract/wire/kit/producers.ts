import { codeOf } from '../../../../src/errors/table.ts';
import {
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  endTxnApi,
  initProducerIdApi,
  produceApi,
  txnOffsetCommitApi,
} from '../../../../src/protocol/apis/forTesting.ts';
import type { EndTxnResponse } from '../../../../src/protocol/apis/endTxn.ts';
import type { Desk } from './desk.ts';
import { nobody, type Standing } from './groups.ts';

const busy = ['CONCURRENT_TRANSACTIONS', 'COORDINATOR_LOAD_IN_PROGRESS', 'NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE'].map(codeOf);

/** A transactional producer that speaks the protocol before KIP-890 unless it is told another version. What it asks is noted under its name. */
export class Producer {
  readonly name: string;
  readonly transactionalId: string;
  readonly desk: Desk;
  readonly coordinator: Desk;
  producerId = -1;
  producerEpoch = -1;
  #sequences = new Map<string, number>();

  /** `coordinator`: where transactions are coordinated, if not there. */
  constructor(desk: Desk, name: string, transactionalId: string, coordinator: Desk = desk) {
    this.desk = desk;
    this.coordinator = coordinator;
    this.name = name;
    this.transactionalId = desk.named(transactionalId);
  }

  get #identity(): { transactionalId: string; producerId: number; producerEpoch: number } {
    const { transactionalId, producerId, producerEpoch } = this;
    return { transactionalId, producerId, producerEpoch };
  }

  async init(what = 'begins', transactionTimeoutMs = 60_000, version = 4): Promise<void> {
    const request = { transactionalId: this.transactionalId, transactionTimeoutMs, producerId: -1, producerEpoch: -1 };
    const answer = await this.desk.talk.until(
      'the coordinator takes it',
      () => this.coordinator.line.quietly(initProducerIdApi, request, version),
      ({ errorCode }) => !busy.includes(errorCode),
    );
    this.desk.talk.note(`${this.name} ${what}`, answer);
    ({ producerId: this.producerId, producerEpoch: this.producerEpoch } = answer);
    this.#sequences = new Map();
  }

  /** Adds a partition to its transaction. */
  async add(topic: string, partition = 0, what = 'adds a partition'): Promise<void> {
    const { transactionalId, producerId, producerEpoch } = this;
    const request = {
      transactions: [],
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [{ name: this.desk.named(topic), partitions: [partition] }],
    };
    const answer = await this.desk.talk.until(
      'the transaction before has ended',
      () => this.coordinator.line.quietly(addPartitionsToTxnApi, request, 3),
      ({ resultsByTopicV3AndBelow: [first] }) => !busy.includes(first?.resultsByPartition[0]?.partitionErrorCode ?? 0),
    );
    this.desk.talk.note(`${this.name} ${what}`, answer);
  }

  /** Writes a batch in its transaction. */
  async write(topic: string, partition: number, values: readonly string[], what = 'writes', version = 11): Promise<void> {
    const key = `${topic}-${partition}`;
    const baseSequence = this.#sequences.get(key) ?? 0;
    const { transactionalId, producerId, producerEpoch } = this;
    const batch = { isTransactional: true, producerId, producerEpoch, baseSequence, transactionalId };
    const { responses } = await this.desk.ask(
      `${this.name} ${what}`,
      produceApi,
      this.desk.batch(topic, partition, values, batch),
      version,
    );
    if (responses[0]?.partitionResponses[0]?.errorCode === 0) this.#sequences.set(key, baseSequence + values.length);
  }

  async end(committed: boolean, what: string = committed ? 'commits' : 'aborts', version = 3): Promise<void> {
    const request = { ...this.#identity, committed };
    const ended = (): Promise<EndTxnResponse> =>
      this.desk.talk.until(
        'the transaction has ended',
        () => this.coordinator.line.quietly(endTxnApi, request, version),
        ({ errorCode }) => !busy.includes(errorCode),
      );
    const answer = await ended();
    this.desk.talk.note(`${this.name} ${what}`, answer, version);
    // The markers are written after the answer: who asks again is told to wait for them.
    if (answer.errorCode === 0) await ended();
    if (answer.errorCode !== 0 || version < 5) return;
    ({ producerId: this.producerId, producerEpoch: this.producerEpoch } = answer);
    this.#sequences = new Map();
  }

  async addGroup(groupId: string, what = 'adds a group'): Promise<void> {
    const answer = await this.desk.talk.until(
      'the transaction before has ended',
      () => this.coordinator.line.quietly(addOffsetsToTxnApi, { ...this.#identity, groupId }, 3),
      ({ errorCode }) => !busy.includes(errorCode),
    );
    this.desk.talk.note(`${this.name} ${what}`, answer);
  }

  async commitOffset(
    groupId: string,
    topic: string,
    offset: number,
    what: string,
    standing: Standing = nobody,
    version = 3,
  ): Promise<void> {
    const partitions = [{ partitionIndex: 0, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: '' }];
    const request = {
      ...this.#identity,
      groupId,
      ...standing,
      groupInstanceId: null,
      topics: [{ name: this.desk.named(topic), partitions }],
    };
    await this.desk.ask(`${this.name} ${what}`, txnOffsetCommitApi, request, version);
  }
}
