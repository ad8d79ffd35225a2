import { describe, expect, it } from 'vitest';
import { kafkaErrorOf } from '../../../../src/errors/table.ts';
import type { FetchResponse } from '../../../../src/protocol/apis/fetch.ts';
import type { ClusterModel } from '../../../../src/testing/model/clusterModel.ts';
import { fetch as service } from '../../../../src/testing/model/fetch/fetch.ts';
import { answered, at, clusterOf, fetch, fetchRequest, NO_ID, partitionOf, told, write, type Ask } from './broker.ts';

function orders(slots = 10): ClusterModel {
  const cluster = clusterOf(1, { fetchSessionSlots: slots });
  cluster.createTopic('orders', 3);
  for (let partition = 0; partition < 3; partition++) write(cluster, 'orders', partition, 2);
  return cluster;
}

const three = [at('orders/0@2'), at('orders/1@2'), at('orders/2@2')];

type Options = Parameters<typeof fetch>[2];

/** Error, or what is told. */
function inSession(
  cluster: ClusterModel,
  sessionId: number,
  sessionEpoch: number,
  asks: readonly Ask[],
  of: Options = {},
): readonly string[] {
  const response = answered(fetch(cluster, asks, { sessionId, sessionEpoch, ...of }));
  return response.errorCode === 0 ? told(response) : [kafkaErrorOf(response.errorCode).name, String(response.sessionId)];
}

function open(cluster: ClusterModel, asks: readonly Ask[], of: Options = {}): FetchResponse {
  return answered(fetch(cluster, asks, { sessionEpoch: 0, ...of }));
}

describe.each([7, 11, 12])('a fetch session of version %i', (version) => {
  const v = { version };

  it('tells everything at first, then only what is new', () => {
    const cluster = orders();
    const { sessionId, ...first } = open(cluster, three, v);
    expect(told({ sessionId, ...first })).toEqual(['orders/0 nothing hw 2', 'orders/1 nothing hw 2', 'orders/2 nothing hw 2']);
    expect(inSession(cluster, sessionId, 1, [], v)).toEqual([]);
    write(cluster, 'orders', 1, 2);
    expect(inSession(cluster, sessionId, 2, [], v)).toEqual(['orders/1 2 3 hw 4']);
    expect(inSession(cluster, sessionId, 3, [], v)).toEqual(['orders/1 2 3 hw 4']); // positions do not move by themselves
    expect(inSession(cluster, sessionId, 4, [at('orders/1@4')], v)).toEqual([]);
  });

  it('tells a high watermark and a start that have moved', () => {
    const cluster = orders();
    const { sessionId } = open(cluster, three, v);
    const { log } = partitionOf(cluster, 'orders', 2);
    log.deleteBefore(1);
    expect(inSession(cluster, sessionId, 1, [], v)).toEqual(['orders/2 nothing hw 2']);
    log.highWatermark = 2;
    write(cluster, 'orders', 2, 2);
    expect(inSession(cluster, sessionId, 2, [], v)).toEqual([]);
  });

  it('goes on without what it forgets, also if it never knew it', () => {
    const cluster = orders();
    const { sessionId } = open(cluster, three, v);
    for (let partition = 0; partition < 3; partition++) write(cluster, 'orders', partition, 1);
    const forgottenTopicsData = [{ topic: 'orders', topicId: NO_ID, partitions: [1, 9] }];
    expect(inSession(cluster, sessionId, 1, [], { ...v, forgottenTopicsData })).toEqual(['orders/0 2 hw 3', 'orders/2 2 hw 3']);
  });

  it('ends when nothing is left in it', () => {
    const cluster = orders();
    const { sessionId } = open(cluster, [at('orders/0@2')], v);
    const forgottenTopicsData = [{ topic: 'orders', topicId: NO_ID, partitions: [0] }];
    const response = answered(fetch(cluster, [], { ...v, sessionId, sessionEpoch: 1, forgottenTopicsData }));
    expect([response.sessionId, response.responses]).toEqual([0, []]);
    expect(inSession(cluster, sessionId, 2, [], v)).toEqual(['FETCH_SESSION_ID_NOT_FOUND', '0']);
  });

  it('survives a wrong epoch', () => {
    const cluster = orders();
    const { sessionId } = open(cluster, three, v);
    expect(inSession(cluster, sessionId, 2, [at('orders/0@0')], v)).toEqual(['INVALID_FETCH_SESSION_EPOCH', '0']);
    expect(inSession(cluster, sessionId, 1, [], v)).toEqual([]);
  });

  it('is closed by -1, and by 0, which opens another', () => {
    const cluster = orders();
    const first = open(cluster, three, v).sessionId;
    const second = open(cluster, three, { ...v, sessionId: first }).sessionId;
    expect(second).not.toBe(first);
    expect(inSession(cluster, first, 1, [], v)).toEqual(['FETCH_SESSION_ID_NOT_FOUND', '0']);
    expect(inSession(cluster, second, -1, [at('orders/0@0')], v)).toEqual(['orders/0 0 1 hw 2']);
    expect(inSession(cluster, second, 1, [], v)).toEqual(['FETCH_SESSION_ID_NOT_FOUND', '0']);
  });

  it('repeats an error in every answer, and tells the partition when it is over', () => {
    const cluster = orders();
    const { sessionId } = open(cluster, [at('orders/0@2'), at('orders/1@9')], v);
    expect(inSession(cluster, sessionId, 1, [], v)).toEqual(['orders/1 OFFSET_OUT_OF_RANGE']);
    expect(inSession(cluster, sessionId, 2, [], v)).toEqual(['orders/1 OFFSET_OUT_OF_RANGE']);
    expect(inSession(cluster, sessionId, 3, [at('orders/1@2')], v)).toEqual(['orders/1 nothing hw 2']);
  });

  it('is not there for who finds all slots taken', () => {
    const cluster = orders(1);
    const first = open(cluster, three, { ...v, now: 0 }).sessionId;
    expect(open(cluster, three, { ...v, now: 1 }).sessionId).toBe(0);
    expect(inSession(cluster, first, 1, [], v)).toEqual([]);
    expect(open(cluster, three, { ...v, now: 120_001 }).sessionId).toBeGreaterThan(0);
    expect(inSession(cluster, first, 2, [], v)).toEqual(['FETCH_SESSION_ID_NOT_FOUND', '0']);
  });

  it('has its turn after the others when it had records', () => {
    const cluster = orders();
    const { sessionId } = open(cluster, three, v);
    for (let partition = 0; partition < 3; partition++) write(cluster, 'orders', partition, 1);
    const small = { ...v, maxBytes: 1 };
    expect(inSession(cluster, sessionId, 1, [], small)).toEqual(['orders/0 2 hw 3', 'orders/1 nothing hw 3', 'orders/2 nothing hw 3']);
    expect(inSession(cluster, sessionId, 2, [], small)).toEqual(['orders/1 2 hw 3']);
    expect(inSession(cluster, sessionId, 3, [], small)).toEqual(['orders/2 2 hw 3']);
    expect(inSession(cluster, sessionId, 4, [], small)).toEqual(['orders/0 2 hw 3']);
  });
});

describe('a fetch session', () => {
  it('makes room for a larger one when it is two minutes old', () => {
    const cluster = orders(1);
    const first = open(cluster, three, { now: 0 }).sessionId;
    expect(inSession(cluster, first, 1, [], { now: 120_001 })).toEqual([]);
    expect(open(cluster, [at('orders/0@2')], { now: 120_002 }).sessionId).toBe(0);
    expect(open(cluster, three, { now: 120_002 }).sessionId).toBeGreaterThan(first);
  });

  it('stays as long as it is used', () => {
    const cluster = orders(1);
    const first = open(cluster, three, { now: 0 }).sessionId;
    expect(inSession(cluster, first, 1, [], { now: 100_000 })).toEqual([]);
    expect(open(cluster, three, { now: 150_000 }).sessionId).toBe(0);
  });

  it('tells in every answer where to read instead, and where the log parts', () => {
    const cluster = clusterOf(['r1', 'r2'], { rackAware: true });
    cluster.createTopic('orders', 1, 2);
    write(cluster, 'orders', 0, 4);
    const near = { rackId: 'r2' };
    const { sessionId } = open(cluster, [at('orders/0@4')], near);
    expect(inSession(cluster, sessionId, 1, [], near)).toEqual(['orders/0 nothing hw 4']);
    const partition = partitionOf(cluster, 'orders', 0);
    partition.log.truncateTo(2);
    partition.leaderEpoch++;
    const parted = [at('orders/0@4', { lastFetchedEpoch: 0 })];
    expect([inSession(cluster, sessionId, 2, parted), inSession(cluster, sessionId, 3, [])]).toEqual([
      ['orders/0 nothing hw 2'],
      ['orders/0 nothing hw 2'],
    ]);
  });

  it('of names is not one of ids', () => {
    const cluster = orders();
    const { sessionId } = open(cluster, three);
    expect(inSession(cluster, sessionId, 1, [], { version: 13 })).toEqual(['FETCH_SESSION_TOPIC_ID_ERROR', '0']);
    expect(inSession(cluster, sessionId, 1, [])).toEqual([]);
  });

  it('of ids finds out that its topic is another', () => {
    const cluster = orders();
    const id = cluster.topics.get('orders')?.id ?? '';
    const { sessionId } = open(cluster, [at('orders/0@2', { id })], { version: 17 });
    const name = (epoch: number): readonly string[] => inSession(cluster, sessionId, epoch, [], { version: 17 });
    cluster.deleteTopic('orders');
    expect(name(1)).toEqual(['/0 UNKNOWN_TOPIC_OR_PARTITION']);
    cluster.createTopic('orders', 1);
    expect(name(2)).toEqual(['/0 INCONSISTENT_TOPIC_ID']);
  });

  it('of ids learns the name of a topic that there was not', () => {
    const cluster = orders();
    const id = '3'.padStart(32, '0');
    const { sessionId, ...first } = open(cluster, [at('later/0@0', { id })], { version: 13 });
    expect(told({ sessionId, ...first })).toEqual(['/0 UNKNOWN_TOPIC_ID']);
    cluster.createTopic('between', 1);
    expect(cluster.createTopic('later', 1).id).toBe(id);
    expect(inSession(cluster, sessionId, 1, [], { version: 13 })).toEqual(['/0 nothing hw 0']);
  });

  it('is opened when the answer is, not while it waits', () => {
    const cluster = orders();
    const reply = fetch(cluster, three, { sessionEpoch: 0, maxWaitMs: 500 });
    expect(cluster.brokers.get(1)?.sessions.size).toBe(0);
    expect(reply.kind === 'later' ? reply.ready(500)?.sessionId : 0).toBeGreaterThan(0);
    expect(cluster.brokers.get(1)?.sessions.size).toBe(1);
  });

  it('has its ids from its broker alone, each once', () => {
    const cluster = clusterOf(2);
    cluster.createTopic('orders', 2);
    const sessions = cluster.brokers.get(1)?.sessions;
    const first = open(cluster, [at('orders/0@0')]).sessionId;
    const other = open(cluster, [at('orders/1@0')], { node: 2 }).sessionId;
    sessions?.clear();
    expect(new Set([first, other, open(cluster, [at('orders/0@0')]).sessionId]).size).toBe(3);
  });

  it('takes a request that is served anew for the same', () => {
    const cluster = orders();
    const { sessionId } = open(cluster, three);
    const request = fetchRequest([], { sessionId, sessionEpoch: 1, maxWaitMs: 500 });
    const call = { cluster, node: 1, version: 12, request, now: 0, clientId: 'c', refusal: (): undefined => undefined };
    expect(service(call).kind).toBe('later');
    const again = service(call);
    write(cluster, 'orders', 0, 1);
    expect(again.kind === 'later' ? again.ready(1)?.errorCode : again.kind).toBe(0);
    expect(inSession(cluster, sessionId, 1, [])).toEqual(['INVALID_FETCH_SESSION_EPOCH', '0']);
  });

  it('does not answer a request that it has gone on without', () => {
    const cluster = orders();
    const { sessionId } = open(cluster, three);
    const first = fetch(cluster, [], { sessionId, sessionEpoch: 1, maxWaitMs: 500 });
    expect(inSession(cluster, sessionId, 2, [])).toEqual([]);
    const late = first.kind === 'later' ? first.ready(500) : undefined;
    expect([kafkaErrorOf(late?.errorCode ?? 0).name, late?.sessionId]).toEqual(['INVALID_FETCH_SESSION_EPOCH', sessionId]);
  });
});
