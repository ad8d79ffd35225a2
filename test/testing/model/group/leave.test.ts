import { describe, expect, it } from 'vitest';
import { kafkaErrorOf } from '../../../../src/errors/table.ts';
import { leaveGroupApi } from '../../../../src/protocol/apis/leaveGroup.ts';
import { Scene, words } from './scene.ts';

function leaving(
  scene: Scene,
  version: number,
  members: readonly (readonly [string, (string | null)?])[],
  groupId = 'g',
  node = 1,
): readonly string[] {
  const identities = members.map(([memberId, groupInstanceId = null]) => ({ memberId, groupInstanceId, reason: null }));
  const request = { groupId, memberId: members[0]?.[0] ?? '', members: identities };
  const { answer } = scene.ask(leaveGroupApi, request, { version, node });
  const codes = [answer?.errorCode ?? NaN, ...(answer?.members ?? []).map(({ errorCode }) => errorCode)];
  return codes.map((code) => kafkaErrorOf(code).name);
}

describe('LeaveGroup', () => {
  it.each<[number, string, readonly string[]]>([
    [0, 'c-2', ['NONE']],
    [2, 'c-2', ['NONE']],
    [3, 'c-2', ['NONE', 'NONE']],
    [5, 'c-2', ['NONE', 'NONE']],
    [0, 'x', ['UNKNOWN_MEMBER_ID']],
    [2, 'x', ['UNKNOWN_MEMBER_ID']],
    [3, 'x', ['NONE', 'UNKNOWN_MEMBER_ID']],
    [5, '', ['NONE', 'UNKNOWN_MEMBER_ID']],
  ])('version %i of %j: %j', (version, id, answer) => {
    const scene = new Scene();
    scene.stable(2);
    expect(leaving(scene, version, [[id]])).toEqual(answer);
    expect(scene.members.includes('c-2')).toBe(id !== 'c-2');
    expect(scene.state).toBe(id === 'c-2' ? 'PreparingRebalance' : 'Stable');
  });

  it.each<[string, number, string, number, readonly string[]]>([
    ['an unknown group', 2, 'x', 1, ['UNKNOWN_MEMBER_ID']],
    ['an unknown group', 3, 'x', 1, ['NONE', 'UNKNOWN_MEMBER_ID']],
    ['no group', 3, '', 1, ['INVALID_GROUP_ID']],
    ['another broker', 2, 'g', 2, ['NOT_COORDINATOR']],
    ['another broker', 5, 'g', 2, ['NOT_COORDINATOR']],
  ])('to %s in version %i', (_, version, groupId, node, answer) => {
    const scene = new Scene();
    scene.stable(1);
    expect(leaving(scene, version, [['c-1']], groupId, node)).toEqual(answer);
    expect(scene.members).toEqual(['c-1']);
  });

  it('tells of each of several', () => {
    const scene = new Scene();
    scene.stable(3);
    expect(leaving(scene, 4, [['c-1'], ['x'], ['c-3']])).toEqual(['NONE', 'NONE', 'UNKNOWN_MEMBER_ID', 'NONE']);
    expect(scene.members).toEqual(['c-2']);
  });

  it('of a static member by its instance alone', () => {
    const scene = new Scene();
    scene.join({ groupInstanceId: 'a' });
    expect(leaving(scene, 3, [['', 'b']])).toEqual(['NONE', 'UNKNOWN_MEMBER_ID']);
    expect(leaving(scene, 3, [['', 'a']])).toEqual(['NONE', 'NONE']);
    expect(scene.state).toBe('Empty');
  });

  it('of one whose JoinGroup is parked answers that', () => {
    const scene = new Scene();
    scene.stable(1);
    const newcomer = scene.enter();
    scene.leave(newcomer.id);
    expect(words(newcomer)).toBe('UNKNOWN_MEMBER_ID');
  });

  it('completes the joins of the others', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2);
    const joined = scene.join({ memberId: a });
    scene.leave(b);
    expect(words(joined)).toBe('3 led by c-1, of c-1');
  });

  it('of one who was given an id completes them too', () => {
    const scene = new Scene();
    const [a = ''] = scene.stable(1);
    scene.join();
    const joined = scene.join({ memberId: a });
    expect(leaving(scene, 5, [['c-2']])).toEqual(['NONE', 'NONE']);
    expect(words(joined)).toBe('2 led by c-1, of c-1');
  });

  it('while the assignment is made makes the others join again', () => {
    const scene = new Scene();
    const [first, second] = [scene.enter(), scene.enter()];
    scene.join({ memberId: first.id });
    scene.leave(second.id);
    expect(scene.beat(first.id, 2)).toBe('REBALANCE_IN_PROGRESS');
  });
});
