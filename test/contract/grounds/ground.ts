import type { Kafka } from 'kafkajs';
import type { Connector } from '../../../src/index.ts';
import type { SimulatedCluster } from '../../../src/testing/index.ts';
import type { HasBrokers, Produced, ProduceOptions, TopicSettings } from '../../support/kafka.ts';

/** What `fromKafka` consumes from. */
export type Source = Kafka | Connector;

/** What a test may say of the records that it needs: both grounds write the same ones. */
export type Plan = Omit<ProduceOptions, 'linger' | 'config'>;

interface Both {
  /** How many records a test of many has. */
  readonly many: number;
  /** The cluster as a user gives it to `fromKafka`, in a client of its own. */
  source(): Source;
  /** The same as a connector. */
  connector(): Connector;
  /** Creates a topic of a name that no other test has, which begins like that; resolves with the name. */
  createTopic(prefix: string, settings: TopicSettings): Promise<string>;
  /** Writes record `i` to partition `i % partitions`, each partition in order. */
  produce(plan: Plan): Promise<Produced>;
  /** What a group has committed for the partitions of a topic; -1 where there is nothing. */
  committed(groupId: string, topic: string): Promise<readonly number[]>;
  /** The ends of the partitions of a topic. */
  ends(topic: string): Promise<readonly number[]>;
}

/** A Kafka that runs, or the simulated cluster in real time: a test takes the one for the other. */
export type Ground = RealGround | SimulatedGround;

export interface RealGround extends Both {
  readonly kind: 'real';
  readonly kafka: HasBrokers;
}

export interface SimulatedGround extends Both {
  readonly kind: 'simulated';
  readonly cluster: SimulatedCluster;
}
