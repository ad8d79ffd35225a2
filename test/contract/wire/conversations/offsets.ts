import { listOffsetsApi } from '../../../../src/protocol/apis/listOffsets.ts';
import type { DeleteRecordsRequest } from '../../../../src/protocol/apis/deleteRecords.ts';
import { offsetForLeaderEpochApi, type OffsetForLeaderEpochRequest } from '../../../../src/protocol/apis/offsetForLeaderEpoch.ts';
import { deleteRecordsApi } from '../../../../src/protocol/apis/forTesting.ts';
import type { NewRecord } from '../../../../src/protocol/encodeBatch.ts';
import { Desk } from '../kit/desk.ts';
import type { Conversation, Talk } from '../kit/talk.ts';

/** Two batches: offsets 0 to 2 at 0, 10, 20 ms, and 3 to 5 at 30, 100, 50 ms. */
async function sixRecords(talk: Talk): Promise<Desk> {
  const desk = await Desk.open(talk);
  await desk.topic('orders', { partitions: 2 });
  const at = (ms: number): NewRecord => ({ timestamp: talk.time(ms), value: Buffer.from(`at ${ms}`) });
  await desk.produce('orders', 0, [at(0), at(10), at(20)]);
  await desk.produce('orders', 0, [at(30), at(100), at(50)]);
  return desk;
}

const specials = {
  latest: -1,
  earliest: -2,
  'max timestamp': -3,
  'earliest local': -4,
  'latest tiered': -5,
  'earliest pending upload': -6,
  'special -7': -7,
};

export const listOffsets: Conversation = async (talk) => {
  const desk = await sixRecords(talk);
  for (const [name, timestamp] of Object.entries(specials)) {
    await desk.ask(name, listOffsetsApi, desk.offsets([{ topic: 'orders', timestamp }]));
    await desk.ask(`${name} of an empty partition`, listOffsetsApi, desk.offsets([{ topic: 'orders', partition: 1, timestamp }]));
  }
  for (const ms of [-1, 0, 1, 10, 20, 21, 30, 40, 50, 51, 100, 101])
    await desk.ask(`from ${ms} ms on`, listOffsetsApi, desk.offsets([{ topic: 'orders', timestamp: talk.time(ms) }]));
  await desk.ask('from 0 on', listOffsetsApi, desk.offsets([{ topic: 'orders', timestamp: 0 }]));
  await desk.ask(
    'a time in an empty partition',
    listOffsetsApi,
    desk.offsets([{ topic: 'orders', partition: 1, timestamp: talk.time(0) }]),
  );
  await desk.ask('of a topic that there is not', listOffsetsApi, desk.offsets([{ topic: 'nothing', timestamp: -1 }]));
  await desk.ask('of a partition that there is not', listOffsetsApi, desk.offsets([{ topic: 'orders', partition: 7, timestamp: -1 }]));
  await desk.ask('in the right epoch', listOffsetsApi, desk.offsets([{ topic: 'orders', timestamp: -1, epoch: 0 }]));
  await desk.ask('in a later epoch', listOffsetsApi, desk.offsets([{ topic: 'orders', timestamp: -1, epoch: 5 }]));
  const twice = desk.offsets([{ topic: 'orders', timestamp: -1 }]);
  const [topic] = twice.topics;
  if (topic !== undefined)
    await desk.ask('one partition twice', listOffsetsApi, {
      ...twice,
      topics: [{ ...topic, partitions: [...topic.partitions, ...topic.partitions] }],
    });
  await desk.ask(
    'two partitions',
    listOffsetsApi,
    desk.offsets([
      { topic: 'orders', timestamp: -1 },
      { topic: 'nothing', timestamp: -1 },
    ]),
  );
};

export const listOffsetsVersions: Conversation = async (talk) => {
  const desk = await sixRecords(talk);
  for (let version = 1; version <= 10; version++) {
    for (const [name, timestamp] of Object.entries(specials))
      await desk.ask(name, listOffsetsApi, desk.offsets([{ topic: 'orders', timestamp }]), version);
    await desk.ask('from 10 ms on', listOffsetsApi, desk.offsets([{ topic: 'orders', timestamp: talk.time(10) }]), version);
  }
};

export const leaderEpochs: Conversation = async (talk) => {
  const desk = await sixRecords(talk);
  const request = (topic: string, leaderEpoch: number, currentLeaderEpoch = -1, partition = 0): OffsetForLeaderEpochRequest => ({
    replicaId: -1,
    topics: [{ topic: desk.named(topic), partitions: [{ partition, currentLeaderEpoch, leaderEpoch }] }],
  });
  for (let version = 2; version <= 4; version++) {
    await desk.ask('the end of epoch 0', offsetForLeaderEpochApi, request('orders', 0), version);
    await desk.ask('of an epoch to come', offsetForLeaderEpochApi, request('orders', 3), version);
  }
  await desk.ask('of epoch -1', offsetForLeaderEpochApi, request('orders', -1));
  await desk.ask('believing in a later leader', offsetForLeaderEpochApi, request('orders', 0, 3));
  await desk.ask('believing in the leader', offsetForLeaderEpochApi, request('orders', 0, 0));
  await desk.ask('of an empty partition', offsetForLeaderEpochApi, request('orders', 0, -1, 1));
  await desk.ask('of a partition that there is not', offsetForLeaderEpochApi, request('orders', 0, -1, 7));
  await desk.ask('of a topic that there is not', offsetForLeaderEpochApi, request('nothing', 0));
};

export const deleteRecords: Conversation = async (talk) => {
  const desk = await sixRecords(talk);
  const before = (offset: number, partition = 0, topic = 'orders'): DeleteRecordsRequest => ({
    topics: [{ name: desk.named(topic), partitions: [{ partitionIndex: partition, offset }] }],
    timeoutMs: 5_000,
  });
  await desk.ask('before 1', deleteRecordsApi, before(1));
  await desk.fetch('from 0, which is gone', [{ topic: 'orders' }]);
  await desk.fetch('from 1: the whole batch', [{ topic: 'orders', offset: 1 }]);
  await desk.ask('the earliest', listOffsetsApi, desk.offsets([{ topic: 'orders', timestamp: -2 }]));
  await desk.ask('the earliest local', listOffsetsApi, desk.offsets([{ topic: 'orders', timestamp: -4 }]));
  await desk.ask('from 0 ms on', listOffsetsApi, desk.offsets([{ topic: 'orders', timestamp: talk.time(0) }]));
  await desk.ask('before 0, which is gone', deleteRecordsApi, before(0));
  await desk.ask('before 7, beyond the end', deleteRecordsApi, before(7));
  await desk.ask('before -2', deleteRecordsApi, before(-2));
  await desk.ask('in a partition that there is not', deleteRecordsApi, before(1, 7));
  await desk.ask('in a topic that there is not', deleteRecordsApi, before(1, 0, 'nothing'));
  const polling = await Desk.open(talk);
  const poll = polling.fetch('a poll at the end', [{ topic: 'orders', offset: 6 }], { maxWaitMs: 400 });
  await talk.pause(50);
  await desk.ask('all: before -1', deleteRecordsApi, before(-1));
  await talk.timed('which does not end it', 350, poll);
  await desk.fetch('from 3', [{ topic: 'orders', offset: 3 }]);
  await desk.fetch('from the end', [{ topic: 'orders', offset: 6 }]);
  await desk.ask('the earliest is the latest', listOffsetsApi, desk.offsets([{ topic: 'orders', timestamp: -2 }]));
  await desk.ask('the max timestamp of nothing', listOffsetsApi, desk.offsets([{ topic: 'orders', timestamp: -3 }]));
  await desk.ask('the end of epoch 0', offsetForLeaderEpochApi, {
    replicaId: -1,
    topics: [{ topic: desk.named('orders'), partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }] }],
  });
  for (let version = 0; version <= 2; version++) await desk.ask('of an empty partition', deleteRecordsApi, before(-1, 1), version);
};
