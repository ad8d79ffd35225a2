import { describe, expect, it } from 'vitest';
import { assigned, Scene, words } from './scene.ts';

describe('Heartbeat', () => {
  it.each<[string, readonly [string, number, (string | null)?, string?], string | undefined]>([
    ['of a member', ['c-1', 2], undefined],
    ['of a generation before', ['c-1', 1], 'ILLEGAL_GENERATION'],
    ['of a stranger', ['x', 2], 'UNKNOWN_MEMBER_ID'],
    ['of a stranger of a generation before', ['x', 1], 'UNKNOWN_MEMBER_ID'],
    ['of an unknown instance', ['c-1', 2, 'x'], 'UNKNOWN_MEMBER_ID'],
    ['to an unknown group', ['c-1', 2, null, 'x'], 'UNKNOWN_MEMBER_ID'],
    ['to no group', ['c-1', 2, null, ''], 'INVALID_GROUP_ID'],
  ])('%s', (_, beat, error) => {
    const scene = new Scene();
    scene.stable(2);
    expect(scene.beat(...beat)).toBe(error);
  });

  it('at another broker, and a scripted one', () => {
    const scene = new Scene();
    scene.stable(1);
    expect(scene.beat('c-1', 1, null, 'g', { node: 2 })).toBe('NOT_COORDINATOR');
    expect(scene.beat('c-1', 1, null, 'g', { refusal: () => 'REBALANCE_IN_PROGRESS' })).toBe('REBALANCE_IN_PROGRESS');
  });

  it('is told of a rebalance until it is over, and not while the assignment is made', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2);
    scene.join({ memberId: a });
    expect(scene.beat(b, 2)).toBe('REBALANCE_IN_PROGRESS');
    scene.join({ memberId: b });
    expect([scene.state, scene.beat(b, 3), scene.beat(b, 2)]).toEqual(['CompletingRebalance', undefined, 'ILLEGAL_GENERATION']);
  });

  it('of one who was given an id and did not join', () => {
    const scene = new Scene();
    expect(scene.beat(scene.join().answer?.memberId ?? '', 0)).toBe('UNKNOWN_MEMBER_ID');
  });
});

describe('the session of a member', () => {
  const silent = (scene: Scene) => scene.after(9_999);

  it.each<[string, (scene: Scene, id: string) => unknown]>([
    ['a heartbeat', (scene, id) => scene.beat(id, 1)],
    ['a commit', (scene, id) => scene.commit(id, 1, 5)],
  ])('begins anew with %s', (_, act) => {
    const scene = new Scene();
    const [id = ''] = scene.stable(1);
    act(silent(scene), id);
    silent(scene);
    expect(scene.members).toEqual([id]);
    scene.after(1);
    expect([scene.state, scene.members, scene.beat(id, 1)]).toEqual(['Empty', [], 'UNKNOWN_MEMBER_ID']);
  });

  it.each<[string, (scene: Scene, id: string) => unknown]>([
    ['a heartbeat of another generation', (scene, id) => scene.beat(id, 0)],
    ['a heartbeat at another broker', (scene, id) => scene.beat(id, 1, null, 'g', { node: 2 })],
    ['a commit of another generation', (scene, id) => scene.commit(id, 0, 5)],
    ['an offset fetch', (scene) => scene.committed()],
  ])('does not begin anew with %s', (_, act) => {
    const scene = new Scene();
    const [id = ''] = scene.stable(1);
    act(silent(scene), id);
    scene.after(1);
    expect(scene.members).toEqual([]);
  });

  it('begins when the group has joined, and anew with the assignment', () => {
    const scene = new Scene();
    const { id } = scene.enter();
    silent(scene);
    scene.sync(id, 1);
    silent(scene);
    expect(scene.members).toEqual([id]);
    scene.after(1);
    expect(scene.members).toEqual([]);
  });

  it('goes on during a rebalance, with heartbeats', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2);
    const joined = scene.join({ memberId: a });
    silent(scene);
    expect(scene.beat(b, 2)).toBe('REBALANCE_IN_PROGRESS');
    silent(scene);
    expect([scene.members, words(joined)]).toEqual([[a, b], 'parked']);
    scene.after(1);
    expect([scene.members, words(joined)]).toEqual([[a], '3 led by c-1, of c-1']);
  });

  it('does not end while its JoinGroup is parked', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2);
    const joined = scene.join({ memberId: a });
    for (let beats = 0; beats < 5; beats++) scene.after(9_000).beat(b, 2);
    expect([scene.members, words(joined)]).toEqual([[a, b], 'parked']);
    scene.join({ memberId: b });
    expect(words(joined)).toBe('3 led by c-1, of c-1 c-2');
    scene.after(9_999);
    expect(scene.members).toEqual([a, b]);
  });

  it('does not end while its SyncGroup is parked', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2);
    scene.join({ memberId: a });
    scene.join({ memberId: b });
    const sync = scene.sync(b, 3);
    for (let beats = 0; beats < 3; beats++) scene.after(9_000).beat(a, 3);
    expect([scene.members, assigned(sync)]).toEqual([[a, b], 'parked']);
    scene.sync(a, 3, { [b]: 'mine' });
    expect(assigned(sync)).toBe('mine');
    scene.after(9_999);
    expect(scene.members).toContain(b);
  });

  it('ends after five minutes for a new member whose first JoinGroup is parked', () => {
    const scene = new Scene();
    const patient = { rebalanceTimeoutMs: 900_000, sessionTimeoutMs: 900_000 };
    scene.stable(1, patient);
    const newcomer = scene.enter(patient);
    scene.after(299_999);
    expect(words(newcomer)).toBe('parked');
    scene.after(1);
    expect(words(newcomer)).toBe('UNKNOWN_MEMBER_ID');
    expect(scene.members).toEqual(['c-1']);
  });

  it('of one makes the others rebalance', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2);
    scene.after(5_000).beat(a, 2);
    scene.after(5_000);
    expect([scene.state, scene.members, scene.beat(a, 2), scene.beat(b, 2)]).toEqual([
      'PreparingRebalance',
      [a],
      'REBALANCE_IN_PROGRESS',
      'UNKNOWN_MEMBER_ID',
    ]);
  });

  it('that ends while the assignment is made makes the others rebalance', () => {
    const scene = new Scene();
    const [first, second] = [scene.enter(), scene.enter()];
    scene.join({ memberId: first.id });
    scene.after(5_000).beat(first.id, 2);
    scene.after(5_000);
    expect([scene.state, scene.members, scene.beat(second.id, 2)]).toEqual(['PreparingRebalance', [first.id], 'UNKNOWN_MEMBER_ID']);
  });

  it('is over at its time though nobody looks until later', () => {
    const scene = new Scene();
    const [a = ''] = scene.stable(1);
    const newcomer = scene.enter();
    scene.cluster.tick((scene.now = 19_000));
    expect([scene.members, words(newcomer), scene.beat(a, 1)]).toEqual([['c-2'], '2 led by c-2, of c-2', 'UNKNOWN_MEMBER_ID']);
    // The newcomer's session began when the other's ended, not when that was noticed.
    expect(scene.cluster.due).toBe(20_000);
  });

  it('that has ended is noticed by a request too', () => {
    const scene = new Scene();
    const [a = ''] = scene.stable(1);
    scene.now = 10_000;
    expect(scene.beat(a, 1)).toBe('UNKNOWN_MEMBER_ID');
  });
});
