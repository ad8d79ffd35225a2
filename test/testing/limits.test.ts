import { mergeMap, VirtualTimeScheduler } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCluster } from '../../src/testing/index.ts';
import { NO_ID } from '../support/noId.ts';

let scheduler: VirtualTimeScheduler;
let cluster: SimulatedCluster;
const place = { topic: 'orders', partition: 0 };

beforeEach(() => {
  scheduler = new VirtualTimeScheduler();
  cluster = new SimulatedCluster({ scheduler, brokers: 2 }).topic('orders', 1, 5, { replicationFactor: 2 });
});

describe('an unclean leader', () => {
  test('does not come by itself: a replica that lags and comes back leads nothing', () => {
    cluster.apply({ kind: 'lag', ...place, node: 2 }).append('orders', 0, 5);
    cluster.apply({ kind: 'down', node: 1 }).apply({ kind: 'down', node: 2 }).apply({ kind: 'up', node: 2 });
    expect(cluster.partition('orders', 0)).toMatchObject({ leader: -1 });
    expect(cluster.partition('orders', 0).log.end).toBe(10);
    cluster.apply({ kind: 'up', node: 1 });
    expect(cluster.partition('orders', 0)).toMatchObject({ leader: 1 });
  });
});

describe('what cannot be is refused', () => {
  test.each([
    [
      'a leader that is down',
      () => cluster.apply({ kind: 'down', node: 2 }).apply({ kind: 'move', ...place, leader: 2 }),
      'broker 2 is down',
    ],
    ['a topic twice', () => cluster.topic('orders'), 'there is a topic orders already'],
    ['a leader that lags', () => cluster.apply({ kind: 'lag', ...place, node: 1 }), 'broker 1 leads'],
    [
      'a commit for nothing',
      () => cluster.apply({ kind: 'commit', groupId: 'g', topic: 'x', partition: 0, offset: 1 }),
      'there is no partition x/0',
    ],
    ['a partition of no topic', () => cluster.inject({ api: 'Fetch', partition: 7, kind: 'noAnswer' }), 'give the topic as well'],
    [
      'a connection that trickles',
      () => cluster.inject({ api: 'Connect', kind: 'trickle', bytes: 1, every: 1 }),
      'cannot be struck by trickle',
    ],
    ['a bootstrap that fails', () => cluster.inject({ api: 'Bootstrap', kind: 'noAnswer' }), 'Connect is the opening of any connection'],
  ])('%s', (_, wrong, words) => {
    expect(wrong).toThrow(words);
  });
});

test('a broker that was frozen and then dies refuses connections', () => {
  cluster.apply({ kind: 'freeze', node: 1 }).apply({ kind: 'down', node: 1 });
  const codes: unknown[] = [];
  cluster.connect({ host: 'b1', port: 9092 }).subscribe({ error: (error: unknown) => codes.push((error as { code: string }).code) });
  scheduler.flush();
  expect(codes).toEqual(['CONNECTION_FAILED']);
});

test('an error of one partition takes no other fault away from who is to be struck by it', () => {
  cluster.topic('others');
  const answers: number[] = [];
  const poll = {
    clusterId: null,
    replicaId: -1,
    maxWaitMs: 100,
    minBytes: 1,
    maxBytes: 1_000,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    forgottenTopicsData: [],
    rackId: '',
  };
  const partitions = [
    { partition: 0, currentLeaderEpoch: -1, fetchOffset: 0, lastFetchedEpoch: -1, logStartOffset: -1, partitionMaxBytes: 1_000 },
  ];
  const leader = cluster.partition('others', 0).leader;
  cluster
    .connect({ host: `b${leader}`, port: 9092 })
    .pipe(mergeMap((connection) => connection.fetch({ ...poll, topics: [{ topic: 'others', topicId: NO_ID, partitions }] })))
    .subscribe({ next: ({ kind }) => kind === 'end' && answers.push(scheduler.now()), error: () => undefined });
  scheduler.schedule(() => {
    cluster.inject({ api: 'Fetch', kind: 'latency', delay: 500 });
    cluster.inject({ api: 'Fetch', ...place, kind: 'error', error: 'KAFKA_STORAGE_ERROR' });
  }, 50);
  scheduler.flush();
  expect(answers).toEqual([102]);
});
