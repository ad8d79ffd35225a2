import { describe, expect, it } from 'vitest';
import { kafkaErrorOf } from '../../../../src/errors/table.ts';
import { deleteRecordsApi } from '../../../../src/protocol/apis/deleteRecords.ts';
import { produceApi, type ProduceRequest } from '../../../../src/protocol/apis/produce.ts';
import { encodeBatch, type NewBatch } from '../../../../src/protocol/encodeBatch.ts';
import type { ClusterModel } from '../../../../src/testing/model/clusterModel.ts';
import { answered, at, clusterOf, fetch, NO_ID, partitionOf, send, told, write, type How } from './broker.ts';

function orders(): ClusterModel {
  const cluster = clusterOf(2);
  cluster.createTopic('orders', 1, 2);
  return cluster;
}

function batch(count: number, of: NewBatch = {}): Buffer {
  return encodeBatch(
    Array.from({ length: count }, (_, i) => ({ value: Buffer.from(String(i)) })),
    of,
  );
}

function request(
  records: Buffer | null,
  of: Partial<ProduceRequest> & { readonly topic?: string; readonly id?: string } = {},
): ProduceRequest {
  const { topic = 'orders', id = NO_ID, ...more } = of;
  return {
    transactionalId: null,
    acks: -1,
    timeoutMs: 0,
    topicData: [{ name: topic, topicId: id, partitionData: [{ index: 0, records }] }],
    ...more,
  };
}

function produce(cluster: ClusterModel, records: Buffer | null, of: Parameters<typeof request>[1] & How = {}): string {
  const done = answered(send(cluster, produceApi, request(records, of), { version: 9, ...of })).responses[0]?.partitionResponses[0];
  if (done === undefined) throw new Error('no partition in the answer');
  return done.errorCode === 0 ? `at ${String(done.baseOffset)}` : `${kafkaErrorOf(done.errorCode).name} ${String(done.baseOffset)}`;
}

describe('Produce', () => {
  it('appends batches, and readers get them', () => {
    const cluster = orders();
    const parked = fetch(cluster, [at('orders/0@0')], { maxWaitMs: 500 });
    const revision = cluster.revision;
    expect([produce(cluster, batch(3)), produce(cluster, batch(2, { compression: 'gzip' }))]).toEqual(['at 0', 'at 3']);
    expect(cluster.revision).toBeGreaterThan(revision);
    const response = parked.kind === 'later' ? parked.ready(1) : undefined;
    expect(response === undefined ? [] : response.responses[0]?.partitions[0]?.highWatermark).toBe(5);
    expect([...partitionOf(cluster, 'orders', 0).log.entries()].map(({ value }) => String(value))).toEqual(['0', '1', '2', '0', '1']);
  });

  it('is refused where the batch is none that may be', () => {
    const cluster = orders();
    const spoiled = batch(1);
    spoiled.writeUInt8(spoiled.readUInt8(spoiled.length - 2) ^ 1, spoiled.length - 2);
    const one = [
      null,
      Buffer.concat([batch(1), batch(1)]),
      batch(1, { isControl: true }),
      batch(2, { lastOffsetDelta: 3 }),
      spoiled,
      batch(1).subarray(0, 30),
    ];
    expect(one.map((records) => produce(cluster, records))).toEqual([
      'INVALID_RECORD -1',
      'INVALID_RECORD -1',
      'INVALID_RECORD -1',
      'INVALID_RECORD -1',
      'CORRUPT_MESSAGE -1',
      'INVALID_RECORD -1',
    ]);
    expect(produce(cluster, batch(1, { baseOffset: 7 }))).toBe('INVALID_RECORD -1');
    expect(produce(cluster, batch(1, { producerId: 7, producerEpoch: 0 }))).toBe('INVALID_RECORD -1');
    const zstd = batch(1, { compression: 'zstd', deflate: (body) => body });
    expect(produce(cluster, zstd, { version: 6 })).toBe('UNSUPPORTED_COMPRESSION_TYPE -1');
    expect(produce(cluster, encodeBatch([{ value: Buffer.alloc(1_048_588) }]))).toBe('MESSAGE_TOO_LARGE -1');
    expect(partitionOf(cluster, 'orders', 0).log.end).toBe(0);
  });

  it('is refused by who does not lead, and for what there is not', () => {
    const cluster = orders();
    cluster.createTopic('__consumer_offsets', 1);
    expect([
      produce(cluster, batch(1), { node: 2 }),
      produce(cluster, batch(1), { topic: 'nothing' }),
      produce(cluster, batch(1), { topic: '__consumer_offsets', node: 1 }),
    ]).toEqual(['NOT_LEADER_OR_FOLLOWER -1', 'UNKNOWN_TOPIC_OR_PARTITION -1', 'INVALID_TOPIC_EXCEPTION -1']);
    expect([
      produce(cluster, batch(1), { acks: 2 }),
      produce(cluster, batch(1, { isTransactional: true, producerId: 7, producerEpoch: 0, baseSequence: 0 })),
    ]).toEqual(['INVALID_REQUIRED_ACKS -1', 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED -1']);
  });

  it('is told from version 10 on where the leader is', () => {
    const cluster = orders();
    const told = (version: number): unknown => {
      const { responses, nodeEndpoints } = answered(send(cluster, produceApi, request(batch(1)), { version, node: 2 }));
      return [responses[0]?.partitionResponses[0]?.currentLeader, nodeEndpoints];
    };
    expect(told(9)).toEqual([{ leaderId: -1, leaderEpoch: -1 }, []]);
    expect(told(10)).toEqual([{ leaderId: 1, leaderEpoch: 0 }, [{ nodeId: 1, host: 'b1', port: 9092, rack: null }]]);
  });

  it('writes a batch that comes again once, and tells the second time when it was', () => {
    const cluster = orders();
    const sent = batch(2, { producerId: 7, producerEpoch: 0, baseSequence: 0, baseTimestamp: 99 });
    const [first, second] = [1, 2].map(
      () => answered(send(cluster, produceApi, request(sent), { version: 9 })).responses[0]?.partitionResponses[0],
    );
    expect([first?.baseOffset, first?.logAppendTimeMs, second?.baseOffset, second?.logAppendTimeMs]).toEqual([0, -1, 0, 99]);
    expect(partitionOf(cluster, 'orders', 0).log.end).toBe(2);
  });

  it('tells the start of the log with what the log itself refuses', () => {
    const cluster = orders();
    write(cluster, 'orders', 0, 3);
    partitionOf(cluster, 'orders', 0).log.deleteBefore(2);
    const damaged = batch(1);
    damaged.writeUInt8(damaged.readUInt8(20) ^ 0xff, 20);
    const starts = [batch(1, { isControl: true }), Buffer.alloc(0), damaged, batch(1)].map(
      (records) =>
        answered(send(cluster, produceApi, request(records), { version: 9 })).responses[0]?.partitionResponses[0]?.logStartOffset,
    );
    expect(starts).toEqual([2, -1, -1, 2]);
  });

  it('answers each topic once', () => {
    const cluster = clusterOf();
    cluster.createTopic('orders', 2);
    const topicData = [0, 1].map((index) => ({ name: 'orders', topicId: NO_ID, partitionData: [{ index, records: batch(1) }] }));
    const { responses } = answered(send(cluster, produceApi, request(null, { topicData }), { version: 9 }));
    expect(responses.map(({ name, partitionResponses }) => [name, partitionResponses.map(({ index }) => index)])).toEqual([
      ['orders', [0, 1]],
    ]);
  });

  it.each([
    [9, 'INVALID_TXN_STATE -1'],
    [11, 'TRANSACTION_ABORTABLE -1'],
    [12, 'at 0'],
  ])('in a transaction needs its partition in it, until it adds it itself (version %i)', (version, outcome) => {
    const cluster = orders();
    const claim = cluster.transactions.initialize('t', 60_000, undefined, 0);
    if ('error' in claim) throw new Error(claim.error);
    const part = (baseSequence: number, isTransactional = true): Buffer =>
      batch(1, { isTransactional, producerId: claim.id, producerEpoch: claim.epoch, baseSequence });
    const of = { transactionalId: 't', version };
    expect(produce(cluster, part(0), of)).toBe(outcome);
    if (version === 12) return;
    cluster.transactions.add('t', claim, [{ kind: 'partition', topic: 'orders', partition: 0 }], 0);
    expect([produce(cluster, part(0), of), produce(cluster, part(1), of), produce(cluster, part(2, false), of)]).toEqual([
      'at 0',
      'at 1',
      'INVALID_TXN_STATE -1',
    ]);
    cluster.transactions.end('t', claim, 'commit', false, 0);
    expect([...partitionOf(cluster, 'orders', 0).log.entries()].map(({ deliverable }) => deliverable)).toEqual(['yes', 'yes', 'control']);
  });

  it('without acks is not answered, and an error closes the connection', () => {
    const cluster = orders();
    expect(send(cluster, produceApi, request(batch(1), { acks: 0 }), { version: 9 })).toEqual({ kind: 'now', response: undefined });
    expect(partitionOf(cluster, 'orders', 0).log.end).toBe(1);
    expect(send(cluster, produceApi, request(batch(1), { acks: 0, topic: 'nothing' }), { version: 9 })).toEqual({ kind: 'close' });
  });

  it('goes by ids from version 13 on', () => {
    const cluster = orders();
    const id = cluster.topics.get('orders')?.id ?? '';
    expect([produce(cluster, batch(1), { version: 13, id }), produce(cluster, batch(1), { version: 13, id: 'f'.repeat(32) })]).toEqual([
      'at 0',
      'UNKNOWN_TOPIC_ID -1',
    ]);
  });

  it('is refused by a script, which writes nothing', () => {
    const cluster = orders();
    expect(produce(cluster, batch(1), { refusal: (topic) => (topic === 'orders' ? 'NOT_ENOUGH_REPLICAS' : undefined) })).toBe(
      'NOT_ENOUGH_REPLICAS -1',
    );
    expect(partitionOf(cluster, 'orders', 0).log.end).toBe(0);
  });
});

describe('DeleteRecords', () => {
  function remove(cluster: ClusterModel, offset: number, how: How & { readonly topic?: string } = {}): string {
    const { topic = 'orders', ...more } = how;
    const topics = [{ name: topic, partitions: [{ partitionIndex: 0, offset }] }];
    const done = answered(send(cluster, deleteRecordsApi, { topics, timeoutMs: 0 }, more)).topics[0]?.partitions[0];
    if (done === undefined) throw new Error('no partition in the answer');
    return done.errorCode === 0 ? `from ${String(done.lowWatermark)}` : `${kafkaErrorOf(done.errorCode).name} ${String(done.lowWatermark)}`;
  }

  function full(): ClusterModel {
    const cluster = orders();
    write(cluster, 'orders', 0, 10);
    write(cluster, 'orders', 0, 10);
    return cluster;
  }

  it('begins the log there, also in the middle of a batch, which is still read whole', () => {
    const cluster = full();
    expect([remove(cluster, 4), remove(cluster, 2)]).toEqual(['from 4', 'from 4']);
    expect(told(answered(fetch(cluster, [at('orders/0@3')])))).toEqual(['orders/0 OFFSET_OUT_OF_RANGE']);
    expect(told(answered(fetch(cluster, [at('orders/0@4')])))[0]).toMatch(/^orders\/0 0 1 2 3 4 /);
  });

  it('takes -1 for the high watermark, and nothing beyond it', () => {
    const cluster = full();
    partitionOf(cluster, 'orders', 0).log.highWatermark = 10;
    expect([remove(cluster, 11), remove(cluster, -2), remove(cluster, -1)]).toEqual([
      'OFFSET_OUT_OF_RANGE -1',
      'OFFSET_OUT_OF_RANGE -1',
      'from 10',
    ]);
  });

  it('is refused by who does not lead, and for what there is not', () => {
    const cluster = full();
    cluster.createTopic('__consumer_offsets', 1);
    expect([
      remove(cluster, 1, { node: 2 }),
      remove(cluster, 1, { topic: 'nothing' }),
      remove(cluster, 0, { topic: '__consumer_offsets' }),
    ]).toEqual(['NOT_LEADER_OR_FOLLOWER -1', 'UNKNOWN_TOPIC_OR_PARTITION -1', 'INVALID_TOPIC_EXCEPTION -1']);
    expect(remove(cluster, 1, { refusal: () => 'POLICY_VIOLATION' })).toBe('POLICY_VIOLATION -1');
  });
});
