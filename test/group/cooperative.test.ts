import { describe, expect, it } from 'vitest';
import { decodeSubscription } from '../../src/protocol/consumerProtocol.ts';
import { cooperativeSticky } from '../../src/group/assignors/cooperativeSticky.ts';
import { range } from '../../src/group/assignors/range.ts';
import type { GroupSettings } from '../../src/group/host.ts';
import { assignment, firstJoin, idFirst, Scenario, type Script } from './scenario.ts';

const cooperative = { assignors: [cooperativeSticky] };
const noticed = { JoinGroup: idFirst(), Heartbeat: ['NONE', 'REBALANCE_IN_PROGRESS'] };
const given = (...partitions: number[]) => ({ fields: { assignment: assignment('t', ...partitions) } });

function member(script: Script, options: Partial<GroupSettings> = cooperative): Scenario {
  const scenario = new Scenario(script, options);
  scenario.start();
  return scenario;
}

/** What the nth JoinGroup said of itself. */
function said(scenario: Scenario, nth: number) {
  const [protocol] = scenario.sent('JoinGroup')[nth]?.message['protocols'] as { metadata: Buffer }[];
  return decodeSubscription(protocol?.metadata ?? Buffer.alloc(0));
}

const withoutBeats = ({ log }: Scenario): readonly string[] => log.slice(firstJoin.length).filter((line) => !/Heartbeat|alive/.test(line));

describe('a cooperative member', () => {
  it('joins again with what it has, and keeps it', () => {
    const scenario = member(noticed).to(6_010);
    expect(withoutBeats(scenario)).toEqual([
      '6004 JoinGroup',
      '6005 renewed m in 2',
      '6005 SyncGroup',
      '6006 assigned nothing to m in 2, keeping t-0 t-1, giving up nothing',
    ]);
    expect(said(scenario, 2)).toMatchObject({ ownedPartitions: [{ topic: 't', partitions: [0, 1] }], generationId: 1 });
  });

  it('tells that it has nothing in a first join', () => {
    expect(said(member(noticed).to(10), 1)).toMatchObject({
      ownedPartitions: [],
      generationId: -1,
      userData: Buffer.from('ffffffff', 'hex'),
    });
  });

  it('hands over what the new assignment takes away, and no more, then joins again without it', () => {
    const scenario = member({ ...noticed, SyncGroup: ['NONE', given(0, 2)] });
    scenario.handOver = 100;
    scenario.to(6_200);
    expect(withoutBeats(scenario)).toEqual([
      '6004 JoinGroup',
      '6005 renewed m in 2',
      '6005 SyncGroup',
      '6006 assigned t-2 to m in 2, keeping t-0, giving up t-1',
      // From the answer of the SyncGroup: 60 s less a tenth.
      '6006 hand over until 60006',
      '6106 handed over',
      '6106 JoinGroup',
      '6107 renewed m in 3',
      '6107 SyncGroup',
      '6108 assigned t-1 to m in 3, keeping t-0, giving up t-2',
      '6108 hand over until 60108',
    ]);
    expect(said(scenario, 3)).toMatchObject({ ownedPartitions: [{ topic: 't', partitions: [0, 2] }], generationId: 2 });
    expect(scenario.sent('JoinGroup')[3]?.message['reason']).toBe('1 partitions were given up');
  });

  it('hurries when a further rebalance begins while it hands over', () => {
    const script = {
      JoinGroup: idFirst(),
      SyncGroup: ['NONE', given(0)],
      Heartbeat: ['NONE', 'REBALANCE_IN_PROGRESS', 'NONE', 'REBALANCE_IN_PROGRESS'],
    };
    const scenario = member(script, { ...cooperative, rebalanceTimeout: 20_000 });
    scenario.handOver = Infinity;
    scenario.to(60_000);
    expect(withoutBeats(scenario).slice(3, 7)).toEqual([
      '6006 assigned nothing to m in 2, keeping t-0, giving up t-1',
      '6006 hand over until 24006',
      '12007 hand over until 24006',
      '26006 JoinGroup',
    ]);
  });

  it('does not count on more time than the coordinator gives it: its clock runs from the last heartbeat without a rebalance', () => {
    const script = {
      JoinGroup: idFirst(),
      SyncGroup: ['NONE', { after: 10_000, ...given(0) }],
      Heartbeat: ['NONE', 'REBALANCE_IN_PROGRESS', 'NONE', 'NONE', 'NONE', 'REBALANCE_IN_PROGRESS'],
    };
    const scenario = member(script);
    scenario.handOver = Infinity;
    scenario.to(30_000);
    expect(withoutBeats(scenario).slice(-2)).toEqual(['16005 hand over until 70005', '18009 hand over until 69007']);
  });

  it('sends heartbeats while its join is parked, for as long as it holds something', () => {
    const scenario = member({ JoinGroup: idFirst('NONE', { after: 50_000 }), Heartbeat: ['REBALANCE_IN_PROGRESS'] });
    scenario.to(20_000);
    expect(scenario.sent('JoinGroup')[2]?.at).toBe(3_003);
    expect(scenario.sent('Heartbeat').map(({ at }) => at)).toEqual([3_002, 6_003, 9_004, 12_005, 15_006, 18_007]);
    expect(scenario.sent('Heartbeat').at(-1)?.message).toMatchObject({ generationId: 1 });
  });

  it('sends heartbeats while it waits to join again', () => {
    const refused = Array.from({ length: 20 }, () => 'COORDINATOR_NOT_AVAILABLE');
    const scenario = member({ JoinGroup: idFirst('NONE', ...refused), Heartbeat: ['REBALANCE_IN_PROGRESS'] });
    scenario.to(20_000);
    expect(scenario.sent('Heartbeat').map(({ at }) => at)).toEqual([3_002, 6_003, 9_004, 12_005, 15_006, 18_007]);
    expect(scenario.log.some((line) => line.includes('lost'))).toBe(false);
  });

  it('waits ever longer where it cannot join, though it holds something', () => {
    const refused = Array.from({ length: 4 }, () => 'COORDINATOR_NOT_AVAILABLE');
    const scenario = member({ JoinGroup: idFirst('NONE', ...refused), Heartbeat: ['REBALANCE_IN_PROGRESS'] });
    scenario.to(6_000);
    expect(scenario.sent('JoinGroup').map(({ at }) => at)).toEqual([0, 1, 3_003, 3_104, 3_305, 3_706, 4_507]);
  });

  it('loses what it has at the first word of it, also while its join is parked', () => {
    const scenario = member({ JoinGroup: idFirst('NONE', { after: 50_000 }), Heartbeat: ['REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID'] });
    scenario.to(6_200);
    expect(withoutBeats(scenario)).toEqual([
      '3003 JoinGroup',
      '6004 lost UNKNOWN_MEMBER_ID',
      '6004 JoinGroup cancelled',
      '6104 JoinGroup',
      '6105 SyncGroup',
      '6106 assigned t-0 t-1 to m in 2',
    ]);
    expect([said(scenario, 3).ownedPartitions, scenario.sent('JoinGroup')[3]?.message['memberId']]).toEqual([[], '']);
  });

  it('loses what it has while it waits to join again, and joins when that wait is over', () => {
    const script = {
      JoinGroup: idFirst('NONE', ...Array.from({ length: 6 }, () => 'COORDINATOR_NOT_AVAILABLE')),
      Heartbeat: ['REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID'],
    };
    const scenario = member(script);
    scenario.to(15_000);
    const lost = scenario.log.indexOf('6004 lost UNKNOWN_MEMBER_ID');
    expect(lost).toBeGreaterThan(0);
    expect(scenario.log.slice(lost).filter((line) => line.includes('lost'))).toHaveLength(1);
    expect(scenario.sent('Heartbeat').filter(({ at }) => at > 6_004 && at < 9_000)).toEqual([]);
    expect(
      scenario
        .sent('JoinGroup')
        .filter(({ at }) => at > 6_004)
        .map(({ message }) => message['memberId'])[0],
    ).toBe('');
  });

  it('does not take ILLEGAL_GENERATION for a loss while its join is on its way: the group may have gone on with it', () => {
    const scenario = member({ JoinGroup: idFirst('NONE', { after: 5_000 }), Heartbeat: ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION'] });
    scenario.to(9_000);
    expect(withoutBeats(scenario)).toEqual([
      '3003 JoinGroup',
      '8003 renewed m in 2',
      '8003 SyncGroup',
      '8004 assigned nothing to m in 2, keeping t-0 t-1, giving up nothing',
    ]);
  });

  it('is heard of by a coordinator that knows another generation, while it joins: heartbeats go on, and its session with them', () => {
    const scenario = member({
      JoinGroup: idFirst('NONE', { after: 20_000 }),
      Heartbeat: ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'ILLEGAL_GENERATION'],
    });
    scenario.to(10_000);
    expect(scenario.log.slice(firstJoin.length)).toEqual([
      '3002 Heartbeat',
      '3003 alive 3002',
      '3003 JoinGroup',
      '6003 Heartbeat',
      '6004 alive 6003',
      '9004 Heartbeat',
      '9005 alive 9004',
    ]);
  });

  it.each([
    ['the next rebalance overtakes the SyncGroup', 'REBALANCE_IN_PROGRESS'],
    ['a coordinator that took over knows the generation before only', 'ILLEGAL_GENERATION'],
  ])('keeps what it has when %s, and says in which generation it got it', (_, code) => {
    const scenario = member({ ...noticed, SyncGroup: ['NONE', code] }).to(6_200);
    expect(withoutBeats(scenario)).toEqual([
      '6004 JoinGroup',
      '6005 renewed m in 2',
      '6005 SyncGroup',
      '6106 JoinGroup',
      '6107 renewed m in 3',
      '6107 SyncGroup',
      '6108 assigned nothing to m in 3, keeping t-0 t-1, giving up nothing',
    ]);
    expect([said(scenario, 3).generationId, said(scenario, 3).userData?.readInt32BE()]).toEqual([1, 1]);
  });

  it('that stops goes on with its heartbeats, though it was to join again', () => {
    const scenario = member({ ...noticed, SyncGroup: ['NONE', given(0)] });
    scenario.handOver = 1_000;
    scenario.at(6_500, () => (scenario.stopping = true)).to(20_000);
    expect(withoutBeats(scenario).at(-1)).toBe('7006 handed over');
    expect(
      scenario
        .sent('Heartbeat')
        .filter(({ at }) => at > 7_006)
        .map(({ at }) => at),
    ).toEqual([9_005, 12_006, 15_007, 18_008]);
  });

  it('is eager if one of its assignors is', () => {
    const scenario = member(noticed, { assignors: [cooperativeSticky, range] }).to(6_010);
    expect(withoutBeats(scenario)).toEqual([
      '6004 hand over until 57002',
      '6004 handed over',
      '6004 JoinGroup',
      '6005 SyncGroup',
      '6006 assigned t-0 t-1 to m in 2',
    ]);
    expect(said(scenario, 2)).toMatchObject({ ownedPartitions: [], generationId: -1 });
  });
});
