import { describe, expect, it } from 'vitest';
import { findCoordinatorApi, type FindCoordinatorResponse } from '../../../../src/protocol/apis/findCoordinator.ts';
import { brokerDown, brokerUp } from '../../../../src/testing/model/leadership.ts';
import { assigned, nameOf, Scene, words } from './scene.ts';

function find(
  scene: Scene,
  version: number,
  keyType = 0,
  refusal: () => string | undefined = () => undefined,
): FindCoordinatorResponse | undefined {
  return scene.ask(findCoordinatorApi, { key: 'g', keyType, coordinatorKeys: ['g', 'h'] }, { version, node: 2, refusal }).answer;
}

describe('FindCoordinator', () => {
  it.each([0, 1, 2, 3])('in version %i tells of one', (version) => {
    expect(find(new Scene(), version)).toMatchObject({ errorCode: 0, nodeId: 1, host: 'b1', port: 9_092, coordinators: [] });
  });

  it.each([4, 5, 6])('in version %i tells of each', (version) => {
    const found = { nodeId: 1, host: 'b1', port: 9_092, errorCode: 0, errorMessage: '' };
    expect(find(new Scene(), version)?.coordinators).toEqual([
      { key: 'g', ...found },
      { key: 'h', ...found },
    ]);
  });

  it.each<[string, (scene: Scene) => unknown, number, string | undefined, string]>([
    ['nobody coordinates', (scene) => (scene.cluster.coordinator = -1), 0, undefined, 'COORDINATOR_NOT_AVAILABLE'],
    ['a share group', () => undefined, 2, undefined, 'INVALID_REQUEST'],
    ['a scripted error', () => undefined, 0, 'GROUP_AUTHORIZATION_FAILED', 'GROUP_AUTHORIZATION_FAILED'],
  ])('of %s', (_, prepare, keyType, refusal, error) => {
    const scene = new Scene();
    prepare(scene);
    const old = find(scene, 3, keyType, () => refusal);
    expect([nameOf(old?.errorCode), old?.nodeId, old?.host, old?.port]).toEqual([error, -1, '', -1]);
    const found = find(scene, 4, keyType, () => refusal)?.coordinators.map(({ errorCode, nodeId }) => [nameOf(errorCode), nodeId]);
    expect(found).toEqual([
      [error, -1],
      [error, -1],
    ]);
  });

  it('says what is wrong in versions 1 to 3', () => {
    const scene = new Scene();
    scene.cluster.coordinator = -1;
    expect([find(scene, 1)?.errorMessage, find(scene, 4)?.coordinators[0]?.errorMessage]).toEqual([
      'The coordinator is not available.',
      '',
    ]);
  });

  it('of a transaction', () => {
    expect(find(new Scene(), 3, 1)).toMatchObject({ errorCode: 0, nodeId: 1 });
  });
});

describe('a coordinator that moves', () => {
  function moved(scene: Scene, node = 2): Scene {
    scene.cluster.coordinator = node;
    return scene.after(0);
  }

  it('is asked where it is now', () => {
    const scene = new Scene();
    scene.stable(1);
    moved(scene);
    expect([scene.beat('c-1', 1), scene.beat('c-1', 1, null, 'g', { node: 2 })]).toEqual(['NOT_COORDINATOR', undefined]);
  });

  it('knows members, assignments and offsets of the last generation', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2);
    scene.commit(a, 2, 5);
    moved(scene);
    expect([scene.state, scene.members]).toEqual(['Stable', [a, b]]);
    expect(assigned(scene.sync(b, 2, {}, { node: 2 }))).toBe(b);
    expect(words(scene.join({ memberId: b, node: 2 }))).toBe('2 led by c-1');
    expect(scene.cluster.groups.committed('g', 'orders', 0)).toBe(5);
  });

  it('lets sessions begin anew', () => {
    const scene = new Scene();
    const [a = ''] = scene.stable(1);
    moved(scene.after(9_000));
    scene.after(9_999);
    expect(scene.members).toEqual([a]);
    scene.after(1);
    expect(scene.members).toEqual([]);
  });

  it('sends away those who are parked, and knows nothing of their rebalance', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2);
    const [newcomer, again] = [scene.enter(), scene.join({ memberId: a })];
    moved(scene);
    expect([words(newcomer), words(again)]).toEqual(['NOT_COORDINATOR', 'NOT_COORDINATOR']);
    expect([scene.state, scene.members, scene.cluster.groups.get('g')?.generation]).toEqual(['Stable', [a, b], 2]);
    expect(words(scene.join({ memberId: newcomer.id, node: 2 }))).toBe('UNKNOWN_MEMBER_ID');
  });

  it('knows nothing of a generation that had no assignment', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2);
    scene.join({ memberId: a });
    scene.join({ memberId: b });
    const sync = scene.sync(b, 3);
    moved(scene);
    expect(assigned(sync)).toBe('NOT_COORDINATOR');
    expect([scene.beat(b, 3, null, 'g', { node: 2 }), scene.beat(b, 2, null, 'g', { node: 2 })]).toEqual(['ILLEGAL_GENERATION', undefined]);
  });

  it('knows of an empty group that it is empty, and which generation was the last', () => {
    const scene = new Scene();
    for (const id of scene.stable(1)) scene.leave(id);
    moved(scene);
    const [entered] = [scene.join({ version: 3, node: 2 })];
    expect(words(entered)).toBe('3 led by c-2, of c-2');
  });

  it('knows under which id a static member came back', () => {
    const scene = new Scene();
    const id = scene.join({ groupInstanceId: 'a' }).answer?.memberId ?? '';
    scene.sync(id, 1, { [id]: 'mine' });
    const back = scene.join({ groupInstanceId: 'a' }).answer?.memberId ?? '';
    moved(scene);
    expect(scene.beat(id, 1, 'a', 'g', { node: 2 })).toBe('FENCED_INSTANCE_ID');
    expect(assigned(scene.sync(back, 1, {}, { node: 2 }))).toBe('mine');
  });

  it('to nowhere lets nothing run out, and answers nobody', () => {
    const scene = new Scene();
    const [a = ''] = scene.stable(1);
    moved(scene, -1);
    expect([scene.cluster.due, scene.beat(a, 1), scene.beat(a, 1, null, 'g', { node: 2 })]).toEqual([
      Infinity,
      'NOT_COORDINATOR',
      'NOT_COORDINATOR',
    ]);
    scene.after(100_000);
    moved(scene, 1);
    scene.after(9_999);
    expect(scene.beat(a, 1)).toBeUndefined();
  });

  it('is due at once, and answers those who are parked at the old place before', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2);
    for (const memberId of [a, b]) scene.join({ memberId });
    const sync = scene.sync(b, 3);
    expect(assigned(sync)).toBe('parked');
    scene.cluster.coordinator = 2;
    scene.cluster.changed();
    expect([scene.cluster.due, assigned(sync)]).toEqual([0, 'NOT_COORDINATOR']);
  });

  it('sends joins away as well', () => {
    const scene = new Scene();
    scene.stable(1);
    const newcomer = scene.enter();
    scene.cluster.coordinator = 2;
    scene.cluster.changed();
    expect(words(newcomer)).toBe('NOT_COORDINATOR');
  });

  it('lets nobody wait on who was parked when it moves away and back', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2);
    scene.join({ memberId: a });
    scene.join({ memberId: b });
    const sync = scene.sync(b, 3);
    const newcomer = new Scene();
    newcomer.stable(1);
    const joined = newcomer.enter();
    const before = newcomer.cluster.groups.get('g');
    for (const each of [scene, newcomer]) {
      moved(each);
      moved(each, 1);
    }
    expect([assigned(sync), words(joined), before?.state.kind]).toEqual(['NOT_COORDINATOR', 'NOT_COORDINATOR', 'Dead']);
  });

  it('keeps those who join at the new place, as long as they are parked', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2);
    moved(scene);
    const joined = scene.join({ memberId: a, node: 2 });
    for (let beats = 0; beats < 3; beats++) scene.after(9_000).beat(b, 2, null, 'g', { node: 2 });
    expect([scene.members, words(joined)]).toEqual([[a, b], 'parked']);
  });

  it('has nothing to do before there are groups', () => {
    expect(new Scene().cluster.due).toBe(Infinity);
  });

  it('when its broker dies', () => {
    const scene = new Scene();
    const [a = ''] = scene.stable(1);
    brokerDown(scene.cluster, 1);
    expect(scene.beat(a, 1, null, 'g', { node: 2 })).toBeUndefined();
    brokerDown(scene.cluster, 2);
    brokerUp(scene.cluster, 1);
    expect(scene.beat(a, 1)).toBeUndefined();
  });
});

describe('an eviction', () => {
  it.each<[string, (scene: Scene, ids: readonly string[]) => unknown]>([
    ['Stable', () => undefined],
    ['PreparingRebalance', (scene, [a = '']) => scene.join({ memberId: a })],
    ['CompletingRebalance', (scene, ids) => ids.map((memberId) => scene.join({ memberId }))],
  ])('in state %s leaves the group without members, and with its offsets', (state, prepare) => {
    const scene = new Scene();
    const ids = scene.stable(2);
    scene.commit('c-1', 2, 5);
    prepare(scene, ids);
    expect(scene.state).toBe(state);
    scene.cluster.groups.evict('g');
    expect([scene.state, scene.members, scene.committed()]).toEqual(['Empty', [], 5]);
    expect(scene.beat('c-1', scene.cluster.groups.get('g')?.generation ?? 0)).toBe('UNKNOWN_MEMBER_ID');
    expect(words(scene.join({ memberId: 'c-1' }))).toBe('UNKNOWN_MEMBER_ID');
  });

  it('answers those who are parked', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2);
    const joined = scene.join({ memberId: a });
    scene.cluster.groups.evict();
    expect(words(joined)).toBe('UNKNOWN_MEMBER_ID');
    const again = scene.stable(2);
    const generation = scene.cluster.groups.get('g')?.generation ?? 0;
    for (const memberId of again) scene.join({ memberId });
    const sync = scene.sync(again[1] ?? '', generation + 1);
    scene.cluster.groups.evict();
    expect([assigned(sync), b]).toEqual(['UNKNOWN_MEMBER_ID', 'c-2']);
  });

  it('forgets ids that were given', () => {
    const scene = new Scene();
    const [a = ''] = scene.stable(1);
    scene.join();
    scene.cluster.groups.evict();
    expect([words(scene.join({ memberId: 'c-2' })), a, scene.state]).toEqual(['UNKNOWN_MEMBER_ID', 'c-1', 'Empty']);
  });

  it('of another group changes nothing', () => {
    const scene = new Scene();
    scene.stable(1);
    scene.cluster.groups.evict('other');
    expect(scene.state).toBe('Stable');
  });
});

describe('a rebalance that somebody wants', () => {
  it.each<[string, (scene: Scene, ids: readonly string[]) => unknown, string | undefined, string]>([
    ['Stable', () => undefined, 'g', 'PreparingRebalance'],
    ['Stable', () => undefined, undefined, 'PreparingRebalance'],
    ['Stable', () => undefined, 'other', 'Stable'],
    ['CompletingRebalance', (scene, ids) => ids.map((memberId) => scene.join({ memberId })), 'g', 'PreparingRebalance'],
    ['Empty', (scene, ids) => ids.map((id) => scene.leave(id)), 'g', 'Empty'],
  ])('in state %s, of %3$s: %4$s', (from, prepare, groupId, to) => {
    const scene = new Scene();
    prepare(scene, scene.stable(2));
    expect(scene.state).toBe(from);
    scene.cluster.groups.rebalance(0, groupId);
    expect(scene.state).toBe(to);
  });

  it('is told to those who wait for their assignment', () => {
    const scene = new Scene();
    const ids = scene.stable(2);
    for (const memberId of ids) scene.join({ memberId });
    const sync = scene.sync('c-2', 3);
    expect(assigned(sync)).toBe('parked');
    scene.cluster.groups.rebalance(0);
    expect(assigned(sync)).toBe('REBALANCE_IN_PROGRESS');
  });

  it('leaves one alone that goes on', () => {
    const scene = new Scene();
    const [a = ''] = scene.stable(2);
    const joined = scene.join({ memberId: a });
    scene.after(1_000).cluster.groups.rebalance(1_000);
    scene.leave('c-2');
    expect(words(joined)).toBe('3 led by c-1, of c-1');
  });
});
