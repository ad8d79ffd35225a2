import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { Kafka, logLevel, type KafkaConfig, type LogEntry, type SASLOptions } from 'kafkajs';
import { mergeMap, tap } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CorruptBatchError, fromKafka, KafkaRxError } from '../../src/index.ts';
import type { ConsumerOptions } from '../../src/index.ts';
import { createTopic, describeJava, eventually, kafkajsFor, uniqueTopic } from '../support/kafka.ts';
import { alice, bearerOf, saslOf, secureKafka, type SecureKafka } from '../support/kafka/secure.ts';

/** Nothing that is said may contain one of these. */
const MARKS = {
  password: 'MARK-password-5f1c',
  passphrase: 'MARK-passphrase-77d0',
  token: 'MARK-token-a90e',
  key: 'MARK-private-key-31bb',
  recordKey: 'MARK-record-key-c4f2',
  value: 'MARK-value-8e6a',
  header: 'MARK-header-d2d9',
} as const;

/** Everything that a thing may tell to whom it is handed: its text, its stack, its fields, what lies behind it. */
function told(thing: unknown): string {
  const seen = new WeakSet();
  const json = JSON.stringify(thing, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if (seen.has(value)) return undefined;
    seen.add(value);
    if (!(value instanceof Error)) return value;
    return { ...Object.fromEntries(Object.entries(value)), message: value.message, stack: value.stack, cause: value.cause };
  });
  return [
    String(thing),
    json,
    inspect(thing, { depth: Infinity, showHidden: true, maxStringLength: Infinity, maxArrayLength: Infinity }),
  ].join('\n');
}

/** On a real Kafka only: the simulated cluster is told no secrets. */
await describeJava('what is secret', () => {
  let kafka: SecureKafka;
  let topic: string;
  let secrets: readonly string[];
  const heard: unknown[] = [];
  const warned = (warning: Error): void => void heard.push(warning);

  beforeAll(async () => {
    process.on('warning', warned);
    kafka = await secureKafka();
    topic = await createTopic(kafka, uniqueTopic('secrets'), { partitions: 1 });
    const producer = kafkajsFor(kafka).producer();
    await producer.connect();
    const record = { key: MARKS.recordKey, value: MARKS.value, headers: { [MARKS.header]: MARKS.header } };
    await producer.send({ topic, messages: [record, record, record] });
    await producer.disconnect();
    const ofKey = kafka.client.key.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
    secrets = [...Object.values(MARKS), alice.password, ...ofKey].flatMap((secret) => [
      secret,
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret).toString('base64url'),
      inspect(Buffer.from(secret)).slice('<Buffer '.length, -1),
    ]);
  }, 90_000);

  afterAll(async () => {
    process.off('warning', warned);
    await kafka.close();
  });

  function expectNothingIn(things: readonly unknown[]): void {
    for (const thing of things) {
      const text = told(thing);
      for (const secret of secrets) if (text.includes(secret)) expect.fail(`${secret} is told by ${text}`);
    }
  }

  /** Consumes until the end of the topic or an error; resolves with all that was said meanwhile, the end of the Observable last. */
  async function run(config: Partial<KafkaConfig>, options: Partial<ConsumerOptions> = {}, work?: () => void): Promise<readonly unknown[]> {
    const said: unknown[] = [];
    const logged = (entry: LogEntry): void => void said.push(entry);
    const client = new Kafka({ brokers: [kafka.at('PLAINTEXT')], logLevel: logLevel.DEBUG, logCreator: () => logged, ...config });
    const events = (event: unknown): void => void said.push(event);
    const given = {
      groupId: uniqueTopic('group'),
      topics: topic,
      startTimeout: 1_500,
      stopAt: 'end',
      events,
      ...options,
    } as ConsumerOptions;
    const records = fromKafka(client, given).pipe(
      mergeMap((partition) => {
        said.push(`${partition.key} ${inspect(partition.signal)}`);
        return partition.pipe(
          tap((record) => {
            work?.();
            record.ack();
          }),
        );
      }),
    );
    await new Promise<void>((resolve) => {
      const end = (what: unknown): void => {
        said.push(what);
        resolve();
      };
      records.subscribe({ error: end, complete: () => end('complete') });
    });
    return said;
  }

  const wrong = { username: 'alice', password: MARKS.password };
  const sasl = (
    options: SASLOptions,
    listener: 'SASL_PLAINTEXT' | 'SASL_SSL' | 'SSL' | 'PLAINTEXT' = 'SASL_PLAINTEXT',
  ): Partial<KafkaConfig> => ({
    brokers: [kafka.at(listener)],
    sasl: options,
    ssl: listener.endsWith('SSL') ? { ca: kafka.authority.certificate } : false,
  });
  const mtls = (ssl: object): Partial<KafkaConfig> => ({ brokers: [kafka.at('MTLS')], ssl: { ca: kafka.authority.certificate, ...ssl } });
  const locked = (): string =>
    generateKeyPairSync('ec', {
      namedCurve: 'prime256v1',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'another' },
    }).privateKey;

  test.each<readonly [string, () => Partial<KafkaConfig>]>([
    ['a wrong password, PLAIN', () => sasl(saslOf('plain', wrong))],
    ['a wrong password, SCRAM', () => sasl(saslOf('scram-sha-256', wrong))],
    ['a wrong password, over TLS', () => sasl(saslOf('plain', wrong), 'SASL_SSL')],
    ['a password where none is wanted', () => sasl(saslOf('plain', wrong), 'PLAINTEXT')],
    ['a password for TLS in plain text', () => ({ ...sasl(saslOf('plain', wrong), 'SASL_SSL'), ssl: false })],
    ['a password to nobody', () => ({ ...sasl(saslOf('plain', wrong)), brokers: ['127.0.0.1:1'] })],
    [
      'a mechanism with a secret of its own',
      () => sasl({ mechanism: 'aws', authorizationIdentity: 'a', accessKeyId: MARKS.key, secretAccessKey: MARKS.password }),
    ],
    ['a token that has expired', () => sasl(bearerOf(MARKS.token, -3_600))],
    ['a token that is none', () => sasl({ mechanism: 'oauthbearer', oauthBearerProvider: () => Promise.resolve({ value: MARKS.token }) })],
    [
      'a provider of tokens that fails',
      () => sasl({ mechanism: 'oauthbearer', oauthBearerProvider: () => Promise.reject(new Error(MARKS.token)) }),
    ],
    ['brokers that cannot be found', () => ({ brokers: () => Promise.reject(new Error(MARKS.password)) })],
    [
      'a socket factory that throws',
      () => ({
        socketFactory: () => {
          throw Object.assign(new Error(MARKS.password), { password: MARKS.password });
        },
      }),
    ],
    ['a key that cannot be read', () => mtls({ cert: kafka.client.certificate, key: MARKS.key })],
    ['a certificate that cannot be read', () => mtls({ cert: MARKS.key, key: kafka.client.key })],
    ['a key of another certificate', () => mtls({ cert: kafka.authority.issue('other').certificate, key: kafka.client.key })],
    ['a wrong passphrase', () => mtls({ cert: kafka.client.certificate, key: locked(), passphrase: MARKS.passphrase })],
  ])('%s: there is an error, and the secret is not in anything that is said', async (_what, config) => {
    const said = await run(config());
    expect(KafkaRxError.is(said.at(-1))).toBe(true);
    expectNothingIn(said);
  });

  test('records, a key and a password that are in use', async () => {
    const ways = [
      sasl(saslOf('plain', alice), 'SASL_SSL'),
      sasl(saslOf('scram-sha-512', alice)),
      sasl(bearerOf('alice')),
      mtls({ cert: kafka.client.certificate, key: kafka.client.key }),
    ];
    for (const config of ways) {
      const said = await run(config, { startTimeout: 20_000 });
      expect(said.at(-1)).toBe('complete');
      expect(said.length).toBeGreaterThan(8);
      expectNothingIn(said);
    }
  });

  test('work that fails on a record', async () => {
    const said = await run({}, { startTimeout: 20_000 }, () => {
      throw new Error('cannot');
    });
    expect(said.at(-1)).toMatchObject({ message: 'cannot' });
    await eventually(() => expect(said.some((one) => inspect(one).includes("'closed'"))).toBe(true), { what: 'the end' });
    expectNothingIn(said);
  });

  test('options that should have been given to somebody else', () => {
    const client = new Kafka({ brokers: ['127.0.0.1:1'], sasl: saslOf('plain', wrong), logLevel: logLevel.NOTHING });
    const secret = { groupId: 'g', topics: 't', sasl: { mechanism: 'plain', ...wrong }, password: MARKS.password, ssl: { key: MARKS.key } };
    const attempts: readonly (() => void)[] = [
      () => void fromKafka(client, secret),
      () => void fromKafka({ brokers: ['b:1'], ...secret } as never, { groupId: 'g', topics: 't' }),
      () => void fromKafka(client, { groupId: 'g', topics: 't', commit: { password: MARKS.password } } as never),
    ];
    const errors = attempts.map((attempt) => {
      try {
        attempt();
        return undefined;
      } catch (error) {
        return error;
      }
    });
    for (const error of errors) expect(error).toMatchObject({ code: 'INVALID_OPTIONS' });
    expectNothingIn(errors);
  });

  test('warnings of the process', () => {
    expectNothingIn(heard);
  });

  test('the search finds what there is to be found', () => {
    const hidden = new CorruptBatchError('x', 0, 0, { cause: new AggregateError([new Error('y', { cause: { deep: [MARKS.value] } })]) });
    const bytes = new Error('z', { cause: Buffer.from(`<${MARKS.token}>`) });
    for (const thing of [hidden, bytes, { kind: 'failed', error: hidden }]) expect(() => expectNothingIn([thing])).toThrow(/is told by/);
  });
});
