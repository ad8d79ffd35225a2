import { kafkajsConnector } from '../../../src/transport/kafkajs/kafkajsConnector.ts';
import { committedOffsets, endOffsets } from '../../support/consume.ts';
import { createTopic, kafkajsFor, produceWithJava, uniqueTopic, type HasBrokers } from '../../support/kafka.ts';
import type { RealGround } from './ground.ts';

/** A Kafka that runs. Nothing is asked of it before the test does. */
export function realGround(kafka: HasBrokers): RealGround {
  return {
    kind: 'real',
    kafka,
    many: 200_000,
    source: () => kafkajsFor(kafka),
    connector: () => kafkajsConnector(kafkajsFor(kafka)),
    createTopic: (prefix, settings) => createTopic(kafka, uniqueTopic(prefix), settings),
    produce: (plan) => produceWithJava(kafka, plan),
    committed: (groupId, topic) => committedOffsets(kafka, groupId, topic),
    ends: (topic) => endOffsets(kafka, topic),
  };
}
