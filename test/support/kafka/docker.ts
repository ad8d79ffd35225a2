import { existsSync } from 'node:fs';
import { request } from 'node:http';
import type { RequestOptions } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { eventually } from './eventually.ts';
import { freePorts } from './ports.ts';
import { nodesKnownBy } from './probe.ts';
import { kafkaVersion } from './version.ts';

const IMAGE = `apache/kafka:${kafkaVersion}`;
const ANSWER_WITHIN = 800;

/** Where a Docker daemon may listen, and by which host its containers' ports are reached. */
function daemons(): readonly { readonly host: string; readonly way: RequestOptions }[] {
  const given = process.env['DOCKER_HOST'];
  if (given?.startsWith('tcp://') === true) {
    const { hostname, port } = new URL(given);
    return [{ host: hostname, way: { hostname, port } }];
  }
  const runtime = process.env['XDG_RUNTIME_DIR'];
  const sockets = given?.startsWith('unix://')
    ? [given.slice('unix://'.length)]
    : [
        '/var/run/docker.sock',
        ...(runtime === undefined ? [] : [join(runtime, 'docker.sock')]),
        join(homedir(), '.docker/run/docker.sock'),
      ];
  return sockets.filter((path) => existsSync(path)).map((socketPath) => ({ host: '127.0.0.1', way: { socketPath } }));
}

function answers(way: RequestOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = request({ ...way, path: '/_ping', timeout: ANSWER_WITHIN }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on('timeout', () => ping.destroy(new Error('no answer')));
    ping.on('error', () => resolve(false));
    ping.end();
  });
}

/** The host of a Docker daemon that answers; undefined: there is none. Takes less than a second. */
export async function dockerHost(): Promise<string | undefined> {
  for (const { host, way } of daemons()) if (await answers(way)) return host;
  return undefined;
}

function environment(host: string, port: number): Record<string, string> {
  return {
    KAFKA_NODE_ID: '1',
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    KAFKA_LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:9093`,
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${host}:${port}`,
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    KAFKA_INTER_BROKER_LISTENER_NAME: 'PLAINTEXT',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '1',
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: '1',
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: '500',
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
  };
}

/** One Kafka in a container. The port inside is the port outside, since it stands in what the broker advertises. */
export async function startInDocker(host: string): Promise<{ readonly brokers: readonly string[]; close(): Promise<void> }> {
  const { GenericContainer } = await import('testcontainers');
  const [port = 0] = await freePorts(1);
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts({ container: port, host: port })
    .withEnvironment(environment(host, port))
    .withStartupTimeout(120_000)
    .start();
  const address = `${host}:${port}`;
  await eventually(async () => (await nodesKnownBy(address)).includes(1), {
    what: `Kafka in Docker answers at ${address}`,
    deadline: 60_000,
  });
  return { brokers: [address], close: () => container.stop().then(() => undefined) };
}
