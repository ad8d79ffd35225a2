import { Kafka, logLevel, type KafkaConfig } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConsumerOptions } from '../../src/index.ts';
import { SimulatedCluster } from '../../src/testing/index.ts';
import { createTopic, describeJava, eventually, uniqueTopic } from '../support/kafka.ts';
import { freePorts } from '../support/kafka/ports.ts';
import { alice, bearerOf, bob, saslOf, secureKafka, type SecureKafka } from '../support/kafka/secure.ts';
import { createAuthority } from '../support/kafka/secureCertificates.ts';
import { expectRefused, refusals, starting, START_TIMEOUT, type Outcome, type Place, type Refusal } from './grounds/refusals.ts';

interface Cell {
  readonly what: string;
  readonly config: () => KafkaConfig;
  readonly options?: () => Partial<ConsumerOptions>;
  readonly expected: () => Readonly<Record<string, unknown>>;
  readonly advice: RegExp;
  readonly atOnce?: boolean;
}

await describeJava('a start that cannot succeed', () => {
  let kafka: SecureKafka;
  let topic: string;
  let describedGroup: string;
  let refusing: string;
  const stranger = createAuthority('somebody else').issue('client');
  const outcomes = new Map<Cell, Promise<Outcome>>();

  const ca = (): string => kafka.authority.certificate;
  const asBob = (): KafkaConfig => ({ brokers: [kafka.at('SASL_PLAINTEXT')], sasl: saslOf('plain', bob) });
  const plain = (): KafkaConfig => ({ brokers: [kafka.at('PLAINTEXT')] });
  const guessing = { username: 'alice', password: 'guessed' };
  const TLS = { name: 'ConnectionError', code: 'TLS_FAILED' };
  const SASL = { name: 'AuthenticationError', code: 'SASL_AUTHENTICATION_FAILED', retriable: false };

  /** What the simulated cluster says as well. */
  function same(what: keyof typeof refusals, broker: () => string): Omit<Cell, 'config'> {
    const { expected, options, ...refusal }: Refusal = refusals[what];
    const place = (): Place => ({ broker: broker(), topic });
    return { what, ...refusal, expected: () => expected(place()), ...(options !== undefined && { options: () => options(place()) }) };
  }

  const cells: readonly Cell[] = [
    {
      what: 'wrong address',
      config: () => ({ brokers: ['no-such-host.invalid:9092'] }),
      expected: () => ({ name: 'ConnectionError', code: 'BROKERS_UNREACHABLE', broker: 'no-such-host.invalid:9092', retriable: true }),
      advice: /Look whether the broker runs/,
    },
    {
      ...same('refused port', () => refusing),
      config: () => ({ brokers: [refusing] }),
    },
    {
      what: 'several wrong addresses',
      config: () => ({ brokers: [refusing, 'no-such-host.invalid:9092'] }),
      expected: () => ({ name: 'ConnectionError', code: 'BROKERS_UNREACHABLE' }),
      advice: /Look whether the broker runs/,
    },
    {
      what: 'TLS to a listener in plain text',
      config: () => ({ brokers: [kafka.at('PLAINTEXT')], ssl: { ca: ca() } }),
      expected: () => ({ ...TLS, broker: kafka.at('PLAINTEXT') }),
      advice: /leave `ssl` out/,
    },
    {
      what: 'plain text to a listener for TLS',
      config: () => ({ brokers: [kafka.at('SSL')] }),
      expected: () => ({ ...TLS, broker: kafka.at('SSL'), retriable: false }),
      advice: /This port speaks TLS: give `ssl`/,
      atOnce: true,
    },
    {
      what: 'a certificate of an authority that is not known here',
      config: () => ({ brokers: [kafka.at('SSL')], ssl: true }),
      expected: () => ({ ...TLS, broker: kafka.at('SSL'), retriable: false }),
      advice: /ssl\.ca/,
      atOnce: true,
    },
    {
      what: 'a certificate for another host name',
      config: () => ({ brokers: [kafka.at('SSL').replace('127.0.0.1', 'localhost')], ssl: { ca: ca() } }),
      expected: () => ({ ...TLS, broker: kafka.at('SSL').replace('127.0.0.1', 'localhost'), retriable: false }),
      advice: /for other names.*ssl\.servername/,
      atOnce: true,
    },
    {
      what: 'no certificate of our own where one is wanted',
      config: () => ({ brokers: [kafka.at('MTLS')], ssl: { ca: ca() } }),
      expected: () => ({ ...TLS, broker: kafka.at('MTLS'), retriable: false }),
      advice: /ssl\.cert and ssl\.key/,
      atOnce: true,
    },
    {
      what: 'a certificate of our own that the broker does not trust',
      config: () => ({ brokers: [kafka.at('MTLS')], ssl: { ca: ca(), cert: stranger.certificate, key: stranger.key } }),
      expected: () => ({ ...TLS, broker: kafka.at('MTLS'), retriable: false }),
      advice: /ssl\.cert and ssl\.key/,
      atOnce: true,
    },
    {
      what: 'a key that cannot be read',
      config: () => ({ brokers: [kafka.at('MTLS')], ssl: { ca: ca(), cert: kafka.client.certificate, key: 'not a key' } }),
      expected: () => ({ ...TLS, broker: kafka.at('MTLS'), retriable: false }),
      advice: /cannot be read/,
      atOnce: true,
    },
    {
      ...same('wrong password, PLAIN', () => kafka.at('SASL_PLAINTEXT')),
      config: () => ({ brokers: [kafka.at('SASL_PLAINTEXT')], sasl: saslOf('plain', guessing) }),
    },
    {
      what: 'wrong password, SCRAM',
      config: () => ({ brokers: [kafka.at('SASL_PLAINTEXT')], sasl: saslOf('scram-sha-256', guessing) }),
      expected: () => ({ ...SASL, broker: kafka.at('SASL_PLAINTEXT') }),
      advice: /sasl\.username and sasl\.password/,
      atOnce: true,
    },
    {
      what: 'wrong password, SCRAM over TLS',
      config: () => ({ brokers: [kafka.at('SASL_SSL')], ssl: { ca: ca() }, sasl: saslOf('scram-sha-512', guessing) }),
      expected: () => ({ ...SASL, broker: kafka.at('SASL_SSL') }),
      advice: /sasl\.username and sasl\.password/,
      atOnce: true,
    },
    {
      what: 'a token that has expired',
      config: () => ({ brokers: [kafka.at('SASL_PLAINTEXT')], sasl: bearerOf('alice', -3_600) }),
      expected: () => ({ ...SASL, broker: kafka.at('SASL_PLAINTEXT') }),
      advice: /oauthBearerProvider/,
      atOnce: true,
    },
    {
      what: 'a mechanism that is not enabled',
      config: () => ({ brokers: [kafka.at('REAUTH')], sasl: saslOf('scram-sha-512', alice) }),
      expected: () => ({ ...SASL, code: 'UNSUPPORTED_SASL_MECHANISM', broker: kafka.at('REAUTH') }),
      advice: /sasl\.enabled\.mechanisms/,
      atOnce: true,
    },
    {
      what: 'SASL where none is wanted',
      config: () => ({ brokers: [kafka.at('PLAINTEXT')], sasl: saslOf('plain', alice) }),
      expected: () => ({ ...SASL, code: 'ILLEGAL_SASL_STATE', broker: kafka.at('PLAINTEXT') }),
      advice: /leave `sasl` out/,
      atOnce: true,
    },
    {
      what: 'no SASL where it is wanted',
      config: () => ({ brokers: [kafka.at('SASL_PLAINTEXT')] }),
      expected: () => ({ name: 'ConnectionError', code: 'BROKERS_UNREACHABLE', broker: kafka.at('SASL_PLAINTEXT') }),
      advice: /want SASL.*give `sasl`/,
    },
    {
      ...same('unknown topic', () => kafka.at('PLAINTEXT')),
      config: plain,
    },
    {
      ...same('unknown partition', () => kafka.at('PLAINTEXT')),
      config: plain,
    },
    {
      ...same('topic not authorised', () => kafka.at('SASL_PLAINTEXT')),
      config: asBob,
    },
    {
      ...same('group not authorised', () => kafka.at('SASL_PLAINTEXT')),
      config: asBob,
    },
    {
      ...same('group that may be seen and not joined', () => kafka.at('SASL_PLAINTEXT')),
      config: asBob,
      options: () => ({ groupId: describedGroup }),
    },
  ];

  function start({ config, options }: Cell): Promise<Outcome> {
    const client = new Kafka({ logLevel: logLevel.NOTHING, ...config() });
    const given = { groupId: uniqueTopic('group'), topics: topic, startTimeout: START_TIMEOUT.real, ...options?.() } as ConsumerOptions;
    return starting(client, given);
  }

  beforeAll(async () => {
    kafka = await secureKafka();
    topic = await createTopic(kafka, uniqueTopic('open'), { partitions: 1 });
    describedGroup = uniqueTopic('described');
    await createTopic(kafka, 'secret', { partitions: 1 });
    await kafka.allow('read', 'topic', topic);
    await kafka.allow('describe', 'group', describedGroup);
    const [port = 0] = await freePorts(1);
    refusing = `127.0.0.1:${port}`;
    for (const cell of cells) outcomes.set(cell, start(cell));
  }, 90_000);

  afterAll(() => kafka.close());

  describe('says so, once', () => {
    test.each(cells)('$what', async (cell) => {
      expectRefused((await outcomes.get(cell)) ?? { said: [], after: 0 }, cell.expected(), cell);
    });
  });

  test('and leaves neither a socket nor a timer', async () => {
    await Promise.all(outcomes.values());
    const left = (): readonly string[] => process.getActiveResourcesInfo().filter((name) => /Timeout|TCP|TLS|Connect|AddrInfo/.test(name));
    await eventually(() => expect(left()).toEqual([]), { what: 'no timer and no socket', every: 5, deadline: 2_000 });
  });
});

describe('a start that cannot succeed, simulated', () => {
  const broker = 'b1:9092';
  const all: readonly (readonly [string, Refusal])[] = Object.entries(refusals);

  describe('says so, once', () => {
    test.concurrent.each(all)('%s', async (_, refusal) => {
      const cluster = new SimulatedCluster().topic('open').topic('secret');
      for (const fault of refusal.faults) cluster.inject(fault);
      const place: Place = { broker, topic: 'open' };
      const options = { groupId: 'group', topics: 'open', startTimeout: START_TIMEOUT.simulated, ...refusal.options?.(place) };
      expectRefused(await starting(cluster, options as ConsumerOptions), refusal.expected(place), refusal, 'simulated');
      await eventually(() => expect(cluster.open).toBe(0), { what: 'no connection is open', every: 5, deadline: 1_000 });
    });
  });
});
