import { filter, take } from 'rxjs';
import { SimulatedCluster } from '../../../../src/testing/index.ts';
import type { Direction } from '../../../support/proxy.ts';
import { inHere } from '../consumers/consumer.ts';
import { steadyReader } from '../consumers/steadyReader.ts';
import { partitions, type Network, type Scene, type Stage, type Timing } from './stage.ts';
import { Writing } from './writing.ts';

const node = 1;
const hows = { 'before an answer': 'before', 'inside of an answer': 'inside', 'behind an answer': 'after' } as const;

const timing: Timing = {
  requestTimeout: 200,
  backoff: { initial: 20, max: 100, jitter: 0.2 },
  slack: 2_000,
  moment: 100,
  slow: 20,
  refusal: 700,
};

/** The simulated cluster, whose network is spoilt by faults. */
export const simulatedStage: Stage = {
  kind: 'simulated',
  timing,
  cuts: Object.keys(hows).map((how) => ({ how, places: ['Fetch', 'Heartbeat', 'OffsetCommit'] })),
  open,
};

function open(): Promise<Scene> {
  const cluster = new SimulatedCluster().topic('steady', partitions);
  const writing = new Writing((values) => {
    values.forEach((value, partition) => cluster.append('steady', partition, [value]));
    return Promise.resolve();
  });
  const { requestTimeout, backoff } = timing;
  const options = { requestTimeout, backoff, heartbeatInterval: 100, commit: { interval: 100 }, fetch: { maxWait: 200 } };
  const reader = inHere(steadyReader(cluster, 'steady', 'steady-group', options));
  return Promise.resolve({
    network: networkOf(cluster),
    reader,
    written: writing.count,
    cut: (how: string, api: string) =>
      new Promise<void>((done) => {
        cluster.traffic
          .pipe(
            filter(({ kind }) => kind === 'disconnect'),
            take(1),
          )
          .subscribe(() => done());
        cluster.inject({ kind: 'reset', when: hows[how as keyof typeof hows], api });
      }),
    close: async () => {
      await reader.end();
      await writing.stop();
    },
  });
}

function networkOf(cluster: SimulatedCluster): Network {
  const { latency } = cluster;
  return {
    swallow: (direction: Direction) => {
      // What is sent to a broker that is frozen is done when it has thawed: that it never arrives cannot be told from that it is never answered.
      if (direction !== 'answers') cluster.apply({ kind: 'freeze', node });
      if (direction !== 'requests') cluster.inject({ kind: 'noAnswer', times: Infinity });
    },
    // The way of a request takes no time here.
    delay: (ms) => (cluster.latency = 2 * ms),
    refuse: () => {
      cluster.inject({ kind: 'error', error: 'CONNECTION_FAILED', api: 'Connect', times: Infinity });
      cluster.apply({ kind: 'cut', node });
      return Promise.resolve();
    },
    heal: () => {
      cluster.heal();
      cluster.latency = latency;
      cluster.apply({ kind: 'up', node });
      return Promise.resolve();
    },
  };
}
