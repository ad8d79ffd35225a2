import { describe, expect, it } from 'vitest';
import { ConnectionError, type KafkaRxError } from '../../src/errors/index.ts';
import { codeOf, errorOf } from '../../src/errors/table.ts';
import { assignment, firstJoin, idFirst, Scenario } from './scenario.ts';

describe('what can be healed', () => {
  const refused = new ConnectionError('CONNECTION_FAILED', 'connection refused');

  it.each([
    ['loads', 'COORDINATOR_LOAD_IN_PROGRESS'],
    ['moved', 'NOT_COORDINATOR'],
    ['is not there yet', 'COORDINATOR_NOT_AVAILABLE'],
    ['has an accident', 'UNKNOWN_SERVER_ERROR'],
    ['cannot be reached', refused],
  ])('asks again, ever more slowly, a coordinator that %s', (_, answer) => {
    const scenario = new Scenario({ JoinGroup: idFirst(answer, answer, answer) });
    scenario.start();
    scenario.to(1_000);
    expect(scenario.sent('JoinGroup').map(({ at, message }) => [at, message['memberId']])).toEqual([
      [0, ''],
      [1, 'm'],
      [102, 'm'],
      [303, 'm'],
      [704, 'm'],
    ]);
    expect(scenario.log).toContain('706 assigned t-0 t-1 to m in 1');
    expect(scenario.told.filter(({ kind }) => kind === 'retryScheduled')).toMatchObject([
      { api: 'JoinGroup', attempt: 1, delay: 100 },
      { api: 'JoinGroup', attempt: 2, delay: 200 },
      { api: 'JoinGroup', attempt: 3, delay: 400 },
    ]);
  });

  it('asks again where a join or a sync is never answered', () => {
    const scenario = new Scenario({ JoinGroup: idFirst('hang'), SyncGroup: ['hang'] });
    scenario.start();
    scenario.to(135_000);
    expect(scenario.sent('JoinGroup').map(({ at }) => at)).toEqual([0, 1, 65_101, 130_302]);
    expect(scenario.sent('SyncGroup').map(({ at }) => at)).toEqual([65_102, 130_303]);
  });

  it('forgets how often it failed once it has an assignment', () => {
    const scenario = new Scenario({ JoinGroup: idFirst(refused, refused, 'NONE', refused), Heartbeat: ['REBALANCE_IN_PROGRESS'] });
    scenario.start();
    scenario.to(5_000);
    expect(scenario.told.flatMap((happening) => (happening.kind === 'retryScheduled' ? [happening.delay] : []))).toEqual([100, 200, 100]);
  });

  it('has not failed before where it loses what it had', () => {
    const scenario = new Scenario({ JoinGroup: idFirst(refused, refused), Heartbeat: ['UNKNOWN_MEMBER_ID'] });
    scenario.start();
    scenario.to(5_000);
    expect(scenario.told.flatMap((happening) => (happening.kind === 'retryScheduled' ? [happening.delay] : []))).toEqual([100, 200, 100]);
  });

  it('does not make who answers at last pay for those who could not be reached', () => {
    const scenario = new Scenario({ JoinGroup: idFirst(refused, refused, refused, 'UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID') });
    scenario.start();
    scenario.to(2_000);
    expect(scenario.told.flatMap((happening) => (happening.kind === 'retryScheduled' ? [happening.delay] : []))).toEqual([
      100, 200, 400, 100, 200,
    ]);
  });

  it('joins as a new member when its id is not known any more', () => {
    const scenario = new Scenario({ JoinGroup: idFirst('UNKNOWN_MEMBER_ID') });
    scenario.start();
    scenario.to(200);
    expect(scenario.sent('JoinGroup').map(({ at, message }) => [at, message['memberId']])).toEqual([
      [0, ''],
      [1, 'm'],
      [102, ''],
    ]);
    expect(scenario.log.some((line) => line.includes('lost'))).toBe(false);
  });
});

describe('what is lost', () => {
  it.each([
    ['UNKNOWN_MEMBER_ID', ''],
    ['ILLEGAL_GENERATION', 'm'],
  ])('%s of a heartbeat: told at once, then joined again as "%s"', (code, memberId) => {
    const scenario = new Scenario({ JoinGroup: idFirst(), Heartbeat: [code] });
    scenario.start();
    scenario.to(3_110);
    expect(scenario.log.slice(firstJoin.length)).toEqual([
      '3002 Heartbeat',
      `3003 lost ${code}`,
      '3103 JoinGroup',
      '3104 SyncGroup',
      '3105 assigned t-0 t-1 to m in 2',
      '3105 alive 3104',
    ]);
    expect(scenario.sent('JoinGroup')[2]?.message['memberId']).toBe(memberId);
  });

  it.each([
    ['UNKNOWN_MEMBER_ID', ''],
    ['ILLEGAL_GENERATION', 'm'],
  ])('%s of a commit: the first evidence counts', (code, memberId) => {
    const scenario = new Scenario({ JoinGroup: idFirst() });
    scenario.start();
    scenario.at(50, () => scenario.membership.evicted(errorNamed(code), scenario.membership.current())).to(152);
    expect(scenario.log.slice(firstJoin.length)).toEqual([
      `50 lost ${code}`,
      '150 JoinGroup',
      '151 SyncGroup',
      '152 assigned t-0 t-1 to m in 2',
      '152 alive 151',
    ]);
    expect(scenario.sent('JoinGroup')[2]?.message['memberId']).toBe(memberId);
  });

  it('ends a hand-over that is under way', () => {
    const scenario = new Scenario({ JoinGroup: idFirst(), Heartbeat: ['REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID'] });
    scenario.handOver = 20_000;
    scenario.start();
    scenario.to(30_000);
    expect(scenario.log).toContain('6004 lost UNKNOWN_MEMBER_ID');
    expect(scenario.log).not.toContain('23003 handed over');
    expect(scenario.sent('JoinGroup').map(({ at }) => at)).toEqual([0, 1, 6_104]);
  });

  it('is not what a commit of an earlier generation says', () => {
    const scenario = new Scenario({ JoinGroup: idFirst() });
    scenario.start();
    const under = { groupId: 'g', memberId: 'm', generation: 0 };
    scenario.at(50, () => scenario.membership.evicted(errorNamed('ILLEGAL_GENERATION'), under)).to(1_000);
    scenario.at(1_000, () => scenario.membership.evicted(errorNamed('COORDINATOR_NOT_AVAILABLE'))).to(2_000);
    expect(scenario.log).toEqual(firstJoin);
  });

  it('is not what any commit says before there is an assignment', () => {
    const scenario = new Scenario({ JoinGroup: idFirst(), SyncGroup: [{ after: 1_000 }] });
    scenario.start();
    scenario.at(500, () => scenario.membership.evicted(errorNamed('UNKNOWN_MEMBER_ID'))).to(2_000);
    expect(scenario.log.slice(-2)).toEqual(['1002 assigned t-0 t-1 to m in 1', '1002 alive 2']);
  });

  it('is not lost by a commit that came between a join and its sync, nor is that another rebalance', () => {
    const scenario = new Scenario({ JoinGroup: idFirst() });
    scenario.start();
    scenario.at(50, () => scenario.membership.evicted(errorNamed('REBALANCE_IN_PROGRESS'), scenario.membership.current())).to(50);
    expect(scenario.log.slice(firstJoin.length)).toEqual([]);
  });

  it('is not joined again while the consumer stops', () => {
    const scenario = new Scenario({ JoinGroup: idFirst(), Heartbeat: ['UNKNOWN_MEMBER_ID'] });
    scenario.start();
    scenario.at(3_000, () => (scenario.stopping = true)).to(100_000);
    expect(scenario.log.slice(firstJoin.length)).toEqual(['3002 Heartbeat', '3003 lost UNKNOWN_MEMBER_ID']);
    expect(scenario.membership.state().kind).toBe('unjoined');
  });
});

describe('what ends it', () => {
  it.each([
    ['GROUP_AUTHORIZATION_FAILED', 'AuthorizationError'],
    ['INCONSISTENT_GROUP_PROTOCOL', 'BrokerError'],
    ['INVALID_SESSION_TIMEOUT', 'BrokerError'],
    ['GROUP_MAX_SIZE_REACHED', 'BrokerError'],
    ['INVALID_GROUP_ID', 'BrokerError'],
    ['FENCED_INSTANCE_ID', 'InstanceFencedError'],
  ])('%s of a join is an %s', (code, name) => {
    const scenario = new Scenario({ JoinGroup: idFirst(code) });
    scenario.start();
    scenario.to(100_000);
    expect(scenario.log).toEqual(['0 JoinGroup', '1 JoinGroup', `2 error ${name} ${code}`]);
  });

  it('a newcomer with our instance id: everything is lost, and nothing is sent any more', () => {
    const scenario = new Scenario({ Heartbeat: ['FENCED_INSTANCE_ID'] }, { instanceId: 'i' });
    scenario.start();
    scenario.to(10_000);
    scenario.membership.leave().subscribe();
    scenario.to(20_000);
    expect(scenario.log.slice(-3)).toEqual([
      '3001 Heartbeat',
      '3002 lost FENCED_INSTANCE_ID',
      '3002 error InstanceFencedError FENCED_INSTANCE_ID',
    ]);
    expect(scenario.membership.state().kind).toBe('fenced');
  });

  it('an authorisation that is taken away: nothing is lost, for it can still be committed and left', () => {
    const scenario = new Scenario({ JoinGroup: idFirst(), Heartbeat: ['GROUP_AUTHORIZATION_FAILED'] });
    scenario.start();
    scenario.to(10_000);
    expect(scenario.log.slice(-2)).toEqual(['3002 Heartbeat', '3003 error AuthorizationError GROUP_AUTHORIZATION_FAILED']);
    expect(scenario.membership.current()).toBeDefined();
  });

  it('an assignment that is none', () => {
    const scenario = new Scenario({ JoinGroup: idFirst(), SyncGroup: [{ fields: { assignment: assignment('t', 1).subarray(0, 5) } }] });
    scenario.start();
    scenario.to(10_000);
    expect(scenario.log.at(-1)).toBe('3 error MalformedError MALFORMED_RESPONSE');
  });
});

describe('unsubscribing', () => {
  const life = { JoinGroup: idFirst({ after: 10 }), SyncGroup: [{ after: 10 }], Heartbeat: [{ after: 10, code: 'REBALANCE_IN_PROGRESS' }] };

  it.each([0, 1, 5, 11, 15, 21, 1_000, 3_021, 3_025, 3_031, 3_500, 4_032])('at %i ms sends nothing more', (when) => {
    const scenario = new Scenario(life);
    scenario.handOver = 1_000;
    const subscribed = scenario.start();
    scenario.at(when, () => subscribed.unsubscribe()).to(when);
    const before = scenario.requests.length;
    scenario.to(100_000);
    expect(scenario.requests).toHaveLength(before);
    expect(scenario.clock.actions.filter(({ closed }) => !closed)).toEqual([]);
  });
});

function errorNamed(name: string): KafkaRxError {
  return errorOf(codeOf(name));
}
