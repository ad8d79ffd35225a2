import { defer, ignoreElements, repeat, retry, timer, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createCluster } from '../../src/cluster/cluster.ts';
import { createCoordinator } from '../../src/cluster/coordinator.ts';
import { heartbeatApi } from '../../src/protocol/apis/heartbeat.ts';
import { Brokers, coordinatorAt, metadata } from './scenario.ts';

const beat = { groupId: 'g', generationId: 0, memberId: '', groupInstanceId: null };
const ok = { throttleTimeMs: 0, errorCode: 0 };

/** Broker 0 dies at 1,000 ms; whether and when another coordinates the group: `movesAt`. Heartbeats are tried again and again. */
function start({ movesAt, backAt }: { readonly movesAt?: number; readonly backAt?: number }) {
  const brokers: Brokers = new Brokers(({ api, broker }) => {
    if (api === 'Metadata') return metadata([0, 1]);
    if (api === 'FindCoordinator') return coordinatorAt(movesAt !== undefined && brokers.clock.now() >= movesAt ? 1 : 0);
    return { ...ok, broker };
  });
  const cluster = createCluster(brokers.context, () => []);
  cluster.refreshing.subscribe();
  const coordinator = createCoordinator(brokers.context, cluster, 'g');
  const beats: Observable<never> = defer(() => coordinator.request('control', heartbeatApi, beat, 6_000)).pipe(
    repeat({ delay: () => timer(500, brokers.clock) }),
    retry({ delay: () => timer(500, brokers.clock) }),
    ignoreElements(),
  );
  brokers.to(10);
  brokers.watch('beats', beats);
  brokers.at(1_000, () => {
    brokers.down.add('b0:9092');
    brokers.cut('b0:9092');
  });
  if (backAt !== undefined) brokers.at(backAt, () => brokers.down.delete('b0:9092'));
  return brokers;
}

const timesOf = (brokers: Brokers, what: string): readonly number[] =>
  brokers.log.filter((line) => line.includes(what)).map((line) => Number(line.split(' ')[0]));

describe('a coordinator whose broker is gone', () => {
  it('is looked for while connecting backs off: the next one is asked half a second after the others know it', () => {
    const brokers = start({ movesAt: 9_000 });
    brokers.to(12_000);
    const [first = Infinity] = timesOf(brokers, 'Heartbeat to b1');
    expect(first).toBeGreaterThan(9_000);
    expect(first).toBeLessThan(9_600);
  });

  it('is waited for where nobody has taken over: it is tried as often as the back-off allows, and looked for twice a second', () => {
    const brokers = start({ backAt: 20_000 });
    brokers.to(20_000);
    const attempts = timesOf(brokers, 'connect b0').filter((at) => at > 1_000);
    expect(attempts.length).toBeLessThan(10);
    const lookUps = timesOf(brokers, 'FindCoordinator').filter((at) => at > 1_000);
    expect(lookUps.length).toBeGreaterThan(30);
    expect(lookUps.length).toBeLessThan(50);
    brokers.to(40_000);
    expect(timesOf(brokers, 'Heartbeat to b0').some((at) => at > 20_000)).toBe(true);
  });
});
