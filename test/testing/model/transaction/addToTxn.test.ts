import { describe, expect, test } from 'vitest';
import { addPartitionsToTxnApi } from '../../../../src/protocol/apis/addPartitionsToTxn.ts';
import { admissionOf, admit, type Admission } from '../../../../src/testing/model/transaction/admission.ts';
import { ask, nameOf } from '../admin/asking.ts';
import { Producing, type Has } from './producing.ts';

describe('AddPartitionsToTxn', () => {
  test('adds all or none: a partition that does not exist keeps the others from it', () => {
    const producing = new Producing();
    const has = producing.init();
    expect(producing.add(has, [0, 2])).toEqual(['OPERATION_NOT_ATTEMPTED', 'UNKNOWN_TOPIC_OR_PARTITION']);
    expect(producing.end(has, 'commit').error, 'nothing was begun').toBe('INVALID_TXN_STATE');
    expect(producing.add(has, [0], { topic: 'other' })).toEqual(['UNKNOWN_TOPIC_OR_PARTITION']);
    expect(producing.add(has, [0, 1])).toEqual(['NONE', 'NONE']);
  });

  test.each<[string, Partial<Has>, number, string]>([
    ['another id', { id: 7 }, 3, 'INVALID_PRODUCER_ID_MAPPING'],
    ['an older epoch', { epoch: 0 }, 3, 'PRODUCER_FENCED'],
    ['an older epoch', { epoch: 0 }, 1, 'INVALID_PRODUCER_EPOCH'],
    ['a later epoch', { epoch: 2 }, 2, 'PRODUCER_FENCED'],
  ])('with %s %o in version %i: %s', (_, claim, version, error) => {
    const producing = new Producing();
    producing.init();
    const has = producing.init();
    expect(producing.add({ ...has, ...claim }, [0], { version })).toEqual([error]);
  });

  test('at another broker, and as the script says: everywhere, or at one partition', () => {
    const producing = new Producing(2);
    const has = producing.init();
    expect(producing.add(has, [0], { node: 2 })).toEqual(['NOT_COORDINATOR']);
    const one = (topic?: string, partition?: number): string | undefined =>
      topic !== undefined && partition === 1 ? 'TOPIC_AUTHORIZATION_FAILED' : undefined;
    expect(producing.add(has, [0, 1], { refusal: one })).toEqual(['OPERATION_NOT_ATTEMPTED', 'TOPIC_AUTHORIZATION_FAILED']);
    expect(producing.add(has, [0, 1], { refusal: () => 'COORDINATOR_LOAD_IN_PROGRESS' })).toEqual([
      'COORDINATOR_LOAD_IN_PROGRESS',
      'COORDINATOR_LOAD_IN_PROGRESS',
    ]);
  });

  test('from version 4 on takes several transactions, and verifies only where asked to', () => {
    const producing = new Producing();
    const has = producing.init();
    producing.add(has, [0]);
    const of = (transactionalId: string, verifyOnly: boolean, epoch = has.epoch) => ({
      transactionalId,
      producerId: has.id,
      producerEpoch: epoch,
      verifyOnly,
      topics: [{ name: 'orders', partitions: [0, 1] }],
    });
    const asked = (transactions: readonly ReturnType<typeof of>[]): unknown => {
      const nothing = { v3AndBelowTransactionalId: '', v3AndBelowProducerId: 0, v3AndBelowProducerEpoch: 0, v3AndBelowTopics: [] };
      const { resultsByTransaction } = ask(producing.cluster, addPartitionsToTxnApi, { transactions, ...nothing });
      return resultsByTransaction.map(({ topicResults }) =>
        topicResults.flatMap(({ resultsByPartition }) => resultsByPartition.map((one) => nameOf(one.partitionErrorCode))),
      );
    };
    expect(asked([of('tx', true), of('unknown', true)])).toEqual([
      ['NONE', 'TRANSACTION_ABORTABLE'],
      ['INVALID_PRODUCER_ID_MAPPING', 'INVALID_PRODUCER_ID_MAPPING'],
    ]);
    expect(asked([of('tx', true, 9)])).toEqual([['PRODUCER_FENCED', 'PRODUCER_FENCED']]);
    expect(asked([of('tx', false)])).toEqual([['NONE', 'NONE']]);
    expect(asked([of('tx', true)])).toEqual([['NONE', 'NONE']]);
  });
});

describe('AddOffsetsToTxn', () => {
  test('opens the transaction as a partition does', () => {
    const producing = new Producing();
    const has = producing.init();
    expect(producing.addOffsets(has)).toBe('NONE');
    expect(producing.end(has, 'commit').error).toBe('NONE');
  });

  test.each<[string, Has, number, string]>([
    ['another id', { id: 7, epoch: 0 }, 4, 'INVALID_PRODUCER_ID_MAPPING'],
    ['a later epoch', { id: 1000, epoch: 1 }, 4, 'PRODUCER_FENCED'],
    ['a later epoch', { id: 1000, epoch: 1 }, 1, 'INVALID_PRODUCER_EPOCH'],
  ])('with %s: %o, in version %i: %s', (_, has, version, error) => {
    const producing = new Producing();
    producing.init();
    expect(producing.addOffsets(has, 'billing', { version })).toBe(error);
  });

  test('at another broker, and as the script says', () => {
    const producing = new Producing(2);
    const has = producing.init();
    expect(producing.addOffsets(has, 'billing', { node: 2 })).toBe('NOT_COORDINATOR');
    expect(producing.addOffsets(has, 'billing', { refusal: () => 'COORDINATOR_NOT_AVAILABLE' })).toBe('COORDINATOR_NOT_AVAILABLE');
  });
});

describe('a batch that is produced', () => {
  const admitted = (producing: Producing, claim: Has, admission: Admission, partition = 0): string | undefined =>
    admit(
      producing.cluster.transactions,
      { transactionalId: 'tx', claim, place: { kind: 'partition', topic: 'orders', partition }, now: 0 },
      admission,
    );

  test.each<[number, Admission]>([
    [10, 'old'],
    [11, 'abortable'],
    [12, 'adds'],
    [13, 'adds'],
  ])('comes in version %i into its transaction as %s', (version, admission) => {
    expect(admissionOf(version, [12, 11])).toBe(admission);
  });

  test('needs its partition in the transaction, or brings it there', () => {
    const producing = new Producing();
    const has = producing.init();
    expect(admitted(producing, has, 'old')).toBe('INVALID_TXN_STATE');
    expect(admitted(producing, has, 'abortable')).toBe('TRANSACTION_ABORTABLE');
    expect(admitted(producing, has, 'adds')).toBeUndefined();
    expect(admitted(producing, has, 'old')).toBeUndefined();
    expect(admitted(producing, has, 'old', 1)).toBe('INVALID_TXN_STATE');
    producing.end(has, 'commit', { version: 4 });
    expect(admitted(producing, has, 'old'), 'of the next transaction').toBe('INVALID_TXN_STATE');
  });

  test('of a fenced producer is refused', () => {
    const producing = new Producing();
    const has = producing.init();
    producing.init();
    for (const admission of ['old', 'abortable', 'adds'] as const) {
      expect(admitted(producing, has, admission)).toBe('INVALID_PRODUCER_EPOCH');
    }
    expect(admitted(producing, { id: 7, epoch: 0 }, 'adds')).toBe('INVALID_PRODUCER_ID_MAPPING');
  });
});
