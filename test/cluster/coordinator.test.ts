import { describe, expect, it } from 'vitest';
import { createCluster } from '../../src/cluster/cluster.ts';
import { createCoordinator } from '../../src/cluster/coordinator.ts';
import { ConnectionError } from '../../src/errors/index.ts';
import { heartbeatApi } from '../../src/protocol/apis/heartbeat.ts';
import { Brokers, type Call, coordinatorAt, metadata, type Respond } from './scenario.ts';

const beat = { groupId: 'g', generationId: 0, memberId: '', groupInstanceId: null };
const ok = { throttleTimeMs: 0, errorCode: 0 };

/** `answer`: what FindCoordinator and Heartbeat get, with how many of that API there have been before. */
function start(answer: (call: Call, nth: number) => object | undefined) {
  const counts = new Map<string, number>();
  const respond: Respond = (call) => {
    const nth = counts.get(call.api) ?? 0;
    counts.set(call.api, nth + 1);
    return call.api === 'Metadata' ? metadata([0, 1]) : answer(call, nth);
  };
  const brokers = new Brokers(respond);
  const cluster = createCluster(brokers.context, () => []);
  cluster.refreshing.subscribe();
  const coordinator = createCoordinator(brokers.context, cluster, 'g');
  brokers.to(10);
  brokers.log.length = 0;
  const send = (name: string, deadline = 1_000) => brokers.watch(name, coordinator.request('control', heartbeatApi, beat, deadline));
  return { brokers, coordinator, send };
}

function lookUps(brokers: Brokers): number {
  return brokers.log.filter((line) => line.includes('FindCoordinator')).length;
}

describe('the coordinator', () => {
  it('is found once, by any broker, and kept: also when it is broker 0', () => {
    const requests: object[] = [];
    const { brokers, send } = start(({ api, request }) => (api === 'FindCoordinator' ? (requests.push(request), coordinatorAt(0)) : ok));
    send('a');
    brokers.at(100, () => send('b')).to(1_000);
    expect(requests).toEqual([{ key: 'g', keyType: 0, coordinatorKeys: ['g'] }]);
    expect(brokers.log).toEqual([
      '10 connect b1:9092',
      '11 FindCoordinator to b1:9092',
      '12 connect b0:9092',
      '13 Heartbeat to b0:9092',
      '14 a answered',
      '100 Heartbeat to b0:9092',
      '101 b answered',
    ]);
  });

  it('is looked for once for all who wait, and none of them takes it away from the others', () => {
    const { brokers, send } = start(({ api }) => (api === 'FindCoordinator' ? coordinatorAt(0) : ok));
    const first = send('first');
    send('second');
    first.unsubscribe();
    send('third');
    brokers.to(100);
    expect(lookUps(brokers)).toBe(1);
    expect(brokers.log.filter((line) => line.includes('answered'))).toEqual(['14 second answered', '14 third answered']);
  });

  it('is not looked for any more when nobody waits', () => {
    const { brokers, send } = start(() => undefined);
    send('only').unsubscribe();
    brokers.to(100);
    expect(lookUps(brokers)).toBe(0);
  });

  it('that is not there errors everybody, retriable, and is looked for anew by the next', () => {
    const { brokers, send } = start(({ api }, nth) =>
      api !== 'FindCoordinator' ? ok : coordinatorAt(0, nth === 0 ? { errorCode: 15, nodeId: -1 } : {}),
    );
    send('first');
    send('second');
    brokers.at(100, () => send('third')).to(1_000);
    expect(brokers.log.filter((line) => /failed|third/.test(line))).toEqual([
      '12 first failed: COORDINATOR_NOT_AVAILABLE',
      '12 second failed: COORDINATOR_NOT_AVAILABLE',
      expect.stringContaining('third answered'),
    ]);
    expect(lookUps(brokers)).toBe(2);
  });

  it('may be at a broker that metadata does not know yet', () => {
    const { brokers, send } = start(({ api }) => (api === 'FindCoordinator' ? coordinatorAt(7) : ok));
    send('a');
    brokers.to(100);
    expect(brokers.log).toContain('12 connect b7:9092');
  });

  it('answers in the form of old versions too', () => {
    const old = { throttleTimeMs: 0, errorCode: 0, errorMessage: null, nodeId: 1, host: 'b1', port: 9092, coordinators: [] };
    const { brokers, send } = start(({ api }) => (api === 'FindCoordinator' ? old : ok));
    send('a');
    brokers.to(100);
    expect(brokers.log).toContain('13 a answered');
  });

  it.each([16, 15])('is forgotten when it answers error %i: the answer is passed on, and the next one looks for it', (errorCode) => {
    const { brokers, send } = start(({ api }, nth) =>
      api === 'FindCoordinator' ? coordinatorAt(nth) : { ...ok, errorCode: nth === 0 ? errorCode : 0 },
    );
    send('a');
    brokers.at(100, () => send('b')).to(1_000);
    expect(brokers.log.filter((line) => /Heartbeat|answered/.test(line)).map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'Heartbeat to b0:9092',
      'a answered',
      'Heartbeat to b1:9092',
      'b answered',
    ]);
  });

  it.each([14, 27, 22])('is kept when it answers error %i', (errorCode) => {
    const { brokers, send } = start(({ api }) => (api === 'FindCoordinator' ? coordinatorAt(0) : { ...ok, errorCode }));
    send('a');
    brokers.at(100, () => send('b')).to(1_000);
    expect(lookUps(brokers)).toBe(1);
  });

  it('is forgotten when its connection breaks or it does not answer in time; metadata is asked for too', () => {
    const { brokers, send } = start(({ api }, nth) => (api === 'FindCoordinator' ? coordinatorAt(0) : nth === 0 ? undefined : ok));
    send('late', 500);
    brokers.at(1_000, () => send('next')).to(2_000);
    expect(brokers.log).toContain('512 late failed: REQUEST_TIMED_OUT');
    expect(brokers.log.filter((line) => line.includes('Metadata'))).toHaveLength(1);
    expect(lookUps(brokers)).toBe(2);

    brokers.down.add('b0:9092');
    brokers.cut('b0:9092');
    brokers
      .at(3_000, () => send('refused'))
      .at(3_500, () => send('again'))
      .to(4_000);
    expect(brokers.log.some((line) => line.includes('refused failed: CONNECTION_FAILED'))).toBe(true);
    expect(lookUps(brokers)).toBe(3);
  });

  it('is not forgotten by a failure of the one before it', () => {
    const { brokers, coordinator, send } = start(({ api, broker }, nth) =>
      api === 'FindCoordinator' ? coordinatorAt(nth) : broker === 'b0:9092' ? undefined : ok,
    );
    send('old', 500);
    brokers.at(100, () => {
      coordinator.invalidate();
      send('new');
    });
    brokers.at(1_000, () => send('newer')).to(2_000);
    expect(brokers.log).toContain('512 old failed: REQUEST_TIMED_OUT');
    expect(brokers.log.filter((line) => / newe?r? answered/.test(line))).toHaveLength(2);
    expect(lookUps(brokers)).toBe(2);
  });

  it('that may not be asked for is an error that is not retriable', () => {
    const { brokers, coordinator } = start(() => coordinatorAt(-1, { errorCode: 30 }));
    let failure: unknown;
    coordinator.request('join', heartbeatApi, beat, 1_000).subscribe({ error: (error: unknown) => (failure = error) });
    brokers.to(100);
    expect(failure).toMatchObject({ name: 'AuthorizationError', code: 'GROUP_AUTHORIZATION_FAILED', retriable: false });
    expect(failure).not.toBeInstanceOf(ConnectionError);
  });
});
