import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { asyncScheduler, concatMap, forkJoin, map, mergeMap, range, switchMap, take, toArray, type Observable } from 'rxjs';
import { expect, test } from 'vitest';
import { apiVersionsApi, listOffsetsApi, metadataApi } from '../../src/protocol/apis/index.ts';
import type { FetchRequest } from '../../src/protocol/apis/fetch.ts';
import { kafkajsConnector } from '../../src/transport/kafkajs/kafkajsConnector.ts';
import { createLink } from '../../src/transport/link.ts';
import type { Connection } from '../../src/transport/port.ts';
import { createTopic, describeKafka, kafkajsFor, uniqueTopic, withAdmin } from '../support/kafka.ts';
import { outcome } from './support/outcome.ts';
import { NO_ID } from '../support/noId.ts';

const nothingAsked = {
  topics: [],
  allowAutoTopicCreation: false,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
};
const software = { clientSoftwareName: 'kafka-rx', clientSoftwareVersion: '0' };

function fetching(topic: string, fetchOffset: number, maxWaitMs: number): FetchRequest {
  const partition = {
    partition: 0,
    currentLeaderEpoch: -1,
    fetchOffset,
    lastFetchedEpoch: -1,
    logStartOffset: -1,
    partitionMaxBytes: 1 << 20,
  };
  return {
    clusterId: null,
    replicaId: -1,
    maxWaitMs,
    minBytes: 1,
    maxBytes: 1 << 20,
    isolationLevel: 1,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ topic, topicId: NO_ID, partitions: [partition] }],
    forgottenTopicsData: [],
    rackId: '',
  };
}

const life = fileURLToPath(new URL('support/life.ts', import.meta.url));

/** What the program said, and how it ended; it is killed after the deadline. */
async function run(...args: readonly string[]): Promise<{ readonly said: string; readonly code: number | null }> {
  const child = spawn(process.execPath, ['--import', 'tsx', life, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const deadline = setTimeout(() => child.kill('SIGKILL'), 12_000);
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<[number | null]>]);
  clearTimeout(deadline);
  return { said, code };
}

await describeKafka('a real Kafka, through kafkajs', (kafka) => {
  const connected = <T>(use: (connection: Connection) => Observable<T>): Promise<readonly unknown[]> =>
    outcome(kafkajsConnector(kafkajsFor(kafka)).connect().pipe(switchMap(use), take(1)));

  test('ApiVersions and Metadata, in every version that both speak', async () => {
    const answers = await connected((connection) =>
      range(0, 13).pipe(
        concatMap((version) => {
          const metadata = connection.send({ ...metadataApi, versions: [version, version] }, { ...nothingAsked, topics: [] });
          const versions = connection.send({ ...apiVersionsApi, versions: [Math.min(4, version), Math.min(4, version)] }, software);
          return forkJoin([metadata, versions]);
        }),
        map(([metadata, versions]) => metadata.brokers.length > 0 && versions.errorCode === 0 && versions.apiKeys.length > 20),
        toArray(),
      ),
    );
    expect(answers).toEqual([Array.from({ length: 13 }, () => true)]);
  });

  test('two thousand requests at once are answered, each with its own', async () => {
    const answers = await connected((connection) =>
      range(0, 2_000).pipe(
        mergeMap((i) =>
          connection
            .send(metadataApi, { ...nothingAsked, topics: [{ topicId: '0'.repeat(32), name: `no-such-topic-${i}` }] })
            .pipe(map(({ topics }) => topics[0]?.name)),
        ),
        toArray(),
      ),
    );
    expect(answers).toEqual([Array.from({ length: 2_000 }, (_, i) => `no-such-topic-${i}`)]);
  });

  test('a fetch in parts, and a long poll that is cancelled', async () => {
    const topic = await createTopic(kafka, uniqueTopic('transport'), { partitions: 1 });
    const producer = kafkajsFor(kafka).producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'one' }, { value: 'two' }] });
    await producer.disconnect();
    const kinds = await connected((connection) =>
      connection.fetch(fetching(topic, 0, 500)).pipe(
        map((part) => (part.kind === 'batch' ? `batch ${part.batch.baseOffset} to ${part.batch.lastOffset}` : part.kind)),
        toArray(),
      ),
    );
    expect(kinds).toEqual([['head', 'partition', 'batch 0 to 1', 'end']]);

    const afterCancelling = await connected((connection) => {
      connection
        .fetch(fetching(topic, 2, 300))
        .subscribe(() => expect.unreachable('cancelled'))
        .unsubscribe();
      return connection.send(listOffsetsApi, {
        replicaId: -1,
        isolationLevel: 0,
        topics: [{ name: topic, partitions: [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp: -1 }] }],
        timeoutMs: 1_000,
      });
    });
    expect(afterCancelling).toMatchObject([{ topics: [{ partitions: [{ offset: 2, errorCode: 0 }] }] }]);
  });

  test('a link to it: opened once, used by many, closed', async () => {
    const [host = '', port = ''] = kafka.brokers[0]?.split(':') ?? [];
    const address = { host, port: Number(port) };
    const connector = kafkajsConnector(kafkajsFor(kafka));
    const log: string[] = [];
    const link = createLink({
      address,
      connect: () => connector.connect(address),
      scheduler: asyncScheduler,
      opened: ({ broker }) => log.push(`opened ${broker}`),
      closed: (error) => log.push(`closed ${String(error)}`),
    });
    const many = range(0, 50).pipe(
      mergeMap(() => link.request(metadataApi, nothingAsked, 5_000)),
      toArray(),
    );
    expect(await outcome(many.pipe(map((all) => all.length)))).toEqual([50]);
    const unanswered = link.fetch(fetching('no-such-topic', 0, 60_000), { first: 5_000, each: 5_000 });
    expect(await outcome(unanswered.pipe(map((part) => part.kind)))).toEqual(['head', 'partition', 'end']);
    link.close();
    expect(log).toEqual([`opened ${link.broker}`, 'closed undefined']);
    expect(await outcome(link.request(metadataApi, nothingAsked, 5_000))).toMatchObject([{ code: 'CONNECTION_LOST' }]);
  });

  test('the Kafka of the user works as before beside it', async () => {
    const user = kafkajsFor(kafka);
    expect(
      await outcome(
        kafkajsConnector(user)
          .connect()
          .pipe(
            map(({ broker }) => broker),
            take(1),
          ),
      ),
    ).toHaveLength(1);
    const admin = user.admin();
    await admin.connect();
    expect((await admin.describeCluster()).brokers.length).toBeGreaterThan(0);
    await admin.disconnect();
  });

  test('a program that used it ends by itself', { timeout: 30_000 }, async () => {
    const brokers = await withAdmin(kafka, (admin) => admin.describeCluster());
    const [address = ''] = kafka.brokers;
    expect(await run(address, 'used')).toEqual({ said: `${brokers.brokers.length} brokers\n`, code: 0 });
  });

  test.each([0, 3, 30])('a program that changes its mind after %i ms ends by itself', { timeout: 30_000 }, async (held) => {
    const [address = ''] = kafka.brokers;
    expect((await run(address, String(held))).code).toBe(0);
  });
});

test('a program that was refused ends by itself', { timeout: 30_000 }, async () => {
  const { said, code } = await run('127.0.0.1:1', 'used');
  expect(said).toContain('no connection to 127.0.0.1:1 (ECONNREFUSED)');
  expect(code).toBe(0);
});
