import { connect as connectTls } from 'node:tls';
import { Kafka, logLevel, type KafkaConfig } from 'kafkajs';
import { mergeMap, tap, timer } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromKafka } from '../../src/index.ts';
import type { ConsumerEvent, ConsumerOptions, KafkaRecord } from '../../src/index.ts';
import { createTopic, describeJava, eventually, kafkajsFor, produceWithJava, uniqueTopic } from '../support/kafka.ts';
import { alice, bearerOf, bob, saslOf, secureKafka, SESSION, type Listener, type SecureKafka } from '../support/kafka/secure.ts';
import { ended } from '../support/consume.ts';

const PARTITIONS = 3;
const COUNT = 300;

/** On a real Kafka only: the simulated cluster has no TLS, no SASL and no ACLs. */
await describeJava('a secured Kafka', () => {
  let kafka: SecureKafka;
  let topic: string;

  beforeAll(async () => {
    kafka = await secureKafka();
    topic = await createTopic(kafka, uniqueTopic('secured'), { partitions: PARTITIONS });
    await produceWithJava(kafka, { topic, partitions: PARTITIONS, count: COUNT });
  }, 90_000);

  afterAll(() => kafka.close());

  function clientOf(listener: Listener, config: Partial<KafkaConfig>): Kafka {
    return new Kafka({ brokers: [kafka.at(listener)], logLevel: logLevel.NOTHING, ...config });
  }

  /** Reads the topic to its end as a member of a group; resolves with `partition:offset` in the order of arrival. */
  async function readAll(client: Kafka, options: Partial<ConsumerOptions> = {}): Promise<readonly string[]> {
    const seen: string[] = [];
    const member = { groupId: uniqueTopic('group'), topics: topic, stopAt: 'end', startTimeout: 20_000, ...options } as ConsumerOptions;
    const acked = (record: KafkaRecord): void => {
      seen.push(`${record.partition}:${record.offset}`);
      record.ack();
    };
    await ended(fromKafka(client, member).pipe(mergeMap((partition) => partition.pipe(tap(acked)))));
    return seen;
  }

  function expectAll(seen: readonly string[]): void {
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const own = seen.filter((place) => place.startsWith(`${partition}:`));
      expect(own).toEqual(Array.from({ length: COUNT / PARTITIONS }, (_, offset) => `${partition}:${offset}`));
    }
  }

  const ca = (): string => kafka.authority.certificate;

  test.each<readonly [name: string, listener: Listener, config: () => Partial<KafkaConfig>]>([
    ['PLAIN', 'SASL_PLAINTEXT', () => ({ sasl: saslOf('plain', alice) })],
    ['SCRAM-SHA-256', 'SASL_PLAINTEXT', () => ({ sasl: saslOf('scram-sha-256', alice) })],
    ['SCRAM-SHA-512', 'SASL_PLAINTEXT', () => ({ sasl: saslOf('scram-sha-512', alice) })],
    ['OAUTHBEARER', 'SASL_PLAINTEXT', () => ({ sasl: bearerOf('alice') })],
    ['TLS', 'SSL', () => ({ ssl: { ca: ca() } })],
    ['TLS that the user chose not to verify', 'SSL', () => ({ ssl: { rejectUnauthorized: false } })],
    ['TLS with a certificate of our own', 'MTLS', () => ({ ssl: { ca: ca(), cert: kafka.client.certificate, key: kafka.client.key } })],
    ['PLAIN over TLS', 'SASL_SSL', () => ({ ssl: { ca: ca() }, sasl: saslOf('plain', alice) })],
    ['SCRAM-SHA-512 over TLS', 'SASL_SSL', () => ({ ssl: { ca: ca() }, sasl: saslOf('scram-sha-512', alice) })],
    ['OAUTHBEARER over TLS', 'SASL_SSL', () => ({ ssl: { ca: ca() }, sasl: bearerOf('alice') })],
  ])('%s: every record once and in order', async (_name, listener, config) => {
    expectAll(await readAll(clientOf(listener, config())));
  });

  test('somebody who may read the topic and the group, and nothing else', async () => {
    const groupId = uniqueTopic('group-of-bob');
    await kafka.allow('read', 'topic', topic);
    await kafka.allow('read', 'group', groupId);
    expectAll(await readAll(clientOf('SASL_PLAINTEXT', { sasl: saslOf('plain', bob) }), { groupId }));
  });

  test('a socket factory of the user makes every socket, also for TLS', async () => {
    const made: string[] = [];
    const socketFactory: KafkaConfig['socketFactory'] = ({ host, port, ssl, onConnect }) => {
      made.push(`${host}:${port}`);
      return connectTls({ host, port, ...(ssl as object) }, onConnect);
    };
    expectAll(await readAll(clientOf('SASL_SSL', { ssl: { ca: ca() }, sasl: saslOf('plain', alice), socketFactory })));
    // Bootstrap, control, join, fetch.
    expect(made.length).toBeGreaterThanOrEqual(4);
    expect(new Set(made)).toEqual(new Set([kafka.at('SASL_SSL')]));
  });

  test('connections are renewed before their sessions end: no error, nothing twice, nothing lost', { timeout: 40_000 }, async () => {
    const own = await createTopic(kafka, uniqueTopic('renewed'), { partitions: 1 });
    const events: ConsumerEvent[] = [];
    const seen: number[] = [];
    const producer = kafkajsFor(kafka).producer();
    await producer.connect();
    let sent = 0;
    const producing = timer(0, 50).pipe(mergeMap(() => producer.send({ topic: own, messages: [{ value: String(sent++) }] })));
    const consuming = fromKafka(clientOf('REAUTH', { sasl: saslOf('scram-sha-256', alice) }), {
      groupId: uniqueTopic('group'),
      topics: own,
      commit: { interval: 500 },
      heartbeatInterval: 500,
      events: (event) => events.push(event),
    }).pipe(mergeMap((partition) => partition.pipe(tap((record) => record.ack()))));
    const errors: unknown[] = [];
    const read = consuming.subscribe({ next: ({ value }) => seen.push(Number(value)), error: (error: unknown) => errors.push(error) });
    const write = producing.subscribe();
    // Three sessions and a bit are the thing under test.
    const enough = performance.now() + 3.3 * SESSION;
    await eventually(() => performance.now() > enough, { what: 'three sessions', deadline: 4 * SESSION });
    write.unsubscribe();
    await producer.disconnect();
    await eventually(() => expect(seen).toHaveLength(sent), { what: 'the last record' });
    read.unsubscribe();
    await eventually(() => events.some(({ kind }) => kind === 'closed'), { what: 'the end' });
    expect(errors).toEqual([]);
    expect(seen).toEqual(Array.from({ length: sent }, (_, number) => number));
    // A new broker may have to make its coordinator first. From then on nothing goes wrong.
    const since = events.slice(events.findIndex(({ kind }) => kind === 'joined'));
    expect(since.filter((event) => 'error' in event || ['lost', 'revoked', 'stalled', 'failed'].includes(event.kind))).toEqual([]);
    // Fetch and control, each of them at least three times; each connection that was opened is closed.
    expect(events.filter(({ kind }) => kind === 'connected').length).toBeGreaterThanOrEqual(7);
    expect(events.filter(({ kind }) => kind === 'joined')).toHaveLength(1);
    const ends = (kind: ConsumerEvent['kind']): number => events.filter((event) => event.kind === kind).length;
    expect(ends('disconnected')).toBe(ends('connected'));
  });
});
