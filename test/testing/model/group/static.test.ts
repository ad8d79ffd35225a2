import { describe, expect, it } from 'vitest';
import { assigned, errorOf, Scene, words } from './scene.ts';

/** A stable group of two static members, `a` (who leads) and `b`, with their ids. */
function pair(scene: Scene): readonly [string, string] {
  const a = scene.join({ groupInstanceId: 'a' }).answer?.memberId ?? '';
  const b = scene.join({ groupInstanceId: 'b' });
  scene.join({ groupInstanceId: 'a', memberId: a });
  const id = b.answer?.memberId ?? '';
  scene.sync(a, 2, { [a]: 'of a', [id]: 'of b' }, { groupInstanceId: 'a' });
  scene.sync(id, 2, {}, { groupInstanceId: 'b' });
  return [a, id];
}

describe('a static member (KIP-345)', () => {
  it.each<[number, 'a' | 'b', string, readonly string[]]>([
    [9, 'b', '2 led by a-1', []],
    [9, 'a', '2 led by a-3, of b-2 a-3, not to assign', []],
    [8, 'b', '2 led by a-1', []],
    [8, 'a', '2 led by a-1', []],
    [5, 'b', '2 led by a-1', []],
    [5, 'a', '2 led by a-1', []],
  ])('comes back in version %i as %s without a rebalance: %s', (version, groupInstanceId, answer) => {
    const scene = new Scene();
    pair(scene);
    const back = scene.join({ version, groupInstanceId });
    expect([words(back), scene.state]).toEqual([answer, 'Stable']);
    const id = back.answer?.memberId ?? '';
    expect(id).toBe(`${groupInstanceId}-3`);
    expect(assigned(scene.sync(id, 2, {}, { groupInstanceId }))).toBe(`of ${groupInstanceId}`);
  });

  it('that was replaced is fenced, whatever it asks for', () => {
    const scene = new Scene();
    const [, b] = pair(scene);
    scene.join({ groupInstanceId: 'b' });
    expect(scene.beat(b, 2, 'b')).toBe('FENCED_INSTANCE_ID');
    expect(assigned(scene.sync(b, 2, {}, { groupInstanceId: 'b' }))).toBe('FENCED_INSTANCE_ID');
    expect(errorOf(scene.join({ memberId: b, groupInstanceId: 'b' }))).toBe('FENCED_INSTANCE_ID');
    expect(scene.commit(b, 2, 1, { groupInstanceId: 'b' })).toBe('FENCED_INSTANCE_ID');
    expect(scene.leave(b, 'b')?.members[0]?.errorCode).toBe(82);
    // One that does not say of which instance it is, is unknown.
    expect(scene.beat(b, 2)).toBe('UNKNOWN_MEMBER_ID');
  });

  it('comes back with other metadata: no rebalance as long as the chosen protocol stays', () => {
    const scene = new Scene();
    pair(scene);
    expect(words(scene.join({ groupInstanceId: 'b', speaks: { range: 'new' } }))).toBe('2 led by a-1');
    expect(scene.state).toBe('Stable');
  });

  it('comes back with another choice of protocols: a rebalance', () => {
    const scene = new Scene();
    const speaks = { range: 'm', sticky: 's' };
    const a = scene.join({ groupInstanceId: 'a', speaks }).answer?.memberId ?? '';
    scene.sync(a, 1, {}, { groupInstanceId: 'a' });
    const back = scene.join({ groupInstanceId: 'a', speaks: { sticky: 's', range: 'm' } });
    expect([words(back), back.answer?.protocolName]).toEqual(['2 led by a-2, of a-2', 'sticky']);
  });

  it('comes back while the assignment is made: the leader has to make another one', () => {
    const scene = new Scene();
    const [a, b] = pair(scene);
    scene.join({ groupInstanceId: 'a', memberId: a });
    scene.join({ groupInstanceId: 'b', memberId: b });
    const sync = scene.sync(b, 3, {}, { groupInstanceId: 'b' });
    const back = scene.join({ groupInstanceId: 'b' });
    expect([assigned(sync), words(back), scene.state]).toEqual(['FENCED_INSTANCE_ID', 'parked', 'PreparingRebalance']);
    scene.join({ groupInstanceId: 'a', memberId: a });
    expect(words(back)).toBe('4 led by a-1');
  });

  it('comes back while the group joins: its first request is fenced, the second counts', () => {
    const scene = new Scene();
    const [a, b] = pair(scene);
    const first = scene.join({ groupInstanceId: 'a', memberId: a });
    const second = scene.join({ groupInstanceId: 'a' });
    expect([words(first), first.answer?.memberId, words(second)]).toEqual(['FENCED_INSTANCE_ID', a, 'parked']);
    scene.join({ groupInstanceId: 'b', memberId: b });
    expect(words(second)).toBe('3 led by a-3, of b-2 a-3');
  });

  it('comes back as the last that was missing', () => {
    const scene = new Scene();
    const [, b] = pair(scene);
    const other = scene.join({ groupInstanceId: 'b', memberId: b, speaks: { range: 'new' } });
    const back = scene.join({ groupInstanceId: 'a' });
    expect([words(other), words(back)]).toEqual(['3 led by a-3', '3 led by a-3, of b-2 a-3']);
  });

  it('comes back with a session of its own, which does not end while it is parked', () => {
    const scene = new Scene();
    const [a, b] = pair(scene);
    scene.after(9_999);
    scene.beat(a, 2, 'a');
    const id = scene.join({ groupInstanceId: 'b' }).answer?.memberId ?? '';
    scene.after(9_999).beat(a, 2, 'a');
    expect([scene.members, b]).toEqual([[a, id], 'b-2']);
    scene.join({ groupInstanceId: 'b', memberId: id, speaks: { range: 'new' } });
    const again = scene.join({ groupInstanceId: 'b' });
    scene.after(9_999).beat(a, 2, 'a');
    scene.after(9_999);
    expect([scene.members, words(again)]).toEqual([[a, 'b-4'], 'parked']);
  });

  it('need not rejoin in time: it stays in the group until its session ends, but is not chosen to lead', () => {
    const scene = new Scene();
    const patient = { rebalanceTimeoutMs: 5_000, sessionTimeoutMs: 60_000 };
    const a = scene.join({ groupInstanceId: 'a', ...patient }).answer?.memberId ?? '';
    scene.sync(a, 1, {}, { groupInstanceId: 'a' });
    const other = scene.enter(patient);
    scene.after(5_000);
    expect(words(other)).toBe('2 led by c-2, of a-1 c-2');
    scene.sync(other.id, 2);
    // It does not sync either.
    scene.after(5_000);
    expect([scene.state, scene.members]).toEqual(['PreparingRebalance', [other.id]]);
  });

  it('keeps the group waiting when nobody comes back, until its session ends', () => {
    const scene = new Scene();
    const patient = { rebalanceTimeoutMs: 4_000, sessionTimeoutMs: 11_000 };
    const a = scene.join({ groupInstanceId: 'a', ...patient }).answer?.memberId ?? '';
    scene.sync(a, 1, {}, { groupInstanceId: 'a' });
    scene.leave(scene.enter(patient).id);
    scene.after(4_000);
    expect(scene.cluster.due).toBe(8_000);
    scene.after(6_999);
    expect([scene.state, scene.members]).toEqual(['PreparingRebalance', [a]]);
    scene.after(1);
    expect([scene.state, scene.members]).toEqual(['Empty', []]);
  });

  it('with no time to come back keeps nobody busy', () => {
    const scene = new Scene();
    const a = scene.join({ groupInstanceId: 'a' }).answer?.memberId ?? '';
    scene.sync(a, 1, {}, { groupInstanceId: 'a' });
    scene.join({ groupInstanceId: 'a', rebalanceTimeoutMs: 0 });
    scene.cluster.groups.rebalance(0);
    scene.after(0);
    expect(scene.cluster.due).toBe(1);
    scene.after(10_000);
    expect(scene.state).toBe('Empty');
  });

  it('is let in beside others of its client, and twice with different instances', () => {
    const scene = new Scene();
    expect(new Set([...pair(scene), scene.enter().id]).size).toBe(3);
  });
});
