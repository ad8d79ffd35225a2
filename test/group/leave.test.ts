import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../../src/errors/index.ts';
import { idFirst, Scenario, type Script } from './scenario.ts';

/** A scenario whose `leave` is logged as it completes or errors. */
function leaving(scenario: Scenario): void {
  scenario.membership.leave().subscribe({
    complete: () => scenario.log.push(`${String(scenario.clock.now())} left`),
    error: () => scenario.log.push('leave failed'),
  });
}

function stable(script: Script = {}, instanceId?: string): Scenario {
  const scenario = new Scenario({ JoinGroup: idFirst(), ...script }, instanceId === undefined ? {} : { instanceId });
  scenario.start();
  return scenario;
}

describe('leaving', () => {
  it('ends the heartbeats, then sends one LeaveGroup over the connection of heartbeats and commits', () => {
    const scenario = stable();
    scenario.at(5_000, () => leaving(scenario)).to(100_000);
    expect(scenario.log.slice(-4)).toEqual(['3003 alive 3002', '5000 complete', '5000 LeaveGroup', '5001 left']);
    const [request] = scenario.sent('LeaveGroup');
    const identity = { memberId: 'm', groupInstanceId: null, reason: 'the consumer is closing' };
    expect(request).toMatchObject({ purpose: 'control', deadline: 30_000, message: { groupId: 'g', memberId: 'm', members: [identity] } });
  });

  it('ends a heartbeat that is on its way, and a hand-over', () => {
    const scenario = stable({ Heartbeat: ['REBALANCE_IN_PROGRESS', { after: 10_000 }] });
    scenario.handOver = 20_000;
    scenario.at(7_000, () => leaving(scenario)).to(100_000);
    expect(scenario.log.slice(-4)).toEqual(['7000 Heartbeat cancelled', '7000 complete', '7000 LeaveGroup', '7001 left']);
  });

  it('still works after run was unsubscribed', () => {
    const scenario = new Scenario({ JoinGroup: idFirst() });
    const subscribed = scenario.start();
    scenario
      .at(1_000, () => {
        subscribed.unsubscribe();
        leaving(scenario);
      })
      .to(100_000);
    expect(scenario.log.slice(-2)).toEqual(['1000 LeaveGroup', '1001 left']);
    expect(scenario.membership.current()).toBeUndefined();
  });

  it('also gives back an id that it has not been able to join with yet', () => {
    const scenario = stable({ JoinGroup: idFirst({ after: 50_000 }) });
    scenario.at(1_000, () => leaving(scenario)).to(100_000);
    expect(scenario.log.slice(2)).toEqual(['1000 complete', '1000 JoinGroup cancelled', '1000 LeaveGroup', '1001 left']);
    expect(scenario.sent('LeaveGroup')[0]?.message['memberId']).toBe('m');
  });

  it('has nothing to say without an id', () => {
    const scenario = new Scenario();
    leaving(scenario);
    scenario.start();
    scenario.to(1_000);
    expect(scenario.requests).toEqual([]);
    expect(scenario.log).toEqual(['0 left', '0 complete']);
  });

  it('names the instance of a static member', () => {
    const scenario = stable({}, 'i');
    scenario.at(1_000, () => leaving(scenario)).to(2_000);
    expect(scenario.sent('LeaveGroup')[0]?.message).toMatchObject({ members: [{ memberId: 'm', groupInstanceId: 'i' }] });
  });

  it.each(['UNKNOWN_MEMBER_ID', 'GROUP_AUTHORIZATION_FAILED', 'FENCED_INSTANCE_ID'])('is content with %s', (code) => {
    const scenario = stable({ LeaveGroup: [{ fields: { members: [{ memberId: 'm', groupInstanceId: null, errorCode: 0 }] }, code }] });
    scenario.at(1_000, () => leaving(scenario)).to(100_000);
    expect(scenario.log.slice(-2)).toEqual(['1000 LeaveGroup', '1001 left']);
  });

  it.each(['NOT_COORDINATOR', 'COORDINATOR_LOAD_IN_PROGRESS', new ConnectionError('CONNECTION_LOST', 'gone')])(
    'says it again to who was not the one to hear it: %s',
    (answer) => {
      const scenario = stable({ LeaveGroup: [answer, answer] });
      scenario.at(1_000, () => leaving(scenario)).to(100_000);
      expect(scenario.log.slice(-4)).toEqual(['1000 LeaveGroup', '1101 LeaveGroup', '1302 LeaveGroup', '1303 left']);
    },
  );

  it('is done where it cannot be said at all', () => {
    const scenario = stable({ LeaveGroup: [new ConnectionError('TLS_FAILED', 'self signed certificate')] });
    scenario.at(1_000, () => leaving(scenario)).to(100_000);
    expect(scenario.log.slice(-2)).toEqual(['1000 LeaveGroup', '1001 left']);
  });

  it('does not say it for longer than a request may take', () => {
    const scenario = stable({ LeaveGroup: ['hang', 'hang'] });
    scenario.at(1_000, () => leaving(scenario)).to(200_000);
    expect(scenario.log.slice(-3)).toEqual(['1000 LeaveGroup', '31000 LeaveGroup cancelled', '31000 left']);
  });

  it('says it once to all who ask for it, then or later', () => {
    const scenario = stable();
    scenario
      .at(1_000, () => leaving(scenario))
      .at(1_000, () => leaving(scenario))
      .at(2_000, () => leaving(scenario))
      .to(100_000);
    expect(scenario.log.slice(-4)).toEqual(['1000 LeaveGroup', '1001 left', '1001 left', '2000 left']);
  });

  it('leaves no timer behind when nobody waits for it any more', () => {
    const scenario = stable({ LeaveGroup: ['hang'] });
    const waiting = scenario
      .at(1_000, () => undefined)
      .to(1_000)
      .membership.leave()
      .subscribe();
    scenario.at(2_000, () => waiting.unsubscribe()).to(2_000);
    expect(scenario.clock.actions.filter(({ closed }) => !closed)).toEqual([]);
  });
});
