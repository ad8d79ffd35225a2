import { describe, expect, test } from 'vitest';
import { joinGroupApi } from '../../../../src/protocol/apis/joinGroup.ts';
import { services } from '../../../../src/testing/model/services.ts';
import { Producing } from './producing.ts';

function committed({ cluster }: Producing): number | undefined {
  return cluster.groups.committed('billing', 'orders', 0);
}

describe('TxnOffsetCommit', () => {
  test.each([
    ['commit', 5],
    ['abort', undefined],
  ] as const)('%s: the offset counts when the transaction does', (ends, offset) => {
    const producing = new Producing();
    const has = producing.init();
    producing.addOffsets(has);
    expect(producing.commitOffset(has, 5, { version: 3 })).toEqual(['NONE']);
    expect(committed(producing)).toBeUndefined();
    producing.end(has, ends);
    expect(committed(producing)).toBe(offset);
  });

  test.each([
    [3, ['INVALID_TXN_STATE']],
    [4, ['TRANSACTION_ABORTABLE']],
    [5, ['NONE']],
  ])('in version %i without AddOffsetsToTxn: %o', (version, errors) => {
    const producing = new Producing();
    const has = producing.init();
    expect(producing.commitOffset(has, 5, { version })).toEqual(errors);
    producing.end(has, 'commit');
    expect(committed(producing)).toBe(version === 5 ? 5 : undefined);
  });

  test('of nothing that there is does not begin a transaction', () => {
    const producing = new Producing();
    const has = producing.init();
    expect(producing.commitOffset(has, 5, { topics: [{ name: 'x', partitions: [partition(0)] }] })).toEqual(['UNKNOWN_TOPIC_OR_PARTITION']);
    expect(producing.end(has, 'commit').error).toBe('INVALID_TXN_STATE');
  });

  test('for another group than the one that was added is refused', () => {
    const producing = new Producing();
    const has = producing.init();
    producing.addOffsets(has, 'shipping');
    expect(producing.commitOffset(has, 5, { version: 4 })).toEqual(['TRANSACTION_ABORTABLE']);
  });

  test('of a transaction that timed out is aborted', () => {
    const producing = new Producing();
    const has = producing.init(undefined, { timeout: 100 });
    producing.commitOffset(has, 5);
    producing.cluster.tick(100);
    expect(producing.commitOffset(has, 6)).toEqual(['INVALID_PRODUCER_EPOCH']);
    expect(committed(producing)).toBeUndefined();
  });

  test.each<[string, object, readonly string[]]>([
    ['a topic that does not exist', { topics: [{ name: 'x', partitions: [partition(0)] }] }, ['UNKNOWN_TOPIC_OR_PARTITION']],
    [
      'one of two partitions, which is answered first',
      { topics: [{ name: 'orders', partitions: [partition(0), partition(9)] }] },
      ['UNKNOWN_TOPIC_OR_PARTITION', 'NONE'],
    ],
    ['long metadata', { metadata: 'x'.repeat(4_097) }, ['OFFSET_METADATA_TOO_LARGE']],
    ['metadata of 4096', { metadata: 'x'.repeat(4_096) }, ['NONE']],
    ['no partition', { topics: [] }, []],
    ['no group', { groupId: '' }, ['INVALID_GROUP_ID']],
    ['an unknown generation', { generationId: 3 }, ['ILLEGAL_GENERATION']],
    ['another broker', { node: 2 }, ['NOT_COORDINATOR']],
    ['an unknown transactional id', { transactionalId: 'x' }, ['INVALID_PRODUCER_ID_MAPPING']],
    ['an old epoch', { producerEpoch: -1 }, ['INVALID_PRODUCER_EPOCH']],
    ['what the script says', { refusal: () => 'GROUP_AUTHORIZATION_FAILED' }, ['GROUP_AUTHORIZATION_FAILED']],
  ])('with %s', (_, given, errors) => {
    const producing = new Producing(2);
    expect(producing.commitOffset(producing.init(), 5, given)).toEqual(errors);
  });

  test('is fenced by the group, from version 3 on; who does not say who it is, is taken', () => {
    const producing = new Producing();
    const has = producing.init();
    const service = services.get(joinGroupApi.key)?.service;
    const request = {
      groupId: 'billing',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      memberId: '',
      groupInstanceId: 'i',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
      reason: null,
    };
    service?.({ cluster: producing.cluster, node: 1, version: 9, request, now: 0, clientId: 'c', refusal: () => undefined });
    const [member] = producing.cluster.groups.get('billing')?.members.keys() ?? [];
    const at = (given: object): readonly string[] => producing.commitOffset(has, 5, given);
    expect(at({ memberId: 'stranger', generationId: 1 })).toEqual(['UNKNOWN_MEMBER_ID']);
    expect(at({ memberId: 'stranger', generationId: 1, groupInstanceId: 'i' })).toEqual(['FENCED_INSTANCE_ID']);
    expect(at({ memberId: member, generationId: 7, groupInstanceId: 'i' })).toEqual(['ILLEGAL_GENERATION']);
    expect(at({ memberId: member, generationId: producing.cluster.groups.get('billing')?.generation ?? -1 })).toEqual(['NONE']);
    expect(at({})).toEqual(['NONE']);
    producing.addOffsets(has);
    expect(at({ memberId: 'stranger', generationId: 1, version: 2 }), 'does not tell who it is').toEqual(['NONE']);
  });
});

function partition(partitionIndex: number) {
  return { partitionIndex, committedOffset: 5, committedLeaderEpoch: -1, committedMetadata: null };
}
