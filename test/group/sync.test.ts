import { defer, merge, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { decodeAssignment } from '../../src/protocol/consumerProtocol.ts';
import { idFirst, Scenario, subscription } from './scenario.ts';

describe('the leader', () => {
  it('assigns for all where it leads', () => {
    const members = ['m', 'a'].map((memberId) => ({ memberId, groupInstanceId: null, metadata: subscription('t') }));
    const scenario = new Scenario({ JoinGroup: idFirst({ fields: { leader: 'm', members } }) });
    scenario.start();
    scenario.to(4);
    const { assignments, protocolName } = scenario.sent('SyncGroup')[0]?.message as {
      protocolName: string;
      assignments: { memberId: string; assignment: Buffer }[];
    };
    expect(protocolName).toBe('range');
    expect(assignments.map((one) => [one.memberId, decodeAssignment(one.assignment).assignedPartitions])).toEqual([
      ['m', [{ topic: 't', partitions: [2, 3] }]],
      ['a', [{ topic: 't', partitions: [0, 1] }]],
    ]);
    expect(scenario.told).toContainEqual({ kind: 'joined', memberId: 'm', generation: 1, leader: true });
  });

  it('keeps the assignment that there is where the coordinator says so (KIP-814), and still looks after the partition counts', () => {
    const members = [{ memberId: 'm', groupInstanceId: 'i', metadata: subscription('t') }];
    const scenario = new Scenario({ JoinGroup: [{ fields: { leader: 'm', members, skipAssignment: true } }] }, { instanceId: 'i' });
    scenario.start();
    scenario.at(100, () => scenario.counts.next(new Map([['t', 5]]))).to(110);
    expect(scenario.sent('SyncGroup')[0]?.message['assignments']).toEqual([]);
    expect(scenario.sent('JoinGroup').map(({ at, message }) => [at, message['groupInstanceId']])).toEqual([
      [0, 'i'],
      [100, 'i'],
    ]);
  });

  it('sends heartbeats while the leader waits for the partition counts', () => {
    const members = [{ memberId: 'm', groupInstanceId: null, metadata: subscription('t') }];
    const scenario = new Scenario({
      JoinGroup: idFirst({ fields: { leader: 'm', members } }),
      Heartbeat: ['NONE', 'REBALANCE_IN_PROGRESS'],
    });
    scenario.partitionCounts = () => scenario.counts;
    scenario.start();
    scenario.at(10_000, () => scenario.counts.next(new Map([['t', 1]]))).to(10_001);
    // The coordinator's REBALANCE_IN_PROGRESS is for the SyncGroup to hear: an old one says it until the leader has synced.
    expect(scenario.log.slice(2)).toEqual([
      '3002 Heartbeat',
      '3003 alive 3002',
      '6003 Heartbeat',
      '6004 alive 6003',
      '9004 Heartbeat',
      '9005 alive 9004',
      '10000 SyncGroup',
      '10001 assigned t-0 t-1 to m in 1',
      '10001 alive 10000',
    ]);
  });

  it('joins again when the partition counts do not come', () => {
    const members = [{ memberId: 'm', groupInstanceId: null, metadata: subscription('t') }];
    const scenario = new Scenario({ JoinGroup: idFirst({ fields: { leader: 'm', members } }) });
    scenario.partitionCounts = () => scenario.counts;
    scenario.start();
    scenario.to(66_000);
    expect(scenario.sent('JoinGroup').map(({ at }) => at)).toEqual([0, 1, 65_102]);
  });

  it('counts from its SyncGroup, sent late, when it has to hand over', () => {
    const scenario = new Scenario({
      JoinGroup: idFirst({ fields: { leader: 'm', members: [{ memberId: 'm', groupInstanceId: null, metadata: subscription('t') }] } }),
    });
    scenario.partitionCounts = () => scenario.counts;
    scenario.start();
    scenario
      .at(2_500, () => scenario.counts.next(new Map([['t', 1]])))
      .at(2_600, () => scenario.rejoin.next())
      .to(2_600);
    expect(scenario.log).toContain('2600 hand over until 56500');
  });

  it('syncs once, also when the partition counts change meanwhile: that is for the next generation', () => {
    const members = [{ memberId: 'm', groupInstanceId: null, metadata: subscription('t') }];
    const scenario = new Scenario({ JoinGroup: idFirst({ fields: { leader: 'm', members } }), SyncGroup: [{ after: 1_000 }] });
    let count = 4;
    scenario.partitionCounts = () =>
      merge(
        defer(() => of(new Map([['t', count]]))),
        scenario.counts,
      );
    scenario.start();
    scenario
      .at(500, () => {
        count = 6;
        scenario.counts.next(new Map([['t', count]]));
      })
      .to(1_002);
    expect(scenario.log.slice(2)).toEqual([
      '2 SyncGroup',
      '1002 assigned t-0 t-1 to m in 1',
      '1002 alive 2',
      '1002 hand over until 54002',
      '1002 handed over',
      '1002 JoinGroup',
    ]);
  });
});
