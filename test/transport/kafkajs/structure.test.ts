import { Kafka } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { OptionsError } from '../../../src/errors/index.ts';
import { kafkajsConnector } from '../../../src/transport/kafkajs/kafkajsConnector.ts';
import { isKafka } from '../../../src/transport/kafkajs/structure.ts';

const nothing = (): undefined => undefined;

describe('a Kafka of kafkajs', () => {
  test('is told by its structure', () => {
    expect(isKafka(new Kafka({ brokers: ['b:1'] }))).toBe(true);
    // A second copy of kafkajs has another class.
    expect(isKafka({ consumer: nothing, producer: nothing, admin: nothing, logger: nothing })).toBe(true);
  });

  test.each([
    undefined,
    null,
    1,
    'kafka',
    {},
    { connect: nothing },
    { consumer: nothing, producer: nothing },
    { consumer: 1, producer: 1, admin: 1, logger: 1 },
  ])('%j is none', (value) => {
    expect(isKafka(value)).toBe(false);
  });

  test.each([
    ['never hands out its cluster', nothing],
    ['hands out nothing', ({ partitionAssigners: [assigner] }: Assigners) => assigner({ cluster: undefined })],
    ['hands out another cluster', ({ partitionAssigners: [assigner] }: Assigners) => assigner({ cluster: { brokerPool: {} } })],
  ])('one that %s is refused at once, with the version that we need', (_what, consumer) => {
    const strange: unknown = { consumer, producer: nothing, admin: nothing, logger: nothing };
    if (!isKafka(strange)) throw new Error('it looks like one');
    expect(() => kafkajsConnector(strange)).toThrow(OptionsError);
    expect(() => kafkajsConnector(strange)).toThrow('kafkajs@2.2.4');
  });

  test('one whose pool is another is refused when it is connected', () => {
    const cluster = { connectionPoolBuilder: { build: async () => ({ pool: [{}] }) }, brokerPool: { createBroker: nothing } };
    const strange: unknown = {
      consumer: ({ partitionAssigners: [assigner] }: Assigners) => assigner({ cluster }),
      producer: nothing,
      admin: nothing,
      logger: nothing,
    };
    if (!isKafka(strange)) throw new Error('it looks like one');
    const connection = kafkajsConnector(strange).connect();
    return new Promise<void>((resolve) => {
      connection.subscribe({
        error: (error: unknown) => {
          expect(error).toBeInstanceOf(OptionsError);
          resolve();
        },
      });
    });
  });
});

interface Assigners {
  readonly partitionAssigners: readonly [(given: { readonly cluster: unknown }) => unknown];
}
