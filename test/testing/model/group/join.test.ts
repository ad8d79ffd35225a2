import { describe, expect, it } from 'vitest';
import { errorOf, Scene, words, type JoinOptions } from './scene.ts';

describe('JoinGroup', () => {
  it('gives an id first, which then joins (KIP-394)', () => {
    const scene = new Scene();
    const asked = scene.join();
    expect(errorOf(asked)).toBe('MEMBER_ID_REQUIRED');
    expect(asked.answer).toMatchObject({ memberId: 'c-1', generationId: -1, protocolName: null, leader: '', skipAssignment: false });
    expect(scene.state).toBe('Empty');
    expect(words(scene.join({ memberId: 'c-1' }))).toBe('1 led by c-1, of c-1');
    expect(scene.state).toBe('CompletingRebalance');
  });

  it.each<[string, JoinOptions]>([
    ['version 3', { version: 3 }],
    ['version 0', { version: 0 }],
    ['a static member', { groupInstanceId: 'c' }],
  ])('joins at once in or as %s', (_, options) => {
    expect(words(new Scene().join(options))).toBe('1 led by c-1, of c-1');
  });

  it.each<[string, JoinOptions, string | undefined, string]>([
    ['an unknown id of an unknown group', { memberId: 'x' }, 'UNKNOWN_MEMBER_ID', 'x'],
    ['an empty group id', { groupId: '', memberId: 'x' }, 'INVALID_GROUP_ID', 'x'],
    ['a session that is too short', { sessionTimeoutMs: 5_999, memberId: 'x' }, 'INVALID_SESSION_TIMEOUT', 'x'],
    ['the shortest session', { sessionTimeoutMs: 6_000 }, 'MEMBER_ID_REQUIRED', 'c-1'],
    ['the longest session', { sessionTimeoutMs: 1_800_000 }, 'MEMBER_ID_REQUIRED', 'c-1'],
    ['a session that is too long', { sessionTimeoutMs: 1_800_001 }, 'INVALID_SESSION_TIMEOUT', ''],
    ['no id in version 4', { version: 4 }, 'MEMBER_ID_REQUIRED', 'c-1'],
    ['another broker', { node: 2 }, 'NOT_COORDINATOR', ''],
    ['a bad session at another broker', { node: 2, sessionTimeoutMs: 1 }, 'INVALID_SESSION_TIMEOUT', ''],
    ['no protocol at all', { speaks: {} }, 'INCONSISTENT_GROUP_PROTOCOL', ''],
    ['no protocol type', { protocolType: '' }, 'INCONSISTENT_GROUP_PROTOCOL', ''],
    ['a scripted error', { refusal: () => 'COORDINATOR_LOAD_IN_PROGRESS' }, 'COORDINATOR_LOAD_IN_PROGRESS', ''],
  ])('with %s', (_, options, error, memberId) => {
    const sent = new Scene().join(options);
    expect([errorOf(sent), sent.answer?.memberId, sent.answer?.generationId]).toEqual([error, memberId, -1]);
  });

  it.each<[string, JoinOptions]>([
    ['protocols that not all speak', { speaks: { cooperative: 'm' } }],
    ['another protocol type', { protocolType: 'connect' }],
  ])('refuses %s in a group that has members', (_, options) => {
    const scene = new Scene();
    scene.stable(1);
    expect(words(scene.join(options))).toBe('INCONSISTENT_GROUP_PROTOCOL');
    expect(scene.state).toBe('Stable');
  });

  it('refuses a scripted join without letting it in', () => {
    const scene = new Scene();
    const [a = ''] = scene.stable(1);
    expect(words(scene.join({ memberId: a, refusal: () => 'UNKNOWN_SERVER_ERROR' }))).toBe('UNKNOWN_SERVER_ERROR');
    expect(scene.state).toBe('Stable');
  });

  it('of an instance with an id that was given to another is more than a broker can take', () => {
    const scene = new Scene();
    scene.join();
    expect(words(scene.join({ memberId: 'c-1', groupInstanceId: 'a' }))).toBe('UNKNOWN_SERVER_ERROR');
  });

  it('takes over the times of the last request', () => {
    const scene = new Scene();
    const [a = '', b = ''] = scene.stable(2);
    const times = { sessionTimeoutMs: 20_000, rebalanceTimeoutMs: 90_000 };
    const joined = scene.join({ memberId: a, ...times });
    for (let beats = 0; beats < 9; beats++) scene.after(9_999).beat(b, 2);
    scene.after(8);
    expect(words(joined)).toBe('parked');
    scene.after(1);
    expect(words(joined)).toBe('3 led by c-1, of c-1');
    scene.after(19_999);
    expect(scene.members).toEqual([a]);
    scene.after(1);
    expect(scene.members).toEqual([]);
  });

  it.each<[number, string | null]>([
    [6, ''],
    [7, null],
  ])('names no protocol in version %i as %j', (version, name) => {
    expect(new Scene().join({ version }).answer?.protocolName).toBe(name);
  });

  it('tells protocol and members to the leader, and no members to the others', () => {
    const scene = new Scene();
    const first = scene.enter({ speaks: { range: 'one', roundrobin: 's' } });
    const second = scene.enter({ speaks: { roundrobin: 's', range: 'two' } });
    const again = scene.join({ memberId: first.id, speaks: { range: 'one', roundrobin: 's' } });
    expect(again.answer).toMatchObject({
      generationId: 2,
      protocolType: 'consumer',
      protocolName: 'range',
      leader: 'c-1',
      memberId: 'c-1',
    });
    expect(again.answer?.members.map(({ memberId, metadata }) => `${memberId} ${String(metadata)}`)).toEqual(['c-1 one', 'c-2 two']);
    expect(second.answer).toMatchObject({ generationId: 2, protocolName: 'range', leader: 'c-1', memberId: 'c-2', members: [] });
  });

  describe('of a member', () => {
    it.each<[string, 0 | 1, JoinOptions, string, string]>([
      ['a follower with nothing new is told of its generation', 1, {}, '2 led by c-1', 'Stable'],
      ['a follower with other metadata wants a rebalance', 1, { speaks: { range: 'new' } }, 'parked', 'PreparingRebalance'],
      ['a leader wants a rebalance whatever it brings', 0, {}, 'parked', 'PreparingRebalance'],
    ])('of a stable group: %s', (_, which, options, answer, state) => {
      const scene = new Scene();
      const ids = scene.stable(2);
      expect(words(scene.join({ memberId: ids[which] ?? '', ...options }))).toBe(answer);
      expect(scene.state).toBe(state);
    });

    it.each<[string, 0 | 1, JoinOptions, string, string]>([
      ['a follower is told of its generation', 1, {}, '2 led by c-1', 'CompletingRebalance'],
      ['the leader is told of it with the members', 0, {}, '2 led by c-1, of c-1 c-2', 'CompletingRebalance'],
      ['with other metadata it wants a rebalance', 1, { speaks: { range: 'new' } }, 'parked', 'PreparingRebalance'],
    ])('of one that waits for its assignment: %s', (_, which, options, answer, state) => {
      const scene = new Scene();
      const [first, second] = [scene.enter(), scene.enter()];
      scene.join({ memberId: first.id });
      expect(words(scene.join({ memberId: [first, second][which]?.id ?? '', ...options }))).toBe(answer);
      expect(scene.state).toBe(state);
    });

    it('that tries again in the midst of a rebalance: the later request is answered', () => {
      const scene = new Scene();
      const [a = '', b = ''] = scene.stable(2);
      const [one, two] = [scene.join({ memberId: a }), scene.join({ memberId: a })];
      scene.join({ memberId: b });
      expect([words(one), words(two)]).toEqual(['parked', '3 led by c-1, of c-1 c-2']);
    });
  });
});

describe('a first rebalance', () => {
  const rebalanceTimeoutMs = 10_000;

  function firstOf(): Scene {
    return new Scene({ groupInitialRebalanceDelay: 3_000 });
  }

  it('waits for others, as long as is set', () => {
    const scene = firstOf();
    const first = scene.enter({ rebalanceTimeoutMs });
    scene.after(2_999);
    expect(scene.state).toBe('PreparingRebalance');
    scene.after(1);
    expect(words(first)).toBe('1 led by c-1, of c-1');
  });

  it('waits on when one came, up to the rebalance timeout', () => {
    const scene = firstOf();
    const first = scene.enter({ rebalanceTimeoutMs });
    // The delay ends at 3, 6, 9 and 10 s if somebody comes before each.
    for (const _ of [1, 2, 3]) {
      scene.after(2_999);
      scene.enter({ rebalanceTimeoutMs });
      scene.after(1);
      expect(words(first)).toBe('parked');
    }
    scene.after(999);
    expect(words(first)).toBe('parked');
    scene.after(1);
    expect(words(first)).toBe('1 led by c-1, of c-1 c-2 c-3 c-4');
  });

  it('waits no longer when nobody came in the last delay', () => {
    const scene = firstOf();
    const first = scene.enter({ rebalanceTimeoutMs });
    scene.after(1_000).enter({ rebalanceTimeoutMs });
    scene.after(4_999);
    expect(words(first)).toBe('parked');
    scene.after(1);
    expect(words(first)).toBe('1 led by c-1, of c-1 c-2');
  });

  it('is no first one when the group has members', () => {
    const scene = firstOf();
    const first = scene.enter();
    scene.after(3_000);
    const second = scene.enter();
    expect([words(first), words(second)]).toEqual(['1 led by c-1, of c-1', 'parked']);
    scene.join({ memberId: first.id });
    expect(words(second)).toBe('2 led by c-1');
  });
});
