import { switchMap, take } from 'rxjs';
import type { Api } from '../../../../src/protocol/api.ts';
import { metadataApi } from '../../../../src/protocol/apis/metadata.ts';
import { SimulatedCluster } from '../../../../src/testing/simulatedCluster.ts';
import type { BrokerAddress } from '../../../../src/transport/port.ts';
import { eventually, type OwnedKafka } from '../../../support/kafka.ts';
import { electionApi, reassignmentApi } from './elections.ts';
import { realGround } from './grounds.ts';
import { only, type WireGround } from './talk.ts';
import { VirtualTime } from './virtualTime.ts';

/** Three brokers, 1 to 3, in racks r1 to r3. */
export interface ThreeGround extends WireGround {
  address(node: number): BrokerAddress;
  /** Another replica leads. */
  move(topic: string, leader: number, replicas: readonly number[]): Promise<void>;
  stop(node: number): Promise<void>;
  start(node: number): Promise<void>;
}

const timeoutMs = 10_000;
const nothingElse = { allowAutoTopicCreation: false, includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false };

export function threeRealBrokers(kafka: OwnedKafka): ThreeGround {
  const ground = realGround(kafka);
  const ask = <Q, R>(spoken: Api<Q, R>, request: Q): Promise<R> =>
    only(
      ground.connector.connect().pipe(
        switchMap((connection) => connection.send(spoken, request)),
        take(1),
      ),
    );
  const replicasOf = async (topic: string): Promise<readonly number[]> => {
    const { topics } = await ask(metadataApi, { topics: [{ topicId: '0'.repeat(32), name: topic }], ...nothingElse });
    return topics[0]?.partitions[0]?.replicaNodes ?? [];
  };
  return {
    ...ground,
    address: (node) => {
      const [host = '', port = ''] = kafka.address(node).split(':');
      return { host, port: Number(port) };
    },
    move: async (topic, leader, replicas) => {
      const reordered = [leader, ...replicas.filter((replica) => replica !== leader)];
      await ask(reassignmentApi, { timeoutMs, topics: [{ topic, partitions: [{ partition: 0, replicas: reordered }] }] });
      await eventually(async () => (await replicasOf(topic)).join() === reordered.join(), {
        what: `the replicas of ${topic} are in that order`,
      });
      await ask(electionApi, { electionType: 0, topics: [{ topic, partitions: [0] }], timeoutMs });
    },
    stop: (node) => kafka.stop(node),
    start: (node) => kafka.start(node),
  };
}

export function threeSimulatedBrokers(): ThreeGround {
  const time = new VirtualTime();
  const settings = { groupMinSessionTimeout: 500, rackAware: true };
  const cluster = new SimulatedCluster({ scheduler: time, brokers: ['r1', 'r2', 'r3'], settings });
  return {
    name: 'three simulated brokers',
    connector: cluster,
    now: () => time.now(),
    pause: (ms) => time.pause(ms),
    run: (work) => time.during(work()),
    address: (node) => ({ host: `b${node}`, port: 9092 }),
    move: async (topic, leader) => void cluster.apply({ kind: 'move', topic, partition: 0, leader }),
    stop: async (node) => void cluster.apply({ kind: 'down', node }),
    start: async (node) => void cluster.apply({ kind: 'up', node }),
  };
}
