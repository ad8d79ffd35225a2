import { Kafka, logLevel, type KafkaConfig } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromKafka, KafkaRxError } from '../../src/index.ts';
import type { ConsumerOptions } from '../../src/index.ts';
import { createTopic, describeJava, eventually, uniqueTopic } from '../support/kafka.ts';
import { freePorts } from '../support/kafka/ports.ts';
import { alice, bearerOf, bob, saslOf, secureKafka, type SecureKafka } from '../support/kafka/secure.ts';
import { createAuthority } from '../support/kafka/secureCertificates.ts';

const START_TIMEOUT = 5_000;
/** What is refused is told without waiting for the start to run out of time. */
const AT_ONCE = 3_000;

interface Cell {
  readonly what: string;
  readonly config: () => KafkaConfig;
  readonly options?: () => Partial<ConsumerOptions>;
  readonly expected: () => Readonly<Record<string, unknown>>;
  readonly advice: RegExp;
  readonly atOnce?: boolean;
}

interface Outcome {
  /** Everything that the outer Observable did. */
  readonly said: readonly unknown[];
  readonly after: number;
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

  const cells: readonly Cell[] = [
    {
      what: 'wrong address',
      config: () => ({ brokers: ['no-such-host.invalid:9092'] }),
      expected: () => ({ name: 'ConnectionError', code: 'BROKERS_UNREACHABLE', broker: 'no-such-host.invalid:9092', retriable: true }),
      advice: /Look whether the broker runs/,
    },
    {
      what: 'refused port',
      config: () => ({ brokers: [refusing] }),
      expected: () => ({ name: 'ConnectionError', code: 'BROKERS_UNREACHABLE', broker: refusing, retriable: true }),
      advice: /Look whether the broker runs/,
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
      what: 'wrong password, PLAIN',
      config: () => ({ brokers: [kafka.at('SASL_PLAINTEXT')], sasl: saslOf('plain', guessing) }),
      expected: () => ({ ...SASL, broker: kafka.at('SASL_PLAINTEXT') }),
      advice: /sasl\.username and sasl\.password/,
      atOnce: true,
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
      what: 'unknown topic',
      config: plain,
      options: () => ({ topics: [topic, 'no-such-topic'] }),
      expected: () => ({ name: 'UnknownTopicError', code: 'UNKNOWN_TOPIC_OR_PARTITION', topic: 'no-such-topic', retriable: false }),
      advice: /Create the topic/,
    },
    {
      what: 'unknown partition',
      config: plain,
      options: () =>
        ({
          groupId: undefined,
          topics: undefined,
          partitions: [
            { topic, partition: 0 },
            { topic, partition: 7 },
          ],
        }) as never,
      expected: () => ({ name: 'UnknownTopicError', code: 'UNKNOWN_TOPIC_OR_PARTITION', topic, partition: 7 }),
      advice: /Create the topic/,
    },
    {
      what: 'topic not authorised',
      config: asBob,
      options: () => ({ topics: 'secret' }),
      expected: () => ({ name: 'AuthorizationError', code: 'TOPIC_AUTHORIZATION_FAILED', topic: 'secret', retriable: false }),
      advice: /READ and DESCRIBE on the topic/,
      atOnce: true,
    },
    {
      what: 'group not authorised',
      config: asBob,
      expected: () => ({
        name: 'AuthorizationError',
        code: 'GROUP_AUTHORIZATION_FAILED',
        broker: kafka.at('SASL_PLAINTEXT'),
        retriable: false,
      }),
      advice: /READ on the group/,
      atOnce: true,
    },
    {
      what: 'group that may be seen and not joined',
      config: asBob,
      options: () => ({ groupId: describedGroup }),
      expected: () => ({ name: 'AuthorizationError', code: 'GROUP_AUTHORIZATION_FAILED', broker: kafka.at('SASL_PLAINTEXT') }),
      advice: /READ on the group/,
      atOnce: true,
    },
  ];

  function start({ config, options }: Cell): Promise<Outcome> {
    const begun = performance.now();
    const said: unknown[] = [];
    const client = new Kafka({ logLevel: logLevel.NOTHING, ...config() });
    const given = { groupId: uniqueTopic('group'), topics: topic, startTimeout: START_TIMEOUT, ...options?.() } as ConsumerOptions;
    return new Promise((resolve) => {
      const end = (what: unknown): void => {
        said.push(what);
        resolve({ said, after: performance.now() - begun });
      };
      fromKafka(client, given).subscribe({ next: ({ key }) => said.push(key), error: end, complete: () => end('complete') });
    });
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
      const { said, after } = (await outcomes.get(cell)) ?? { said: [], after: 0 };
      expect(said).toHaveLength(1);
      const [error] = said;
      expect(error).toMatchObject(cell.expected());
      if (!KafkaRxError.is(error)) throw new Error('not one of ours');
      expect(error.advice).toMatch(cell.advice);
      expect(after).toBeLessThan(cell.atOnce === true ? AT_ONCE : START_TIMEOUT + 2_000);
    });
  });

  test('and leaves neither a socket nor a timer', async () => {
    await Promise.all(outcomes.values());
    const left = (): readonly string[] => process.getActiveResourcesInfo().filter((name) => /Timeout|TCP|TLS|Connect|AddrInfo/.test(name));
    await eventually(() => expect(left()).toEqual([]), { what: 'no timer and no socket', every: 5, deadline: 2_000 });
  });
});
