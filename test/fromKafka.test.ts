import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { fromKafka, type Connector } from '../src/index.ts';
import { SimulatedCluster } from '../src/testing/index.ts';

const options = { groupId: 'g', topics: 't' };
const kafka = new Kafka({ brokers: ['localhost:1'], logLevel: logLevel.NOTHING });

describe('the first argument of fromKafka', () => {
  it('is a Kafka, or what connects to a broker', () => {
    for (const source of [kafka, new SimulatedCluster()]) expect(() => fromKafka(source, options)).not.toThrow();
  });

  it.each([
    ['a consumer of kafkajs', kafka.consumer({ groupId: 'g' })],
    ['a producer of kafkajs', kafka.producer()],
    ['an admin of kafkajs', kafka.admin()],
    ['the options of a Kafka', { brokers: ['localhost:1'] }],
    ['nothing', undefined],
  ])('is not %s: that is one clear error', (_, source) => {
    expect(() => fromKafka(source as unknown as Connector, options)).toThrow('neither a Kafka nor a Connector');
  });
});
