import type { Kafka } from 'kafkajs';
import { OptionsError } from '../../errors/index.ts';
import { hasMethods, isCluster, type Cluster } from './internals.ts';

/**
 * Whether the value is a `Kafka` of kafkajs.
 *
 * Told by its structure: with two copies of kafkajs in one program, `instanceof` would refuse the instances of the other.
 */
export function isKafka(value: unknown): value is Kafka {
  return hasMethods(value, ['consumer', 'producer', 'admin', 'logger']);
}

/**
 * The cluster that this Kafka would use for one more consumer: its configuration, its pools, no connection.
 *
 * kafkajs hands it to the assigners of a consumer as soon as that is created. The consumer is never run: no loop and no timer starts.
 * Throws OptionsError where that way does not lead to what we need: another version of kafkajs.
 */
export function clusterOf(kafka: Kafka): Cluster {
  const handedOut: unknown[] = [];
  kafka.consumer({
    groupId: 'kafka-rx',
    allowAutoTopicCreation: false,
    partitionAssigners: [
      ({ cluster }) => {
        handedOut.push(cluster);
        return {
          name: 'kafka-rx',
          version: 0,
          protocol: () => ({ name: 'kafka-rx', metadata: Buffer.alloc(0) }),
          assign: () => Promise.resolve([]),
        };
      },
    ],
  });
  const [cluster] = handedOut;
  if (!isCluster(cluster)) throw strangeKafkajs('its cluster is not where it should be');
  return cluster;
}

/** What is said where a piece of kafkajs is not what it is in version 2.2.4. */
export function strangeKafkajs(why: string): OptionsError {
  const allowed = 'a Kafka of kafkajs 2.2.4, exactly';
  const suggestion = 'npm install --save-exact kafkajs@2.2.4';
  return new OptionsError(`this Kafka is not one of kafkajs 2.2.4: ${why} (${suggestion})`, [
    { path: 'source', given: 'another Kafka', allowed, suggestion },
  ]);
}
