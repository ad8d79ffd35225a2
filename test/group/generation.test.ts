import { describe, expect, it } from 'vitest';
import { firstJoin, idFirst, Scenario, subscription } from './scenario.ts';

describe('a rebalance', () => {
  const noticed = { JoinGroup: idFirst(), Heartbeat: ['NONE', 'REBALANCE_IN_PROGRESS', 'REBALANCE_IN_PROGRESS'] };

  it('hands over, then joins again with the same id', () => {
    const scenario = new Scenario(noticed);
    scenario.start();
    scenario.to(6_010);
    expect(scenario.log.slice(firstJoin.length)).toEqual([
      '3002 Heartbeat',
      '3003 alive 3002',
      '6003 Heartbeat',
      '6004 alive 6003',
      // From when the last heartbeat without a rebalance was sent: 60 s less a tenth.
      '6004 hand over until 57002',
      '6004 handed over',
      '6004 JoinGroup',
      '6005 SyncGroup',
      '6006 assigned t-0 t-1 to m in 2',
      '6006 alive 6005',
    ]);
    expect(scenario.sent('JoinGroup')[2]?.message).toMatchObject({ memberId: 'm', reason: 'the coordinator began a rebalance' });
  });

  it('keeps 2 s of a short rebalance timeout for the commit and the join', () => {
    const scenario = new Scenario(noticed, { rebalanceTimeout: 10_000 });
    scenario.start();
    scenario.to(6_004);
    expect(scenario.log).toContain('6004 hand over until 11002');
  });

  it('sends heartbeats while it hands over, however long that takes', () => {
    const scenario = new Scenario(noticed);
    scenario.handOver = 20_000;
    scenario.start();
    scenario.to(26_010);
    const from = scenario.log.indexOf('6004 hand over until 57002');
    expect(scenario.log.slice(from + 1).filter((line) => !line.includes('alive'))).toEqual([
      '9004 Heartbeat',
      '12005 Heartbeat',
      '15006 Heartbeat',
      '18007 Heartbeat',
      '21008 Heartbeat',
      '24009 Heartbeat',
      '26004 handed over',
      '26004 JoinGroup',
      '26005 SyncGroup',
      '26006 assigned t-0 t-1 to m in 2',
    ]);
  });

  it('joins when the coordinator stops waiting, also if the hand-over does not end', () => {
    const scenario = new Scenario(noticed);
    scenario.handOver = Infinity;
    scenario.start();
    scenario.to(70_000);
    expect(scenario.sent('JoinGroup')[2]?.at).toBe(63_002);
  });

  it('leaves time for the last commit where it hears of the rebalance too late', () => {
    const late = { JoinGroup: idFirst(), Heartbeat: [{ after: 20_000, code: 'REBALANCE_IN_PROGRESS' }] };
    const scenario = new Scenario(late, { rebalanceTimeout: 20_000 });
    scenario.handOver = Infinity;
    scenario.start();
    scenario.to(40_000);
    expect(scenario.log).toContain('23002 hand over until 18002');
    expect(scenario.sent('JoinGroup')[2]?.at).toBe(25_002);
  });

  it('is called for when the subscription changes, also while a join is on its way', () => {
    const scenario = new Scenario({ JoinGroup: idFirst({ after: 1_000 }) });
    scenario.start();
    scenario
      .at(500, () => {
        scenario.topics = ['t', 'u'];
        scenario.rejoin.next();
      })
      .to(1_010);
    expect(scenario.sent('JoinGroup').map(({ at }) => at)).toEqual([0, 1, 1_002]);
    expect(scenario.log).toContain('1002 assigned t-0 t-1 to m in 1');
    expect(scenario.log).toContain('1002 hand over until 55001');
  });

  it('is called for by the leader when the partition counts change, and only then', () => {
    const members = [{ memberId: 'm', groupInstanceId: null, metadata: subscription('t') }];
    const scenario = new Scenario({ JoinGroup: idFirst({ fields: { leader: 'm', members } }) });
    scenario.start();
    scenario
      .at(100, () => scenario.counts.next(new Map([['t', 4]])))
      .at(200, () => scenario.counts.next(new Map([['t', 6]])))
      .to(210);
    expect(scenario.sent('JoinGroup').map(({ at }) => at)).toEqual([0, 1, 200]);
    expect(scenario.sent('SyncGroup').map(({ at }) => at)).toEqual([2, 201]);
  });

  it('that overtakes the SyncGroup is joined, after a pause', () => {
    const scenario = new Scenario({ JoinGroup: idFirst(), SyncGroup: ['REBALANCE_IN_PROGRESS', 'REBALANCE_IN_PROGRESS'] });
    scenario.start();
    scenario.to(300);
    expect(scenario.log).toEqual([
      '0 JoinGroup',
      '1 JoinGroup',
      '2 SyncGroup',
      '103 JoinGroup',
      '104 SyncGroup',
      '205 JoinGroup',
      '206 SyncGroup',
      '207 assigned t-0 t-1 to m in 3',
      '207 alive 206',
    ]);
    expect(scenario.sent('JoinGroup').map(({ message }) => message['memberId'])).toEqual(['', 'm', 'm', 'm']);
  });

  it('is not followed while the consumer stops: heartbeats go on in the generation that there is', () => {
    const scenario = new Scenario(noticed);
    scenario.start();
    scenario.at(4_000, () => (scenario.stopping = true)).to(20_000);
    expect(scenario.sent('JoinGroup')).toHaveLength(2);
    expect(scenario.sent('Heartbeat').map(({ at }) => at)).toEqual([3_002, 6_003, 9_004, 12_005, 15_006, 18_007]);
    expect(scenario.log.some((line) => line.includes('hand over'))).toBe(false);
  });

  it('does not lead to a join if the consumer stops while it hands over', () => {
    const scenario = new Scenario(noticed);
    scenario.handOver = 1_000;
    scenario.start();
    scenario.at(6_500, () => (scenario.stopping = true)).to(20_000);
    expect(scenario.sent('JoinGroup')).toHaveLength(2);
    expect(scenario.log.at(-1)).toBe('7004 handed over');
  });
});
