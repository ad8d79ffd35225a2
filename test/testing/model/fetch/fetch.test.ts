import { describe, expect, it } from 'vitest';
import { codeOf, kafkaErrorOf } from '../../../../src/errors/table.ts';
import { lead } from '../../../../src/testing/model/leadership.ts';
import { answered, at, clusterOf, end, fetch, offsetsIn, only, partitionOf, told, write } from './broker.ts';

/** `orders` with three partitions, whose first has the batches 0-1, 2-3 and 4-5. */
function orders(brokers = 1, replicationFactor = 1): ReturnType<typeof clusterOf> {
  const cluster = clusterOf(brokers);
  cluster.createTopic('orders', 3, replicationFactor);
  for (let i = 0; i < 3; i++) write(cluster, 'orders', 0, 2);
  return cluster;
}

const allVersions = Array.from({ length: 15 }, (_, i) => i + 4);
const committed = { isolationLevel: 1 };

describe('what is read', () => {
  it.each(allVersions)('begins with the batch that holds the offset (version %i)', (version) => {
    const cluster = orders();
    const topic = version < 13 ? {} : { id: cluster.topics.get('orders')?.id ?? '' };
    const data = only(answered(fetch(cluster, [at('orders/0@3', topic)], { version })));
    expect([data.errorCode, data.highWatermark, data.lastStableOffset, offsetsIn(data.records ?? Buffer.alloc(0))]).toEqual([
      0,
      6,
      6,
      [2, 3, 4, 5],
    ]);
    expect([data.logStartOffset, data.abortedTransactions, data.preferredReadReplica]).toEqual([version < 5 ? -1 : 0, null, -1]);
  });

  it('is empty at the end, not null', () => {
    const data = only(answered(fetch(orders(), [at('orders/0@6')])));
    expect([data.errorCode, data.records?.length, data.highWatermark]).toEqual([0, 0, 6]);
  });

  it('is an error on both sides of the log, and then everything else is -1', () => {
    const cluster = orders();
    partitionOf(cluster, 'orders', 0).log.deleteBefore(1);
    for (const offset of [0, 7, -1]) {
      const data = only(answered(fetch(cluster, [at(`orders/0@${String(offset)}`)], committed)));
      expect([kafkaErrorOf(data.errorCode).name, data.highWatermark, data.lastStableOffset, data.logStartOffset]).toEqual([
        'OFFSET_OUT_OF_RANGE',
        -1,
        -1,
        -1,
      ]);
      expect([data.records?.length, data.abortedTransactions]).toEqual([0, null]);
    }
    expect(told(answered(fetch(cluster, [at('orders/0@1')])))).toEqual(['orders/0 0 1 2 3 4 5 hw 6']);
  });

  it('ends before what only a script has written', () => {
    const cluster = orders();
    partitionOf(cluster, 'orders', 0).log.highWatermark = 4;
    expect(told(answered(fetch(cluster, [at('orders/0@0'), at('orders/0@4')])))).toEqual(['orders/0 nothing hw 4']);
    expect(told(answered(fetch(cluster, [at('orders/0@0')])))).toEqual(['orders/0 0 1 2 3 hw 4']);
    expect(told(answered(fetch(cluster, [at('orders/0@5')])))).toEqual(['orders/0 nothing hw 4']);
  });

  it('is an error for partitions that there are not; they stand last', () => {
    const response = answered(fetch(orders(), [at('orders/9@0'), at('nothing/0@0'), at('orders/0@4')]));
    expect(told(response)).toEqual(['orders/0 4 5 hw 6', 'orders/9 UNKNOWN_TOPIC_OR_PARTITION', 'nothing/0 UNKNOWN_TOPIC_OR_PARTITION']);
    expect(response.responses.map(({ topic }) => topic)).toEqual(['orders', 'nothing']);
  });

  it('is what was asked last of a partition that is listed twice', () => {
    expect(told(answered(fetch(orders(), [at('orders/0@0'), at('orders/1@0'), at('orders/0@4')])))).toEqual([
      'orders/0 4 5 hw 6',
      'orders/1 nothing hw 0',
    ]);
  });
});

describe('a log that compaction has left a hole at the end of', () => {
  it('is read to its end, and waited at', () => {
    const cluster = clusterOf();
    cluster.createTopic('orders', 1);
    const { log } = partitionOf(cluster, 'orders', 0);
    log.append([{ key: Buffer.from('a'), value: Buffer.from('0') }]);
    log.append([{ key: Buffer.from('a'), value: null }]);
    log.compact(2);
    log.compact(2);
    const data = only(answered(fetch(cluster, [at('orders/0@1')], committed)));
    expect([data.errorCode, data.records?.length, data.highWatermark, data.abortedTransactions]).toEqual([0, 0, 2, null]);
    const reply = fetch(cluster, [at('orders/0@1')], { maxWaitMs: 500 });
    log.append([{}]);
    expect(reply.kind === 'later' ? told(reply.ready(1) ?? failure()) : reply.kind).toEqual(['orders/0 2 hw 3']);
  });
});

describe('sizes', () => {
  function sized(): ReturnType<typeof clusterOf> {
    const cluster = clusterOf();
    cluster.createTopic('orders', 3);
    for (let partition = 0; partition < 3; partition++) for (let i = 0; i < 3; i++) write(cluster, 'orders', partition, 1, { bytes: 100 });
    return cluster;
  }
  const all = [at('orders/0@0'), at('orders/1@0'), at('orders/2@0')];
  const bytes = (
    cluster: ReturnType<typeof clusterOf>,
    asks: Parameters<typeof fetch>[1],
    of: Parameters<typeof fetch>[2],
  ): readonly number[] =>
    answered(fetch(cluster, asks, of)).responses.flatMap(({ partitions }) => partitions.map(({ records }) => records?.length ?? -1));
  const [batch = 0] = bytes(sized(), [at('orders/0@2')], {});

  it('of at most one byte still bring the first batch whole, and none of the others', () => {
    expect(bytes(sized(), all, { maxBytes: 1 })).toEqual([batch, 0, 0]);
  });

  it('leave out a partition whose first batch does not fit in what is left', () => {
    expect(bytes(sized(), all, { maxBytes: 4 * batch - 1 })).toEqual([3 * batch, 0, 0]);
    expect(bytes(sized(), all, { maxBytes: 4 * batch })).toEqual([3 * batch, batch, 0]);
  });

  it('cut a partition in the middle of a batch', () => {
    const cluster = sized();
    const asks = [at('orders/0@0', { partitionMaxBytes: 2 * batch + 10 })];
    expect(bytes(cluster, asks, {})).toEqual([2 * batch + 10]);
    expect(told(answered(fetch(cluster, asks)))).toEqual(['orders/0 0 1 hw 3']);
  });

  it('of a partition are passed by the first batch that there is, wherever it is', () => {
    const cluster = sized();
    expect(
      bytes(cluster, [at('orders/0@3'), at('orders/1@0', { partitionMaxBytes: 1 }), at('orders/2@0', { partitionMaxBytes: 1 })], {}),
    ).toEqual([0, batch, 0]);
  });

  it('tell aborted transactions only of what had room', () => {
    const cluster = sized();
    write(cluster, 'orders', 1, 1, { producerId: 7 });
    end(cluster, 'orders', 1, 7, 'abort');
    const of = (maxBytes: number): unknown =>
      answered(fetch(cluster, all, { maxBytes, ...committed })).responses[0]?.partitions[1]?.abortedTransactions;
    expect([of(4 * batch), of(4 * batch - 1), of(1)]).toEqual([
      [{ producerId: 7, firstOffset: 3 }],
      null,
      [{ producerId: 7, firstOffset: 3 }],
    ]);
  });
});

describe('transactions', () => {
  function transactional(): ReturnType<typeof clusterOf> {
    const cluster = clusterOf();
    cluster.createTopic('orders', 1);
    write(cluster, 'orders', 0, 2);
    write(cluster, 'orders', 0, 2, { producerId: 7 });
    return cluster;
  }

  it('that are open end what readers of committed records get', () => {
    const cluster = transactional();
    const data = only(answered(fetch(cluster, [at('orders/0@0')], committed)));
    expect([offsetsIn(data.records ?? Buffer.alloc(0)), data.highWatermark, data.lastStableOffset, data.abortedTransactions]).toEqual([
      [0, 1],
      4,
      2,
      [],
    ]);
    expect(told(answered(fetch(cluster, [at('orders/0@0')])))).toEqual(['orders/0 0 1 2 3 hw 4']);
    expect(told(answered(fetch(cluster, [at('orders/0@3')], { ...committed, maxWaitMs: 500 })))).toEqual(['orders/0 nothing hw 4']);
  });

  it('that were aborted are listed', () => {
    const cluster = transactional();
    end(cluster, 'orders', 0, 7, 'abort');
    const aborted = (offset: number, of = committed): unknown =>
      only(answered(fetch(cluster, [at(`orders/0@${String(offset)}`)], of))).abortedTransactions;
    expect([aborted(0), aborted(4), aborted(5)]).toEqual([[{ producerId: 7, firstOffset: 2 }], [{ producerId: 7, firstOffset: 2 }], []]);
    expect(aborted(0, { isolationLevel: 0 })).toBeNull();
  });

  it('that are committed wake who waits for them', () => {
    const cluster = transactional();
    const reply = fetch(cluster, [at('orders/0@2')], { ...committed, maxWaitMs: 500 });
    if (reply.kind !== 'later') throw new Error('answered at once');
    write(cluster, 'orders', 0, 1);
    expect(reply.ready(100)).toBeUndefined();
    end(cluster, 'orders', 0, 7, 'commit');
    expect(told(reply.ready(200) ?? failure())).toEqual(['orders/0 2 3 4 5 hw 6']);
  });
});

describe('a long poll', () => {
  const wait = { maxWaitMs: 500, now: 1_000 };

  it('waits for a record', () => {
    const cluster = orders();
    const reply = fetch(cluster, [at('orders/0@6'), at('orders/1@0')], wait);
    if (reply.kind !== 'later') throw new Error('answered at once');
    expect([reply.until, reply.ready(1_499)]).toEqual([1_500, undefined]);
    write(cluster, 'orders', 1, 1);
    expect(told(reply.ready(1_499) ?? failure())).toEqual(['orders/0 nothing hw 6', 'orders/1 0 hw 1']);
  });

  it('ends after its time', () => {
    const reply = fetch(orders(), [at('orders/0@6')], wait);
    expect(reply.kind === 'later' ? told(reply.ready(1_500) ?? failure()) : reply.kind).toEqual(['orders/0 nothing hw 6']);
  });

  it('waits for so many bytes of all its partitions', () => {
    const cluster = orders();
    const reply = fetch(cluster, [at('orders/0@6'), at('orders/1@0')], { ...wait, minBytes: 200 });
    if (reply.kind !== 'later') throw new Error('answered at once');
    write(cluster, 'orders', 0, 1, { bytes: 60 });
    expect(reply.ready(1_100)).toBeUndefined();
    write(cluster, 'orders', 1, 1, { bytes: 60 });
    expect(told(reply.ready(1_100) ?? failure())).toEqual(['orders/0 6 hw 7', 'orders/1 0 hw 1']);
  });

  it('does not wait for more than fits', () => {
    expect(fetch(orders(), [at('orders/0@0')], { ...wait, minBytes: 10_000, maxBytes: 100 }).kind).toBe('now');
    expect(fetch(orders(), [at('orders/0@0')], { ...wait, minBytes: 10_000 }).kind).toBe('later');
  });

  it('is answered at once with an error of one partition, but waits beside one that there is not', () => {
    expect(told(answered(fetch(orders(), [at('orders/1@0'), at('orders/0@99')], wait)))).toEqual([
      'orders/1 nothing hw 0',
      'orders/0 OFFSET_OUT_OF_RANGE',
    ]);
    expect(fetch(orders(), [at('orders/1@0'), at('nothing/0@0')], wait).kind).toBe('later');
    expect(fetch(orders(), [at('nothing/0@0')], wait).kind).toBe('now');
  });

  it('does not wait below the start, however many bytes it wants', () => {
    const cluster = orders();
    partitionOf(cluster, 'orders', 0).log.deleteBefore(2);
    expect(told(answered(fetch(cluster, [at('orders/0@0')], { ...wait, minBytes: 10_000 })))).toEqual(['orders/0 OFFSET_OUT_OF_RANGE']);
  });

  it('does not wait where a script refuses', () => {
    const refusal = (topic?: string): string | undefined => (topic === 'orders' ? 'NOT_LEADER_OR_FOLLOWER' : undefined);
    expect(told(answered(fetch(orders(), [at('orders/0@6')], { ...wait, refusal })))).toEqual(['orders/0 NOT_LEADER_OR_FOLLOWER']);
  });

  it('is woken when its topic is deleted', () => {
    const cluster = orders();
    const reply = fetch(cluster, [at('orders/0@6')], wait);
    cluster.deleteTopic('orders');
    expect(reply.kind === 'later' ? told(reply.ready(1_001) ?? failure()) : reply.kind).toEqual(['orders/0 UNKNOWN_TOPIC_OR_PARTITION']);
  });

  it('is woken when the leader moves, if it said an epoch', () => {
    const cluster = orders(2, 2);
    const reply = fetch(cluster, [at('orders/0@6', { currentLeaderEpoch: 0 })], wait);
    const trusting = fetch(cluster, [at('orders/0@6')], wait);
    lead(cluster, partitionOf(cluster, 'orders', 0), 2);
    expect(reply.kind === 'later' ? told(reply.ready(1_001) ?? failure()) : reply.kind).toEqual(['orders/0 FENCED_LEADER_EPOCH']);
    expect(trusting.kind === 'later' ? trusting.ready(1_001) : trusting.kind).toBeUndefined();
  });

  it('is woken when the leader moves, if only the leader may answer', () => {
    const cluster = orders(2, 2);
    const reply = fetch(cluster, [at('orders/0@6')], { ...wait, version: 10 });
    lead(cluster, partitionOf(cluster, 'orders', 0), 2);
    expect(reply.kind === 'later' ? told(reply.ready(1_001) ?? failure()) : reply.kind).toEqual(['orders/0 NOT_LEADER_OR_FOLLOWER']);
  });

  it('counts no more of a partition than may be read of it', () => {
    const cluster = orders();
    const reply = fetch(cluster, [at('orders/0@6', { partitionMaxBytes: 100 })], { ...wait, minBytes: 200 });
    write(cluster, 'orders', 0, 1, { bytes: 300 });
    expect(reply.kind === 'later' ? reply.ready(1_001) : reply.kind).toBeUndefined();
  });

  it('is not woken by retention', () => {
    const cluster = orders();
    const reply = fetch(cluster, [at('orders/0@6')], wait);
    partitionOf(cluster, 'orders', 0).log.deleteBefore(6);
    expect(reply.kind === 'later' ? reply.ready(1_001) : reply.kind).toBeUndefined();
  });
});

describe('topic ids', () => {
  it('that no topic has are an error', () => {
    const response = answered(fetch(orders(), [at('orders/0@0', { id: 'f'.repeat(32) })], { version: 13 }));
    expect([kafkaErrorOf(only(response).errorCode).name, response.responses[0]?.topicId]).toEqual(['UNKNOWN_TOPIC_ID', 'f'.repeat(32)]);
  });

  it('that no topic has stand before partitions that there are not', () => {
    const cluster = orders();
    const id = cluster.topics.get('orders')?.id ?? '';
    const response = answered(fetch(cluster, [at('orders/9@0', { id }), at('orders/0@0', { id: 'f'.repeat(32) })], { version: 13 }));
    expect(response.responses.map(({ topicId }) => topicId)).toEqual(['f'.repeat(32), id]);
  });

  it('tell a topic from the one of its name before it', () => {
    const cluster = orders();
    const old = cluster.topics.get('orders')?.id ?? '';
    cluster.deleteTopic('orders');
    cluster.createTopic('orders', 1);
    write(cluster, 'orders', 0, 9);
    expect(kafkaErrorOf(only(answered(fetch(cluster, [at('orders/0@6', { id: old })], { version: 17 }))).errorCode).name).toBe(
      'UNKNOWN_TOPIC_ID',
    );
    expect(told(answered(fetch(cluster, [at('orders/0@6')])))).toEqual(['orders/0 0 1 2 3 4 5 6 7 8 hw 9']);
  });
});

describe('a script', () => {
  it('has one partition refused, and the others read', () => {
    const refusal = (topic?: string, partition?: number): string | undefined =>
      topic === 'orders' && partition === 1 ? 'NOT_LEADER_OR_FOLLOWER' : undefined;
    expect(told(answered(fetch(orders(), [at('orders/1@0'), at('orders/0@4')], { refusal, maxWaitMs: 500 })))).toEqual([
      'orders/1 NOT_LEADER_OR_FOLLOWER',
      'orders/0 4 5 hw 6',
    ]);
  });

  it('has the whole refused, at every partition where there is no other place', () => {
    const refusal = (topic?: string): string | undefined => (topic === undefined ? 'UNKNOWN_SERVER_ERROR' : undefined);
    const whole = answered(fetch(orders(), [at('orders/0@0')], { refusal, version: 7 }));
    expect([whole.errorCode, whole.responses]).toEqual([codeOf('UNKNOWN_SERVER_ERROR'), []]);
    expect(told(answered(fetch(orders(), [at('orders/0@0'), at('orders/1@0')], { refusal, version: 6 })))).toEqual([
      'orders/0 UNKNOWN_SERVER_ERROR',
      'orders/1 UNKNOWN_SERVER_ERROR',
    ]);
  });
});

function failure(): never {
  throw new Error('not answered');
}
