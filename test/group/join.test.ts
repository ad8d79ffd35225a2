import { describe, expect, it } from 'vitest';
import { decodeSubscription } from '../../src/protocol/consumerProtocol.ts';
import { firstJoin, idFirst, Scenario } from './scenario.ts';

describe('joining', () => {
  it('joins with the id it is given, syncs as a follower, and then sends heartbeats', () => {
    const scenario = new Scenario({ JoinGroup: idFirst() });
    scenario.start();
    scenario.to(7_000);
    expect(scenario.log).toEqual([...firstJoin, '3002 Heartbeat', '3003 alive 3002', '6003 Heartbeat', '6004 alive 6003']);
    const [first, second] = scenario.sent('JoinGroup');
    expect(first?.message['memberId']).toBe('');
    expect(second?.message).toMatchObject({
      memberId: 'm',
      groupInstanceId: null,
      protocolType: 'consumer',
      sessionTimeoutMs: 45_000,
      rebalanceTimeoutMs: 60_000,
    });
    expect(scenario.requests.map(({ purpose }) => purpose)).toEqual(['join', 'join', 'join', 'control', 'control']);
    expect(scenario.requests.map(({ deadline }) => deadline)).toEqual([65_000, 65_000, 65_000, 22_500, 22_500]);
    expect(scenario.sent('Heartbeat')[0]?.message).toEqual({ groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: null });
    expect(scenario.told).toEqual([{ kind: 'joined', memberId: 'm', generation: 1, leader: false }]);
    expect(scenario.membership.current()).toEqual({ groupId: 'g', memberId: 'm', generation: 1 });
  });

  it('tells its topics in order, as Java does', () => {
    const scenario = new Scenario();
    scenario.topics = ['b', 'a', 'b'];
    scenario.start();
    scenario.to(2);
    const { protocols } = scenario.sent('JoinGroup')[0]?.message as { protocols: { name: string; metadata: Buffer }[] };
    expect(protocols.map(({ name }) => name)).toEqual(['range']);
    expect(protocols.map(({ metadata }) => decodeSubscription(metadata))).toEqual([
      { topics: ['a', 'b'], userData: null, ownedPartitions: [], generationId: -1, rackId: null },
    ]);
  });

  it('is a member without partitions, and stays one', () => {
    const scenario = new Scenario({ JoinGroup: idFirst(), SyncGroup: [{ fields: { assignment: Buffer.alloc(0) } }] });
    scenario.start();
    scenario.to(100_000);
    expect(scenario.log).toContain('3 assigned nothing to m in 1');
    expect(scenario.sent('Heartbeat').length).toBeGreaterThan(30);
  });

  it('is not led on by a coordinator that gives ids and takes none', () => {
    const scenario = new Scenario({ JoinGroup: idFirst('MEMBER_ID_REQUIRED', 'MEMBER_ID_REQUIRED') });
    scenario.start();
    scenario.to(310);
    expect(scenario.sent('JoinGroup').map(({ at, message }) => [at, message['memberId']])).toEqual([
      [0, ''],
      [1, 'm'],
      [102, 'm'],
      [303, 'm'],
    ]);
  });
});
