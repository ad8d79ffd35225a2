import { describe, expect, it } from 'vitest';
import { deleteGroupsApi } from '../../../../src/protocol/apis/deleteGroups.ts';
import { describeGroupsApi } from '../../../../src/protocol/apis/describeGroups.ts';
import { listGroupsApi } from '../../../../src/protocol/apis/listGroups.ts';
import { offsetDeleteApi } from '../../../../src/protocol/apis/offsetDelete.ts';
import { encodeSubscription } from '../../../../src/protocol/consumerProtocol.ts';
import { nameOf, Scene } from './scene.ts';

describe('DescribeGroups', () => {
  function describeG(scene: Scene, { version = 6, groupId = 'g', node = 1 } = {}) {
    const { answer } = scene.ask(describeGroupsApi, { groups: [groupId], includeAuthorizedOperations: false }, { version, node });
    return answer?.groups[0];
  }

  it('tells of a stable group what its members said and were assigned', () => {
    const scene = new Scene();
    scene.stable(2);
    expect(describeG(scene)).toMatchObject({ errorCode: 0, groupState: 'Stable', protocolType: 'consumer', protocolData: 'range' });
    const members = describeG(scene)?.members.map((one) => [
      one.memberId,
      one.clientId,
      String(one.memberMetadata),
      String(one.memberAssignment),
    ]);
    expect(members).toEqual([
      ['c-1', 'c', 'm', 'c-1'],
      ['c-2', 'c', 'm', 'c-2'],
    ]);
  });

  it('tells less of another one', () => {
    const scene = new Scene();
    const [a = ''] = scene.stable(2);
    scene.join({ memberId: a });
    expect(describeG(scene)).toMatchObject({ groupState: 'PreparingRebalance', protocolData: '' });
    expect(describeG(scene)?.members.map(({ memberMetadata }) => memberMetadata.length)).toEqual([0, 0]);
  });

  it('tells no assignment of before when another one is never made', () => {
    const scene = new Scene();
    const [a = ''] = scene.stable(1);
    scene.join({ memberId: a });
    scene.enter();
    expect(describeG(scene)?.members.map(({ memberAssignment }) => String(memberAssignment))).toEqual(['', '']);
  });

  it.each<[number, string | undefined]>([
    [5, undefined],
    [6, 'GROUP_ID_NOT_FOUND'],
  ])('in version %i calls an unknown one dead: %s', (version, error) => {
    const told = describeG(new Scene(), { version, groupId: 'x' });
    expect([nameOf(told?.errorCode), told?.groupState]).toEqual([error, 'Dead']);
  });

  it('at another broker', () => {
    expect(nameOf(describeG(new Scene(), { node: 2 })?.errorCode)).toBe('NOT_COORDINATOR');
  });
});

describe('ListGroups', () => {
  it.each<[string, readonly string[], readonly string[], number, readonly string[]]>([
    ['all', [], [], 1, ['g Stable', 'simple Empty']],
    ['those in a state', ['stable'], [], 1, ['g Stable']],
    ['those of a type', [], ['consumer'], 1, []],
    ['those of another type', ['Empty'], ['Classic'], 1, ['simple Empty']],
    ['those in one of several states', ['Dead', 'Empty'], [], 1, ['simple Empty']],
    ['none at another broker', [], [], 2, []],
  ])('tells of %s', (_, statesFilter, typesFilter, node, listed) => {
    const scene = new Scene();
    scene.stable(1);
    scene.commit('', -1, 5, { groupId: 'simple' });
    const { answer } = scene.ask(listGroupsApi, { statesFilter, typesFilter }, { node });
    expect(answer?.groups.map(({ groupId, groupState }) => `${groupId} ${groupState}`)).toEqual(listed);
  });
});

describe('DeleteGroups', () => {
  it.each<[string, string, (string | undefined)[], number]>([
    ['members', 'g', ['NON_EMPTY_GROUP'], 1],
    ['no members', 'simple', [undefined], 1],
    ['no name', 'x', ['GROUP_ID_NOT_FOUND'], 1],
    ['another coordinator', 'simple', ['NOT_COORDINATOR'], 2],
  ])('of one with %s', (_, groupId, errors, node) => {
    const scene = new Scene();
    scene.stable(1);
    scene.commit('', -1, 5, { groupId: 'simple' });
    const { answer } = scene.ask(deleteGroupsApi, { groupsNames: [groupId, groupId] }, { node });
    expect(answer?.results.map(({ errorCode }) => nameOf(errorCode))).toEqual(errors);
    const gone = errors[0] === undefined;
    expect(scene.cluster.groups.get('simple') === undefined).toBe(gone);
    expect(scene.cluster.groups.committed('simple', 'orders', 0)).toBe(gone ? undefined : 5);
  });
});

describe('OffsetDelete', () => {
  const speaks = (...topics: readonly string[]) => ({
    range: encodeSubscription({ topics, userData: null, ownedPartitions: [], generationId: -1, rackId: null }),
  });

  function deleted(scene: Scene, groupId = 'g', partition = 0, node = 1): readonly (string | undefined)[] {
    const request = { groupId, topics: [{ name: 'orders', partitions: [{ partitionIndex: partition }] }] };
    const { answer } = scene.ask(offsetDeleteApi, request, { node });
    return [nameOf(answer?.errorCode), ...(answer?.topics ?? []).flatMap((each) => each.partitions.map((one) => nameOf(one.errorCode)))];
  }

  it('forgets', () => {
    const scene = new Scene();
    scene.commit('', -1, 5);
    expect(deleted(scene)).toEqual([undefined, undefined]);
    expect([scene.committed(), scene.cluster.groups.offsets.topicsOf('g')]).toEqual([-1, []]);
  });

  it.each<[string, (scene: Scene) => unknown, readonly (string | undefined)[]]>([
    ['a topic that members read', (scene) => scene.stable(1, { speaks: speaks('orders') }), [undefined, 'GROUP_SUBSCRIBED_TO_TOPIC']],
    ['another topic than members read', (scene) => scene.stable(1, { speaks: speaks('bills') }), [undefined, undefined]],
    ['members that are not understood', (scene) => scene.stable(1), [undefined, 'GROUP_SUBSCRIBED_TO_TOPIC']],
    ['members of another protocol', (scene) => scene.stable(1, { protocolType: 'connect' }), ['NON_EMPTY_GROUP']],
    ['no group', () => undefined, ['GROUP_ID_NOT_FOUND']],
  ])('with %s', (_, prepare, answer) => {
    const scene = new Scene();
    prepare(scene);
    expect(deleted(scene)).toEqual(answer);
  });

  it('of what is not there, or is elsewhere', () => {
    const scene = new Scene();
    scene.commit('', -1, 5);
    expect(deleted(scene, 'g', 9)).toEqual([undefined, 'UNKNOWN_TOPIC_OR_PARTITION']);
    expect(deleted(scene, '')).toEqual(['INVALID_GROUP_ID']);
    expect(deleted(scene, 'g', 0, 2)).toEqual(['NOT_COORDINATOR']);
  });
});
