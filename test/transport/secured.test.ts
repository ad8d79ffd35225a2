import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, type KafkaConfig } from 'kafkajs';
import { map, switchMap, take } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metadataApi } from '../../src/protocol/apis/index.ts';
import { kafkajsConnector } from '../../src/transport/kafkajs/kafkajsConnector.ts';
import { describeJava, ownedKafka, type OwnedKafka, type Properties } from '../support/kafka.ts';
import { freePorts } from '../support/kafka/ports.ts';
import { outcome } from './support/outcome.ts';

const PASSWORD = 'alice-secret';
const STORE_PASSWORD = 'keystore-secret';

/** A key and a certificate for 127.0.0.1 that nobody signed but itself, by the JDK's keytool. */
function selfSigned(folder: string): { readonly store: string; readonly certificate: Buffer } {
  const store = join(folder, 'broker.p12');
  const file = join(folder, 'broker.pem');
  const common = ['-alias', 'broker', '-keystore', store, '-storetype', 'PKCS12', '-storepass', STORE_PASSWORD];
  const names = ['-dname', 'CN=127.0.0.1', '-ext', 'SAN=IP:127.0.0.1', '-validity', '2'];
  execFileSync('keytool', ['-genkeypair', '-keyalg', 'EC', '-groupname', 'secp256r1', ...names, ...common], { stdio: 'ignore' });
  execFileSync('keytool', ['-exportcert', '-rfc', '-file', file, ...common], { stdio: 'ignore' });
  return { store, certificate: readFileSync(file) };
}

interface Listeners {
  readonly sasl: number;
  readonly tls: number;
  readonly both: number;
}

function secured({ sasl, tls, both }: Listeners, store: string, plain: string): Properties {
  const login = `org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="${PASSWORD}";`;
  const listeners = `PLAINTEXT://${plain},SASL_PLAINTEXT://127.0.0.1:${sasl},SSL://127.0.0.1:${tls},SASL_SSL://127.0.0.1:${both}`;
  return {
    'advertised.listeners': listeners,
    'sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.sasl_plaintext.plain.sasl.jaas.config': login,
    'listener.name.sasl_ssl.plain.sasl.jaas.config': login,
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': store,
    'ssl.keystore.password': STORE_PASSWORD,
    'ssl.key.password': STORE_PASSWORD,
  };
}

await describeJava('a secured Kafka', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-rx-tls-'));
  let kafka: OwnedKafka;
  let at: Listeners;
  let ca: Buffer;

  beforeAll(async () => {
    const { store, certificate } = selfSigned(folder);
    ca = certificate;
    const [sasl = 0, tls = 0, both = 0] = await freePorts(3);
    at = { sasl, tls, both };
    kafka = await ownedKafka({
      properties: ({ port, controllerPort }) => {
        const properties = secured(at, store, `127.0.0.1:${port}`);
        return { ...properties, listeners: `${properties['advertised.listeners'] ?? ''},CONTROLLER://127.0.0.1:${controllerPort}` };
      },
    });
  }, 60_000);

  afterAll(async () => {
    await kafka.close();
    rmSync(folder, { recursive: true, force: true });
  });

  // A new object each time: kafkajs keeps in it the credentials that it first saw there.
  const plain = (password = PASSWORD) => ({ mechanism: 'plain', username: 'alice', password }) as const;

  function brokersSeen(port: number, config: Partial<KafkaConfig>): Promise<readonly unknown[]> {
    const connector = kafkajsConnector(new Kafka({ brokers: [`127.0.0.1:${port}`], ...config }));
    const nothing = {
      topics: [],
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    };
    return outcome(
      connector.connect().pipe(
        switchMap((connection) => connection.send(metadataApi, nothing)),
        map(({ brokers }) => brokers.length),
        take(1),
      ),
    );
  }

  test('SASL, TLS, and both', async () => {
    expect(await brokersSeen(at.sasl, { sasl: plain() })).toEqual([1]);
    expect(await brokersSeen(at.tls, { ssl: { ca } })).toEqual([1]);
    expect(await brokersSeen(at.both, { ssl: { ca }, sasl: plain() })).toEqual([1]);
  });

  test('a wrong password, also over TLS', async () => {
    for (const [port, ssl] of [[at.sasl, false] as const, [at.both, { ca }] as const]) {
      const [error] = await brokersSeen(port, { ssl, sasl: plain('guessed-secret') });
      expect(error).toMatchObject({
        name: 'AuthenticationError',
        code: 'SASL_AUTHENTICATION_FAILED',
        retriable: false,
        broker: `127.0.0.1:${port}`,
      });
      expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('guessed-secret');
    }
  });

  test('a mechanism that is not enabled, and SASL where none is wanted', async () => {
    const scram = { ...plain(), mechanism: 'scram-sha-256' } as const;
    expect(await brokersSeen(at.sasl, { sasl: scram })).toMatchObject([{ code: 'UNSUPPORTED_SASL_MECHANISM', retriable: false }]);
    expect(await brokersSeen(at.tls, { ssl: { ca }, sasl: plain() })).toMatchObject([{ code: 'ILLEGAL_SASL_STATE', retriable: false }]);
  });

  test('a certificate that nobody vouches for', async () => {
    expect(await brokersSeen(at.tls, { ssl: true })).toMatchObject([
      { name: 'ConnectionError', code: 'TLS_FAILED', retriable: false, broker: `127.0.0.1:${at.tls}` },
    ]);
  });

  test('a certificate of another host', async () => {
    const other = { ca, servername: 'elsewhere.example' };
    expect(await brokersSeen(at.tls, { ssl: other })).toMatchObject([{ code: 'TLS_FAILED', retriable: false }]);
  });

  test('no SASL where it is wanted: the broker hangs up', async () => {
    expect(await brokersSeen(at.sasl, {})).toMatchObject([{ code: 'CONNECTION_LOST', retriable: true }]);
  });

  test('plain text to TLS, and TLS to plain text', async () => {
    expect(await brokersSeen(at.tls, {})).toMatchObject([{ code: 'TLS_FAILED', retriable: false }]);
    expect(await brokersSeen(at.sasl, { ssl: { ca } })).toMatchObject([{ code: 'TLS_FAILED', retriable: true }]);
  });
});
