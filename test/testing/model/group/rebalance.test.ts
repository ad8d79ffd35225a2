import { describe, expect, it } from 'vitest';
import { assigned, Scene, words } from './scene.ts';

describe('a rebalance', () => {
  it('ends as soon as all have joined', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2);
    const newcomer = scene.enter();
    const leader = scene.join({ memberId: a });
    expect([words(newcomer), words(leader)]).toEqual(['parked', 'parked']);
    const last = scene.join({ memberId: b });
    expect([words(newcomer), words(leader), words(last)]).toEqual(['3 led by c-1', '3 led by c-1, of c-1 c-2 c-3', '3 led by c-1']);
  });

  it('waits for those who were given an id, until their session ends', () => {
    const scene = new Scene();
    const [a = ''] = scene.stable(1);
    scene.join({ sessionTimeoutMs: 7_000 });
    const again = scene.join({ memberId: a });
    scene.after(6_999);
    expect(words(again)).toBe('parked');
    scene.after(1);
    expect(words(again)).toBe('2 led by c-1, of c-1');
    expect(words(scene.join({ memberId: 'c-2' }))).toBe('UNKNOWN_MEMBER_ID');
  });

  it('waits for each of those who were given an id', () => {
    const scene = new Scene();
    const [a = ''] = scene.stable(1);
    scene.join({ sessionTimeoutMs: 7_000 });
    scene.join({ sessionTimeoutMs: 9_000 });
    const again = scene.join({ memberId: a });
    scene.after(8_999);
    expect(words(again)).toBe('parked');
    const third = scene.join({ memberId: 'c-3' });
    expect([words(again), words(third)]).toEqual(['2 led by c-1, of c-1 c-3', '2 led by c-1']);
  });

  it('is none when an id that was given is forgotten', () => {
    const scene = new Scene();
    scene.join();
    scene.after(10_000);
    expect([scene.state, scene.cluster.groups.get('g')?.generation, words(scene.join({ memberId: 'c-1' }))]).toEqual([
      'Empty',
      0,
      'UNKNOWN_MEMBER_ID',
    ]);
  });

  it('goes on without those who do not come back within the longest rebalance timeout', () => {
    const scene = new Scene();
    const ids = scene.stable(1, { rebalanceTimeoutMs: 3_000, sessionTimeoutMs: 60_000 });
    const newcomer = scene.enter({ rebalanceTimeoutMs: 5_000, sessionTimeoutMs: 60_000 });
    scene.after(4_999);
    expect(words(newcomer)).toBe('parked');
    scene.after(1);
    expect(words(newcomer)).toBe('2 led by c-2, of c-2');
    expect(words(scene.join({ memberId: ids[0] ?? '' }))).toBe('UNKNOWN_MEMBER_ID');
  });

  it('counts the session as rebalance timeout in version 0', () => {
    const scene = new Scene();
    scene.join({ version: 0, sessionTimeoutMs: 20_000 });
    const newcomer = scene.join({ version: 0, sessionTimeoutMs: 6_000 });
    scene.after(19_999);
    expect(words(newcomer)).toBe('parked');
    scene.after(1);
    expect(words(newcomer)).toBe('2 led by c-2, of c-2');
  });

  it('keeps its leader, and is led by the first of the others when that went', () => {
    const scene = new Scene();
    const [a = '', b = '', c = ''] = scene.stable(3);
    const one = scene.join({ memberId: c });
    scene.leave(a);
    const two = scene.join({ memberId: b });
    expect([words(one), words(two)]).toEqual(['2 led by c-1', 'parked']);
    const three = scene.join({ memberId: c });
    expect([words(two), words(three)]).toEqual(['3 led by c-2, of c-2 c-3', '3 led by c-2']);
  });

  it('is told of to those who sync in the midst of it', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2);
    scene.join({ memberId: a });
    expect(assigned(scene.sync(b, 2))).toBe('REBALANCE_IN_PROGRESS');
  });

  it('takes the syncs away from those who wait for an assignment', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2);
    scene.join({ memberId: a });
    scene.join({ memberId: b });
    const sync = scene.sync(b, 3);
    expect(assigned(sync)).toBe('parked');
    scene.enter();
    expect(assigned(sync)).toBe('REBALANCE_IN_PROGRESS');
  });

  it('leaves the group empty, in its next generation, when all are gone', () => {
    const scene = new Scene();
    for (const id of scene.stable(2)) scene.leave(id);
    expect([scene.state, scene.cluster.groups.get('g')?.generation]).toEqual(['Empty', 3]);
    const { answer } = scene.enter();
    expect(answer?.generationId).toBe(4);
  });
});

describe('SyncGroup', () => {
  it('waits for the leader, and gives each its own', () => {
    const scene = new Scene();
    const [first, second, third] = [scene.enter(), scene.enter(), scene.enter()];
    scene.join({ memberId: first.id });
    const early = scene.sync(second.id, 2);
    expect(assigned(early)).toBe('parked');
    const leader = scene.sync(first.id, 2, { 'c-1': 'one', 'c-2': 'two' });
    expect([assigned(leader), assigned(early)]).toEqual(['one', 'two']);
    expect(leader.answer).toMatchObject({ protocolType: 'consumer', protocolName: 'range' });
    // The leader gave it nothing.
    expect(assigned(scene.sync(third.id, 2))).toBe('');
    expect(scene.state).toBe('Stable');
    expect(assigned(scene.sync(second.id, 2))).toBe('two');
  });

  it.each<[string, Parameters<Scene['sync']>[3] & { readonly generationId?: number; readonly memberId?: string }, string]>([
    ['another generation', { generationId: 1 }, 'ILLEGAL_GENERATION'],
    ['a later generation', { generationId: 3 }, 'ILLEGAL_GENERATION'],
    ['an unknown member', { memberId: 'x' }, 'UNKNOWN_MEMBER_ID'],
    ['an unknown instance', { groupInstanceId: 'x' }, 'UNKNOWN_MEMBER_ID'],
    ['an unknown group', { groupId: 'x' }, 'UNKNOWN_MEMBER_ID'],
    ['no group', { groupId: '' }, 'INVALID_GROUP_ID'],
    ['another protocol', { protocolName: 'sticky' }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['another protocol type', { protocolType: 'connect' }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['no protocol', { protocolName: null }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['no protocol type', { protocolType: null }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['another broker', { node: 2 }, 'NOT_COORDINATOR'],
    ['a scripted error', { refusal: () => 'COORDINATOR_NOT_AVAILABLE' }, 'COORDINATOR_NOT_AVAILABLE'],
    ['no protocol before version 5', { protocolName: null, protocolType: null, version: 4 }, 'c-2'],
  ])('with %s', (_, { memberId = 'c-2', generationId = 2, ...options }, answer) => {
    const scene = new Scene();
    scene.stable(2);
    expect(assigned(scene.sync(memberId, generationId, {}, options))).toBe(answer);
  });

  it('is missed for as long as the rebalance timeout: who has not synced by then is dropped', () => {
    const scene = new Scene();
    const [first, second] = [scene.enter({ rebalanceTimeoutMs: 4_000 }), scene.enter({ rebalanceTimeoutMs: 4_000 })];
    scene.join({ memberId: first.id, rebalanceTimeoutMs: 4_000 });
    scene.sync(first.id, 2);
    scene.after(3_999);
    expect(scene.members).toEqual([first.id, second.id]);
    scene.after(1);
    expect([scene.state, scene.members]).toEqual(['PreparingRebalance', [first.id]]);
  });

  it('of the leader is missed too', () => {
    const scene = new Scene();
    const [first, second] = [scene.enter({ rebalanceTimeoutMs: 4_000 }), scene.enter({ rebalanceTimeoutMs: 4_000 })];
    scene.join({ memberId: first.id, rebalanceTimeoutMs: 4_000 });
    const sync = scene.sync(second.id, 2);
    scene.after(4_000);
    expect([scene.state, scene.members, assigned(sync)]).toEqual(['PreparingRebalance', [second.id], 'REBALANCE_IN_PROGRESS']);
  });

  it('is not missed of those who have gone', () => {
    const scene = new Scene();
    const patient = { rebalanceTimeoutMs: 4_000, sessionTimeoutMs: 60_000 };
    const [first, second] = [scene.enter(patient), scene.enter(patient)];
    scene.join({ memberId: first.id, ...patient });
    scene.leave(second.id);
    scene.join({ memberId: first.id, ...patient });
    scene.sync(first.id, 3);
    scene.after(30_000);
    expect([scene.state, scene.members]).toEqual(['Stable', [first.id]]);
  });

  it('is not missed any more when all have synced', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2, { rebalanceTimeoutMs: 4_000, sessionTimeoutMs: 60_000 });
    scene.after(30_000);
    expect([scene.state, scene.members]).toEqual(['Stable', [a, b]]);
  });
});
