import { describe, expect, it } from 'vitest';
import { kafkaErrorOf } from '../../../../src/errors/table.ts';
import { offsetCommitApi } from '../../../../src/protocol/apis/offsetCommit.ts';
import { offsetFetchApi, type OffsetFetchRequest, type OffsetFetchResponsePartition } from '../../../../src/protocol/apis/offsetFetch.ts';
import { nameOf, Scene } from './scene.ts';
import { NO_ID } from '../../../support/noId.ts';

describe('OffsetCommit', () => {
  it.each<[string, number, (string | null)?]>([
    ['of a number', 5],
    ['of a negative number', -5],
    ['of an enormous number', 2 ** 52],
    ['with metadata', 5, 'm'],
    ['with the longest metadata', 5, 'm'.repeat(4_096)],
  ])('%s is kept', (_, offset, metadata = null) => {
    const scene = new Scene();
    expect(scene.commit('', -1, offset, { metadata })).toBeUndefined();
    expect([scene.committed(), scene.cluster.groups.committed('g', 'orders', 0)]).toEqual([offset, offset]);
    expect(told(scene, {})).toMatchObject({ metadata: metadata ?? '', committedLeaderEpoch: -1 });
  });

  it.each<[string, Parameters<Scene['commit']>[3], string]>([
    ['metadata that is too long', { metadata: 'm'.repeat(4_097) }, 'OFFSET_METADATA_TOO_LARGE'],
    ['another broker', { node: 2 }, 'NOT_COORDINATOR'],
    ['an error of the script', { refusal: () => 'COORDINATOR_LOAD_IN_PROGRESS' }, 'COORDINATOR_LOAD_IN_PROGRESS'],
    [
      'an error of the script for this partition',
      { refusal: (topic) => (topic === 'orders' ? 'TOPIC_AUTHORIZATION_FAILED' : undefined) },
      'TOPIC_AUTHORIZATION_FAILED',
    ],
  ])('with %s is refused', (_, options, error) => {
    const scene = new Scene();
    expect(scene.commit('', -1, 5, options)).toBe(error);
    expect(scene.committed()).toBe(-1);
  });

  it('tells of unknown topics and partitions, first, and keeps the others', () => {
    const scene = new Scene();
    const partition = (partitionIndex: number) => ({ partitionIndex, committedOffset: 1, committedLeaderEpoch: 3, committedMetadata: 'm' });
    const topics = [
      { name: 'orders', topicId: NO_ID, partitions: [partition(0), partition(9)] },
      { name: 'nothing', topicId: NO_ID, partitions: [partition(0)] },
    ];
    const { answer } = scene.ask(offsetCommitApi, { ...blankCommit, topics });
    expect(answer?.topics.flatMap(({ name, partitions }) => partitions.map((one) => [name, one.partitionIndex, one.errorCode]))).toEqual([
      ['orders', 9, 3],
      ['orders', 0, 0],
      ['nothing', 0, 3],
    ]);
    expect(told(scene, {})).toMatchObject({ committedOffset: 1, committedLeaderEpoch: 3, metadata: 'm' });
  });

  it('of unknown partitions only is answered by any broker', () => {
    const topics = [
      {
        name: 'nothing',
        topicId: NO_ID,
        partitions: [{ partitionIndex: 0, committedOffset: 1, committedLeaderEpoch: 3, committedMetadata: 'm' }],
      },
    ];
    const { answer } = new Scene().ask(offsetCommitApi, { ...blankCommit, topics }, { node: 2 });
    expect(answer?.topics[0]?.partitions[0]?.errorCode).toBe(3);
  });

  describe.each<[string, (scene: Scene) => unknown, string | undefined, string | undefined]>([
    ['no group', () => undefined, undefined, 'GROUP_ID_NOT_FOUND'],
    ['Empty', (scene) => scene.leave(scene.enter().id), undefined, 'UNKNOWN_MEMBER_ID'],
    [
      'PreparingRebalance',
      (scene) => [scene.stable(2), scene.join({ memberId: 'c-2', speaks: { range: 'new' } })],
      'UNKNOWN_MEMBER_ID',
      undefined,
    ],
    ['CompletingRebalance', (scene) => scene.enter(), 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS'],
    ['Stable', (scene) => scene.stable(2), 'UNKNOWN_MEMBER_ID', undefined],
  ])('in state %s', (state, prepare, ofNobody, ofMember) => {
    const scene = new Scene();
    prepare(scene);
    const generation = scene.cluster.groups.get('g')?.generation ?? 1;

    it('stands as it is said', () => {
      expect(scene.state ?? 'no group').toBe(state);
    });

    it(`of a member: ${ofMember ?? 'taken'}`, () => {
      expect(scene.commit('c-1', generation, 5)).toBe(ofMember);
    });

    it('of a member of another generation, or of none, is refused', () => {
      const known = ofMember !== 'UNKNOWN_MEMBER_ID' && ofMember !== 'GROUP_ID_NOT_FOUND';
      expect(scene.commit('c-1', generation + 1, 5)).toBe(known ? 'ILLEGAL_GENERATION' : ofMember);
      if (known) expect(scene.commit('c-1', -1, 5)).toBe('ILLEGAL_GENERATION');
      if (known) expect(scene.commit('x', generation, 5)).toBe('UNKNOWN_MEMBER_ID');
    });

    it('of nobody in generation 0 is refused', () => {
      expect(scene.commit('', 0, 5)).toBe(state === 'no group' ? 'GROUP_ID_NOT_FOUND' : 'UNKNOWN_MEMBER_ID');
    });

    it(`of nobody: ${ofNobody ?? 'taken'}`, () => {
      expect(scene.commit('', -1, 7)).toBe(ofNobody);
      if (ofNobody === undefined) expect(scene.committed()).toBe(7);
    });
  });

  it.each<[number, string]>([
    [8, 'ILLEGAL_GENERATION'],
    [9, 'GROUP_ID_NOT_FOUND'],
  ])('of a member of an unknown group, in version %i: %s', (version, error) => {
    expect(new Scene().commit('c-1', 1, 5, { version })).toBe(error);
  });

  it('of an instance that nobody has', () => {
    const scene = new Scene();
    scene.stable(1);
    expect(scene.commit('', -1, 5, { groupInstanceId: 'x' })).toBe('UNKNOWN_MEMBER_ID');
  });
});

describe('OffsetFetch', () => {
  it.each([1, 2, 5, 7, 8, 9])('in version %i', (version) => {
    const scene = new Scene();
    scene.commit('', -1, 5);
    expect(told(scene, { version })).toMatchObject({ partitionIndex: 0, committedOffset: 5, metadata: '', errorCode: 0 });
    expect(told(scene, { version, partition: 1 })).toMatchObject({ committedOffset: -1, metadata: '', errorCode: 0 });
    expect(told(scene, { version, topic: 'nothing' })).toMatchObject({ committedOffset: -1, errorCode: 0 });
    expect(told(scene, { version, groupId: 'x' })).toMatchObject({ committedOffset: -1, errorCode: 0 });
  });

  it.each<[number, string, readonly string[]]>([
    [1, 'partition', ['NOT_COORDINATOR']],
    [2, 'top', []],
    [7, 'top', []],
    [8, 'group', []],
    [9, 'group', []],
  ])('at another broker, in version %i: the error stands at the %s', (version, place, partitions) => {
    const { answer } = new Scene().ask(offsetFetchApi, asking({}), { version, node: 2 });
    expect(nameOf(answer?.errorCode)).toBe(place === 'top' ? 'NOT_COORDINATOR' : undefined);
    expect(nameOf(answer?.groups[0]?.errorCode)).toBe(place === 'group' ? 'NOT_COORDINATOR' : undefined);
    const topics = [...(answer?.topics ?? []), ...(answer?.groups[0]?.topics ?? [])];
    expect(topics.flatMap((each) => each.partitions.map((one) => kafkaErrorOf(one.errorCode).name))).toEqual(partitions);
  });

  it('tells of all that is committed', () => {
    const scene = new Scene();
    scene.cluster.createTopic('bills', 1);
    const all = () =>
      scene.ask(
        offsetFetchApi,
        { ...asking({}), groups: [{ groupId: 'g', memberId: null, memberEpoch: -1, topics: null }] },
        { version: 9 },
      ).answer?.groups[0]?.topics;
    expect(all()).toEqual([]);
    scene.commit('', -1, 5);
    scene.commit('', -1, 6, {
      topics: [
        {
          name: 'bills',
          topicId: NO_ID,
          partitions: [{ partitionIndex: 0, committedOffset: 6, committedLeaderEpoch: 0, committedMetadata: null }],
        },
      ],
    });
    expect(all()?.map(({ name, partitions }) => [name, partitions.map((one) => one.committedOffset)])).toEqual([
      ['orders', [5]],
      ['bills', [6]],
    ]);
  });

  it('answers a scripted error at a partition', () => {
    const scene = new Scene();
    scene.commit('', -1, 5);
    const refusal = (topic?: string, partition?: number) => (topic === 'orders' && partition === 0 ? 'UNSTABLE_OFFSET_COMMIT' : undefined);
    expect(told(scene, { refusal })).toMatchObject({ committedOffset: -1, errorCode: 88 });
    expect(told(scene, { refusal, partition: 1 })).toMatchObject({ errorCode: 0 });
  });
});

describe('what a group has committed', () => {
  it('goes with its topic, and does not come back with another one of that name', () => {
    const scene = new Scene();
    scene.commit('', -1, 5);
    scene.cluster.groups.stageTxnOffsets('g', 1, [staged(9)]);
    scene.cluster.deleteTopic('orders');
    scene.cluster.createTopic('orders', 2);
    expect(scene.committed(true)).toBe(-1);
    scene.cluster.groups.endTxn(1, 'commit');
    expect(scene.committed()).toBe(-1);
  });

  it('does not go with another topic', () => {
    const scene = new Scene();
    scene.cluster.createTopic('bills', 1);
    scene.commit('', -1, 5);
    scene.cluster.deleteTopic('bills');
    expect(scene.committed()).toBe(5);
  });

  it('is of its group alone', () => {
    const scene = new Scene();
    scene.commit('', -1, 5, { groupId: 'other' });
    expect(scene.committed()).toBe(-1);
  });
});

describe('offsets in a transaction', () => {
  it.each<['commit' | 'abort', number]>([
    ['commit', 9],
    ['abort', 5],
  ])('are not seen before its end: %s', (ends, after) => {
    const scene = new Scene();
    scene.commit('', -1, 5);
    scene.cluster.groups.stageTxnOffsets('g', 1, [staged(9)]);
    expect([scene.committed(), scene.committed(true)]).toEqual([5, 'UNSTABLE_OFFSET_COMMIT']);
    expect(told(scene, { requireStable: true, partition: 1 })).toMatchObject({ errorCode: 0 });
    scene.cluster.groups.endTxn(1, ends);
    expect([scene.committed(), scene.committed(true)]).toEqual([after, after]);
  });

  it('end with the transactions of their producer alone', () => {
    const scene = new Scene();
    scene.cluster.groups.stageTxnOffsets('g', 1, [staged(9)]);
    scene.cluster.groups.endTxn(2, 'commit');
    expect(scene.committed(true)).toBe('UNSTABLE_OFFSET_COMMIT');
  });

  it('do not undo a commit that was written after them', () => {
    const scene = new Scene();
    scene.cluster.groups.stageTxnOffsets('g', 1, [staged(9)]);
    scene.commit('', -1, 20);
    scene.cluster.groups.endTxn(1, 'commit');
    expect(scene.committed()).toBe(20);
  });

  it('make the group', () => {
    const scene = new Scene();
    scene.cluster.groups.stageTxnOffsets('g', 1, [staged(9)]);
    expect(scene.state).toBe('Empty');
  });

  it.each<[string, (scene: Scene) => unknown, readonly [string, number, (string | null)?], string | undefined]>([
    ['anybody, whatever the state', (scene) => scene.stable(1), ['', -1], undefined],
    ['a member', (scene) => scene.stable(1), ['c-1', 1], undefined],
    ['a member while the assignment is made', (scene) => scene.enter(), ['c-1', 1], undefined],
    ['nobody in generation 0', (scene) => scene.stable(1), ['', 0], 'UNKNOWN_MEMBER_ID'],
    ['a generation before', (scene) => scene.stable(1), ['c-1', 0], 'ILLEGAL_GENERATION'],
    ['a member without generation', (scene) => scene.stable(1), ['c-1', -1], 'ILLEGAL_GENERATION'],
    ['an unknown member', (scene) => scene.stable(1), ['x', 1], 'UNKNOWN_MEMBER_ID'],
    ['an unknown member in an empty group', (scene) => scene.leave(scene.enter().id), ['x', 1], 'UNKNOWN_MEMBER_ID'],
    [
      'a replaced instance',
      (scene) => [scene.join({ groupInstanceId: 'a' }), scene.join({ groupInstanceId: 'a' })],
      ['a-1', 1, 'a'],
      'FENCED_INSTANCE_ID',
    ],
    ['a member of an unknown group', () => undefined, ['x', 1], 'ILLEGAL_GENERATION'],
    ['a member of an unknown group in generation 0', () => undefined, ['x', 0], 'ILLEGAL_GENERATION'],
    ['anybody of an unknown group', () => undefined, ['', -1], undefined],
  ])('of %s', (_, prepare, [memberId, generation, instanceId = null], error) => {
    const scene = new Scene();
    prepare(scene);
    expect(scene.cluster.groups.fencing('g', memberId, generation, instanceId)).toBe(error);
  });
});

const blankCommit = { groupId: 'g', generationIdOrMemberEpoch: -1, memberId: '', groupInstanceId: null, retentionTimeMs: -1 };

const staged = (offset: number) => ({ topic: 'orders', partition: 0, offset, leaderEpoch: 0, metadata: null });

interface Asking {
  readonly version?: number;
  readonly topic?: string;
  readonly partition?: number;
  readonly groupId?: string;
  readonly requireStable?: boolean;
  readonly refusal?: (topic?: string, partition?: number) => string | undefined;
}

function asking({ topic = 'orders', partition = 0, groupId = 'g', requireStable = false }: Asking): OffsetFetchRequest {
  const topics = [{ name: topic, topicId: NO_ID, partitionIndexes: [partition] }];
  return { groupId, topics, groups: [{ groupId, memberId: null, memberEpoch: -1, topics }], requireStable };
}

/** What is told of one partition. */
function told(scene: Scene, asked: Asking): OffsetFetchResponsePartition | undefined {
  const { version = 9, refusal = () => undefined } = asked;
  const { answer } = scene.ask(offsetFetchApi, asking(asked), { version, refusal });
  return (version >= 8 ? answer?.groups[0]?.topics : answer?.topics)?.[0]?.partitions[0];
}
