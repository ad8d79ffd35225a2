import { fetchApi } from '../../../../src/protocol/apis/fetch.ts';
import { findCoordinatorApi, findGroupCoordinator } from '../../../../src/protocol/apis/findCoordinator.ts';
import { initProducerIdApi, produceApi } from '../../../../src/protocol/apis/forTesting.ts';
import { heartbeatApi } from '../../../../src/protocol/apis/heartbeat.ts';
import { joinGroupApi } from '../../../../src/protocol/apis/joinGroup.ts';
import { leaveGroupApi, leaveOf } from '../../../../src/protocol/apis/leaveGroup.ts';
import { listOffsetsApi } from '../../../../src/protocol/apis/listOffsets.ts';
import { metadataApi } from '../../../../src/protocol/apis/metadata.ts';
import { offsetCommitApi } from '../../../../src/protocol/apis/offsetCommit.ts';
import { offsetFetchApi } from '../../../../src/protocol/apis/offsetFetch.ts';
import { offsetForLeaderEpochApi, type OffsetForLeaderEpochRequest } from '../../../../src/protocol/apis/offsetForLeaderEpoch.ts';
import { syncGroupApi } from '../../../../src/protocol/apis/syncGroup.ts';
import { Desk, NO_ID } from '../kit/desk.ts';
import { Client } from '../kit/groups.ts';
import { Producer } from '../kit/producers.ts';
import type { Talk } from '../kit/talk.ts';
import type { ThreeGround } from '../kit/threeGrounds.ts';
import { desks, ledBy, placed } from '../kit/threeDesks.ts';
import { findTransactions } from '../kit/transactionCoordinator.ts';

/** What is said on three brokers. */
export type ConversationOfThree = (talk: Talk, ground: ThreeGround) => Promise<void>;

function epochRequest(desk: Desk, topic: string, leaderEpoch: number, currentLeaderEpoch = -1): OffsetForLeaderEpochRequest {
  return { replicaId: -1, topics: [{ topic: desk.named(topic), partitions: [{ partition: 0, currentLeaderEpoch, leaderEpoch }] }] };
}

const notTheLeader: ConversationOfThree = async (talk, ground) => {
  const all = await desks(talk, ground);
  const [one, two, three] = all;
  await placed(all, 'orders', [1, 2]);
  await one.ask('where it is', metadataApi, one.metadata('orders'));
  await one.produce('orders', 0, ['a', 'b']);
  await one.fetch('at the leader', [{ topic: 'orders' }]);
  // A follower serves what it knows to be everywhere.
  await talk.until(
    'the follower has it',
    () => two.line.quietly(fetchApi, two.fetchRequest([{ topic: 'orders' }]), 11),
    ({ responses: [first] }) => first?.partitions[0]?.highWatermark === 2,
  );
  for (const version of [4, 10, 11, 12]) {
    await two.fetch('at a follower', [{ topic: 'orders' }], {}, version);
    await three.fetch('at a broker that has it not', [{ topic: 'orders' }], {}, version);
  }
  await two.fetch('at a follower, in the epoch', [{ topic: 'orders', epoch: 0 }]);
  await two.fetch('at a follower, in an epoch to come', [{ topic: 'orders', epoch: 3 }]);
  await two.fetch('at a follower, beyond the end', [{ topic: 'orders', offset: 9 }]);
  await one.fetch('at the leader, from the rack of the follower', [{ topic: 'orders' }], { rackId: 'r2' });
  await one.fetch('at the leader, from its own rack', [{ topic: 'orders' }], { rackId: 'r1' });
  await one.fetch('at the leader, from a rack without a replica', [{ topic: 'orders' }], { rackId: 'r3' });
  await two.fetch('at the follower, from its rack', [{ topic: 'orders' }], { rackId: 'r2' });
  for (const [name, desk] of [
    ['a follower', two],
    ['a broker that has it not', three],
  ] as const) {
    await desk.ask(`the latest, of ${name}`, listOffsetsApi, desk.offsets([{ topic: 'orders', timestamp: -1 }]));
    await desk.ask(`the earliest, of ${name}`, listOffsetsApi, desk.offsets([{ topic: 'orders', timestamp: -2 }]));
    await desk.ask(`the end of epoch 0, of ${name}`, offsetForLeaderEpochApi, epochRequest(desk, 'orders', 0));
    await desk.ask(`a record to ${name}`, produceApi, desk.batch('orders', 0, ['c']), 9);
    await desk.ask(`a record to ${name}`, produceApi, desk.batch('orders', 0, ['c']), 12);
  }
};

const leaderMoves: ConversationOfThree = async (talk, ground) => {
  const all = await desks(talk, ground);
  const [one, two] = all;
  await placed(all, 'orders', [1, 2]);
  await one.produce('orders', 0, ['a', 'b']);
  const polling = await Desk.open(talk, ground.address(1));
  const other = await Desk.open(talk, ground.address(1));
  const poll = talk.timed(
    'the move ends a poll that knows the epoch',
    5_000,
    polling.fetch('a poll that knows the epoch', [{ topic: 'orders', offset: 2, epoch: 0 }], { maxWaitMs: 5_000 }),
  );
  const blind = talk.timed(
    'the move ends one that does not',
    5_000,
    other.fetch('one that does not', [{ topic: 'orders', offset: 2 }], { maxWaitMs: 5_000 }),
  );
  await talk.pause(100);
  await ground.move(one.named('orders'), 2, [1, 2]);
  await Promise.all([poll, blind]);
  await ledBy(all, 'orders', 2);
  await two.leads('orders');
  await two.ask('where it is now', metadataApi, { ...two.metadata('orders') }, 9);
  for (const version of [10, 11, 12]) {
    await one.fetch('at the old leader', [{ topic: 'orders', offset: 2 }], {}, version);
    await one.fetch('at the old leader, in the old epoch', [{ topic: 'orders', offset: 2, epoch: 0 }], {}, version);
    await one.fetch('at the old leader, in the new epoch', [{ topic: 'orders', offset: 2, epoch: 1 }], {}, version);
    await two.fetch('at the new leader, in the old epoch', [{ topic: 'orders', offset: 2, epoch: 0 }], {}, version);
    await two.fetch('at the new leader, in the new epoch', [{ topic: 'orders', offset: 1, epoch: 1, lastEpoch: 0 }], {}, version);
  }
  await one.ask('the latest, of the old leader', listOffsetsApi, one.offsets([{ topic: 'orders', timestamp: -1 }]));
  await one.ask(
    'the latest, of the old leader in the old epoch',
    listOffsetsApi,
    one.offsets([{ topic: 'orders', timestamp: -1, epoch: 0 }]),
  );
  await two.ask(
    'the latest, of the new leader in the old epoch',
    listOffsetsApi,
    two.offsets([{ topic: 'orders', timestamp: -1, epoch: 0 }]),
  );
  await two.ask('the latest, of the new leader', listOffsetsApi, two.offsets([{ topic: 'orders', timestamp: -1 }]));
  await two.ask('the end of epoch 1 before anything is in it', offsetForLeaderEpochApi, epochRequest(two, 'orders', 1));
  await two.produce('orders', 0, ['c']);
  for (const epoch of [0, 1, 2]) await two.ask(`the end of epoch ${epoch}`, offsetForLeaderEpochApi, epochRequest(two, 'orders', epoch));
  await two.ask('the end of epoch 0, in the old epoch', offsetForLeaderEpochApi, epochRequest(two, 'orders', 0, 0));
  await two.fetch('all of it', [{ topic: 'orders', epoch: 1 }]);
  await two.fetch('having read epoch 0 as far as epoch 1 goes', [{ topic: 'orders', offset: 3, epoch: 1, lastEpoch: 0 }]);
  await two.fetch('having read epoch 0 to its end', [{ topic: 'orders', offset: 2, epoch: 1, lastEpoch: 0 }]);
};

const brokerIsStopped: ConversationOfThree = async (talk, ground) => {
  const all = await desks(talk, ground);
  const [one] = all;
  await placed(all, 'orders', [3, 1]);
  await placed(all, 'alone', [3]);
  await one.ask('before', metadataApi, one.metadata('orders', 'alone'), 9);
  const [, , three] = all;
  await three.produce('orders', 0, ['a']);
  const polling = await Desk.open(talk, ground.address(3));
  const poll = polling.fetch('a poll at the broker that stops', [{ topic: 'orders', offset: 1 }], { maxWaitMs: 8_000 });
  await talk.pause(100);
  await ground.stop(3);
  await poll.catch(() => undefined);
  await ledBy([one], 'orders', 1, 2);
  await ledBy([one], 'alone', -1, 2);
  for (const version of [1, 7, 9, 12]) await one.ask('when it is stopped', metadataApi, one.metadata('orders', 'alone'), version);
  await one.leads('orders');
  await one.fetch('at the new leader', [{ topic: 'orders' }]);
  await one.fetch('of what nobody leads', [{ topic: 'alone' }]);
  await one.ask('the latest of what nobody leads', listOffsetsApi, one.offsets([{ topic: 'alone', timestamp: -1 }]));
  await ground.start(3);
  await ledBy([one], 'alone', 3, 3);
  await ledBy([one], 'orders', 1, 3);
  await one.ask('when it has come back', metadataApi, one.metadata('orders', 'alone'), 9);
};

const notTheCoordinator: ConversationOfThree = async (talk, ground) => {
  const all = await desks(talk, ground);
  const [one] = all;
  await placed(all, 'orders', [1]);
  const groupId = talk.named('group');
  await Client.open(talk, groupId, 'A');
  await findTransactions(talk, one);
  const { coordinators } = await one.line.quietly(findCoordinatorApi, findGroupCoordinator(groupId), 4);
  const { coordinators: ofTransactions } = await one.line.quietly(
    findCoordinatorApi,
    { key: groupId, keyType: 1, coordinatorKeys: [groupId] },
    4,
  );
  const answers = await Promise.all(all.map((desk) => desk.line.quietly(findCoordinatorApi, findGroupCoordinator(groupId), 4)));
  talk.note('all name the same', new Set(answers.map((answer) => answer.coordinators[0]?.nodeId)).size);
  const elsewhere = all[[0, 1, 2].find((index) => index + 1 !== coordinators[0]?.nodeId) ?? 0] ?? one;
  const member = { groupId, memberId: 'm', generationId: 1, groupInstanceId: null };
  const ask = elsewhere.ask.bind(elsewhere);
  const protocols = [{ name: 'range', metadata: Buffer.alloc(0) }];
  await ask('a join', joinGroupApi, {
    ...member,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    protocolType: 'consumer',
    protocols,
    reason: null,
  });
  await ask('a sync', syncGroupApi, { ...member, protocolType: 'consumer', protocolName: 'range', assignments: [] });
  await ask('a beat', heartbeatApi, member);
  for (const version of [2, 5])
    await ask('leaving', leaveGroupApi, leaveOf(groupId, { memberId: 'm', groupInstanceId: null, reason: null }), version);
  const partitions = [{ partitionIndex: 0, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata: '' }];
  const commit = { groupId, memberId: '', generationIdOrMemberEpoch: -1, groupInstanceId: null, retentionTimeMs: -1 };
  await ask('a commit', offsetCommitApi, { ...commit, topics: [{ name: one.named('orders'), topicId: NO_ID, partitions }] });
  for (const version of [1, 2, 7, 9]) {
    const topics = [{ name: one.named('orders'), topicId: NO_ID, partitionIndexes: [0] }];
    await ask(
      'what is committed',
      offsetFetchApi,
      { groupId, topics, groups: [{ groupId, memberId: null, memberEpoch: -1, topics }], requireStable: false },
      version,
    );
  }
  const noTransactions = all[[0, 1, 2].find((index) => index + 1 !== ofTransactions[0]?.nodeId) ?? 0] ?? one;
  await noTransactions.ask('a producer id', initProducerIdApi, {
    transactionalId: groupId,
    transactionTimeoutMs: 1_000,
    producerId: -1,
    producerEpoch: -1,
  });
};

const transactionsTimeOut: ConversationOfThree = async (talk, ground) => {
  const all = await desks(talk, ground);
  const [one] = all;
  const coordinator = await findTransactions(talk, one);
  await placed(all, 'orders', [1]);
  const producer = new Producer(one, 'A', 'a', coordinator);
  await producer.init('begins', 1_000);
  await producer.add('orders');
  await producer.write('orders', 0, ['a1', 'a2']);
  await talk.until(
    'the transaction is over',
    () => one.line.quietly(listOffsetsApi, one.offsets([{ topic: 'orders', timestamp: -1 }], 1)),
    ({ topics }) => topics[0]?.partitions[0]?.offset === 3,
  );
  await one.fetch('when its time is over', [{ topic: 'orders' }], { isolationLevel: 1 });
  await producer.write('orders', 0, ['a3'], 'writes when its time is over');
  await producer.end(true, 'commits when its time is over');
  await producer.add('orders', 0, 'adds a partition when its time is over');
  await producer.init('begins again');
  await producer.add('orders');
  await producer.write('orders', 0, ['a4']);
  await producer.end(true);
  await one.fetch('at the end', [{ topic: 'orders' }], { isolationLevel: 1 });
};

export const conversationsOfThree: { readonly [name: string]: ConversationOfThree } = {
  'three-not-the-leader': notTheLeader,
  'three-leader-moves': leaderMoves,
  'three-not-the-coordinator': notTheCoordinator,
  'three-transactions-time-out': transactionsTimeOut,
  'three-broker-is-stopped': brokerIsStopped,
};
