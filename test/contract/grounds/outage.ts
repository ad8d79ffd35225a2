import { join } from 'node:path';
import { expect } from 'vitest';
import { SimulatedCluster } from '../../../src/testing/index.ts';
import { ownedKafka } from '../../support/kafka.ts';
import { inChild, inHere, type Remote } from './consumers/consumer.ts';
import { reader, type ReaderLook } from './consumers/reader.ts';
import type { Ground } from './ground.ts';
import { realGround } from './real.ts';
import { simulatedGround } from './simulated.ts';

/** A cluster of one broker that goes away and comes back. */
export interface Outage {
  readonly ground: Ground;
  read(topic: string, groupId: string): Remote<ReaderLook>;
  down(): Promise<void>;
  /** Resolves when it answers. */
  up(): Promise<void>;
  close(): Promise<void>;
}

/** A Kafka of its own, and a reader in a process of its own. */
export async function realOutage(): Promise<Outage> {
  const kafka = await ownedKafka();
  const child = join(import.meta.dirname, '../children/reader.ts');
  return {
    ground: realGround(kafka),
    read: (topic, groupId) => inChild<ReaderLook>(child, [kafka.brokers.join(','), topic, groupId]),
    down: () => kafka.stop(1),
    up: () => kafka.start(1),
    close: () => kafka.close(),
  };
}

export function simulatedOutage(): Promise<Outage> {
  const cluster = new SimulatedCluster();
  return Promise.resolve({
    ground: simulatedGround(cluster),
    read: (topic: string, groupId: string) => inHere(reader(cluster, topic, groupId, (error) => expect.unreachable(String(error)))),
    down: async () => void cluster.apply({ kind: 'down', node: 1 }),
    up: async () => void cluster.apply({ kind: 'up', node: 1 }),
    close: async () => undefined,
  });
}
