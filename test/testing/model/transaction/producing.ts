import type { ClusterModel } from '../../../../src/testing/model/clusterModel.ts';
import { addOffsetsToTxnApi } from '../../../../src/protocol/apis/addOffsetsToTxn.ts';
import { addPartitionsToTxnApi } from '../../../../src/protocol/apis/addPartitionsToTxn.ts';
import { endTxnApi } from '../../../../src/protocol/apis/endTxn.ts';
import { initProducerIdApi } from '../../../../src/protocol/apis/initProducerId.ts';
import { txnOffsetCommitApi, type TxnOffsetCommitRequest } from '../../../../src/protocol/apis/txnOffsetCommit.ts';
import { controlType } from '../../../../src/protocol/recordBatch.ts';
import { splitBatches } from '../../../../src/protocol/splitBatches.ts';
import { ask, nameOf, newCluster, type Asking } from '../admin/asking.ts';

/** A producer as the coordinator sees it: what it has, and its requests. */
export interface Has {
  readonly id: number;
  readonly epoch: number;
}

export const nobody: Has = { id: -1, epoch: -1 };

/** The transactions of one cluster with `orders`, of two partitions. `now` is the time at which the next request comes. */
export class Producing {
  readonly cluster: ClusterModel;
  now = 0;

  constructor(brokers = 1) {
    this.cluster = newCluster(brokers);
    this.cluster.createTopic('orders', 2);
  }

  /** `OK`, or the error. */
  init(
    has: Has = nobody,
    { id = 'tx', timeout = 60_000, ...asking }: Asking & { id?: string | null; timeout?: number } = {},
  ): Has & { error: string } {
    const request = { transactionalId: id, transactionTimeoutMs: timeout, producerId: has.id, producerEpoch: has.epoch };
    const { errorCode, producerId, producerEpoch } = ask(this.cluster, initProducerIdApi, request, { now: this.now, ...asking });
    return { id: producerId, epoch: producerEpoch, error: nameOf(errorCode) };
  }

  add(has: Has, partitions: readonly number[] = [0], asking: Asking & { topic?: string } = {}): readonly string[] {
    const { topic = 'orders', version = 3, ...rest } = asking;
    const topics = [{ name: topic, partitions }];
    const request = {
      transactions: [],
      v3AndBelowTransactionalId: 'tx',
      v3AndBelowProducerId: has.id,
      v3AndBelowProducerEpoch: has.epoch,
      v3AndBelowTopics: topics,
    };
    const { resultsByTopicV3AndBelow } = ask(this.cluster, addPartitionsToTxnApi, request, { now: this.now, version, ...rest });
    return resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) => resultsByPartition.map((one) => nameOf(one.partitionErrorCode)));
  }

  addOffsets(has: Has, groupId = 'billing', asking: Asking = {}): string {
    const request = { transactionalId: 'tx', producerId: has.id, producerEpoch: has.epoch, groupId };
    return nameOf(ask(this.cluster, addOffsetsToTxnApi, request, { now: this.now, ...asking }).errorCode);
  }

  commitOffset(has: Has, offset: number, given: Partial<TxnOffsetCommitRequest> & Asking & { metadata?: string } = {}): readonly string[] {
    const { version, node, refusal, metadata = null, ...rest } = given;
    const partition = { partitionIndex: 0, committedOffset: offset, committedLeaderEpoch: 0, committedMetadata: metadata };
    const request: TxnOffsetCommitRequest = {
      transactionalId: 'tx',
      groupId: 'billing',
      producerId: has.id,
      producerEpoch: has.epoch,
      generationId: -1,
      memberId: '',
      groupInstanceId: null,
      topics: [{ name: 'orders', partitions: [partition] }],
      ...rest,
    };
    const asking = {
      ...(version !== undefined && { version }),
      ...(node !== undefined && { node }),
      ...(refusal !== undefined && { refusal }),
    };
    const { topics } = ask(this.cluster, txnOffsetCommitApi, request, { now: this.now, ...asking });
    return topics.flatMap(({ partitions }) => partitions.map((one) => nameOf(one.errorCode)));
  }

  end(has: Has, ends: 'commit' | 'abort', asking: Asking = {}): Has & { error: string } {
    const request = { transactionalId: 'tx', producerId: has.id, producerEpoch: has.epoch, committed: ends === 'commit' };
    const { errorCode, producerId, producerEpoch } = ask(this.cluster, endTxnApi, request, { now: this.now, ...asking });
    return { id: producerId, epoch: producerEpoch, error: nameOf(errorCode) };
  }

  /** A batch of the transaction, as Produce appends it. */
  write(has: Has, partition = 0): void {
    const log = this.cluster.find('orders', partition)?.log;
    log?.append([{ value: Buffer.from('v') }], { isTransactional: true, producerId: has.id, producerEpoch: has.epoch });
  }

  /** The markers in a log: `commit of 1000 in 0 at 1`. */
  markers(partition = 0): readonly string[] {
    const log = this.cluster.find('orders', partition)?.log;
    if (log === undefined) return [];
    const bytes = log.read(log.start, { maxBytes: 1e6, upTo: log.end, atLeastOne: true });
    const controls = splitBatches(bytes).batches.filter(({ isControl }) => isControl);
    return controls.map((batch) => `${controlType(batch)} of ${batch.producerId} in ${batch.producerEpoch} at ${batch.baseTimestamp}`);
  }
}
