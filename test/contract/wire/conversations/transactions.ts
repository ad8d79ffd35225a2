import { initProducerIdApi, produceApi } from '../../../../src/protocol/apis/forTesting.ts';
import { listOffsetsApi } from '../../../../src/protocol/apis/listOffsets.ts';
import { offsetFetchApi, type OffsetFetchRequest } from '../../../../src/protocol/apis/offsetFetch.ts';
import { Desk, NO_ID } from '../kit/desk.ts';
import { Client, nobody } from '../kit/groups.ts';
import { Producer } from '../kit/producers.ts';
import type { Conversation, Talk } from '../kit/talk.ts';
import { findTransactions } from '../kit/transactionCoordinator.ts';

const levels = [0, 1];

/** What a fetch at both isolation levels brings. */
async function fetched(desk: Desk, when: string, offset = 0, topic = 'orders', maxBytes = 1_000_000): Promise<void> {
  for (const isolationLevel of levels)
    await desk.fetch(
      `${when}: ${isolationLevel === 1 ? 'read_committed' : 'read_uncommitted'} from ${offset}`,
      [{ topic, offset, maxBytes }],
      { isolationLevel },
    );
}

async function latest(desk: Desk, when: string): Promise<void> {
  for (const isolationLevel of levels)
    await desk.ask(
      `${when}: the latest, isolation level ${isolationLevel}`,
      listOffsetsApi,
      desk.offsets([{ topic: 'orders', timestamp: -1 }], isolationLevel),
    );
}

/** Transactions are coordinated by now: the first of a cluster waits for that. */
async function scene(talk: Talk): Promise<{ desk: Desk; a: Producer; b: Producer }> {
  const desk = await Desk.open(talk);
  await desk.topic('orders', { partitions: 2 });
  const [a, b] = [new Producer(desk, 'A', 'a'), new Producer(desk, 'B', 'b')];
  await findTransactions(talk, desk);
  return { desk, a, b };
}

export const openTransactions: Conversation = async (talk) => {
  const { desk, a, b } = await scene(talk);
  await desk.produce('orders', 0, ['plain']);
  await a.init();
  await b.init();
  await a.add('orders');
  await fetched(desk, 'a transaction that has written nothing', 0);
  await a.write('orders', 0, ['a1', 'a2']);
  await fetched(desk, 'one is open');
  await latest(desk, 'one is open');
  await b.add('orders');
  await b.write('orders', 0, ['b1']);
  await desk.produce('orders', 0, ['plain again']);
  await a.write('orders', 0, ['a3']);
  await a.end(true);
  await latest(desk, 'the first is committed, the second open');
  await fetched(desk, 'the first is committed, the second open');
  await b.end(false);
  await latest(desk, 'both have ended');
  await fetched(desk, 'both have ended');
  for (const offset of [2, 3, 4, 6]) await fetched(desk, 'both have ended', offset);
  await fetched(desk, 'in small pieces', 0, 'orders', 100);
  await desk.fetch('at the stable end under read_committed', [{ topic: 'orders', offset: 8 }], { isolationLevel: 1 });
};

export const abortedLists: Conversation = async (talk) => {
  const { desk, a, b } = await scene(talk);
  await a.init();
  await b.init();
  for (const [value, commit] of [
    ['1', false],
    ['2', true],
    ['3', false],
  ] as const) {
    for (const each of [a, b]) {
      await each.add('orders');
      await each.write('orders', 0, [`${each.name}${value}`]);
    }
    await a.end(commit);
    await b.end(!commit);
  }
  for (const offset of [0, 1, 3, 4, 8, 11, 12]) await fetched(desk, 'all have ended', offset);
  await fetched(desk, 'the first batch', 0, 'orders', 1);
  await fetched(desk, 'the third batch', 4, 'orders', 1);
};

export const stableEnd: Conversation = async (talk) => {
  const { desk, a } = await scene(talk);
  const polling = await Desk.open(talk);
  await a.init();
  await a.add('orders');
  await a.write('orders', 0, ['a1']);
  const poll = { maxWaitMs: 2_000, isolationLevel: 1 };
  const waiting = talk.timed(
    'the commit ends a poll at the stable end',
    2_000,
    polling.fetch('a poll at the stable end', [{ topic: 'orders' }], poll),
  );
  await talk.pause(50);
  await a.end(true);
  await waiting;
  await desk.fetch('beyond the stable end', [{ topic: 'orders', offset: 9 }], { isolationLevel: 1 });
  await a.add('orders');
  await a.write('orders', 0, ['a2']);
  await desk.fetch('between the stable end and the high watermark', [{ topic: 'orders', offset: 3 }], { isolationLevel: 1 });
  await a.end(false);
};

export const producerIds: Conversation = async (talk) => {
  const { desk, a } = await scene(talk);
  const plain = { transactionalId: null, transactionTimeoutMs: 1_000, producerId: -1, producerEpoch: -1 };
  for (let version = 0; version <= 5; version++) await desk.ask('an id for an idempotent producer', initProducerIdApi, plain, version);
  await a.init();
  await a.init('begins again');
  const again = new Producer(desk, 'another A', 'a');
  await again.init();
  await desk.ask('with a transactional id that is empty', initProducerIdApi, { ...plain, transactionalId: '' });
  await desk.ask('with a time-out of 0', initProducerIdApi, { ...plain, transactionalId: a.transactionalId, transactionTimeoutMs: 0 });
  await desk.ask('with a time-out of an hour', initProducerIdApi, {
    ...plain,
    transactionalId: a.transactionalId,
    transactionTimeoutMs: 3_600_000,
  });
  await desk.ask('with the epoch that it has', initProducerIdApi, {
    ...plain,
    transactionalId: a.transactionalId,
    producerId: again.producerId,
    producerEpoch: again.producerEpoch,
  });
  await desk.ask(
    'with an epoch that is over',
    initProducerIdApi,
    { ...plain, transactionalId: a.transactionalId, producerId: again.producerId, producerEpoch: 0 },
    3,
  );
  await desk.ask(
    'with an epoch that is over',
    initProducerIdApi,
    { ...plain, transactionalId: a.transactionalId, producerId: again.producerId, producerEpoch: 0 },
    4,
  );
  await desk.ask('with the id of somebody else', initProducerIdApi, {
    ...plain,
    transactionalId: a.transactionalId,
    producerId: again.producerId + 1_000_000,
    producerEpoch: 0,
  });
};

export const idempotence: Conversation = async (talk) => {
  const { desk } = await scene(talk);
  const { producerId, producerEpoch } = await desk.ask('an id', initProducerIdApi, {
    transactionalId: null,
    transactionTimeoutMs: 1_000,
    producerId: -1,
    producerEpoch: -1,
  });
  const write = (title: string, baseSequence: number, values: readonly string[], epoch = producerEpoch): Promise<unknown> =>
    desk.ask(title, produceApi, desk.batch('orders', 0, values, { producerId, producerEpoch: epoch, baseSequence }), 9);
  await write('0 and 1', 0, ['a', 'b']);
  await write('2', 2, ['c']);
  await write('2 again', 2, ['c']);
  await write('0 and 1 again', 0, ['a', 'b']);
  await write('4, where 3 is due', 4, ['e']);
  await write('3', 3, ['d']);
  await write('0 in the next epoch', 0, ['f'], producerEpoch + 1);
  await write('4 in the epoch before', 4, ['g']);
  await write('5 in an epoch to come, which begins with 0', 5, ['g'], producerEpoch + 2);
  await desk.fetch('what there is', [{ topic: 'orders' }]);
};

export const fencing: Conversation = async (talk) => {
  const { desk, a } = await scene(talk);
  await a.init();
  await a.write('orders', 0, ['not added'], 'writes to a partition that it has not added');
  await a.end(true, 'commits nothing');
  await a.add('nothing', 0, 'adds a partition that there is not');
  await a.add('orders');
  await a.write('orders', 0, ['a1']);
  const zombie = a;
  const next = new Producer(desk, 'the next A', 'a');
  await next.init();
  await fetched(desk, 'the open one is aborted');
  await zombie.add('orders', 0, 'that is fenced adds a partition');
  await zombie.write('orders', 0, ['a2'], 'that is fenced writes');
  await zombie.end(true, 'that is fenced commits');
  await zombie.end(false, 'that is fenced aborts');
  await next.add('orders');
  await next.write('orders', 0, ['n1']);
  await next.end(true);
  await next.end(true, 'commits again');
  await next.end(false, 'aborts what it has committed');
  await fetched(desk, 'at the end');
  await next.end(true, 'commits without a transaction');
};

export const transactionsOfTwo: Conversation = async (talk) => {
  // Since KIP-890 a partition is added by the first write, and each end begins another epoch.
  const { desk, a } = await scene(talk);
  await a.init('begins', 60_000, 5);
  await a.write('orders', 0, ['a1'], 'writes', 12);
  await a.end(true, 'commits', 5);
  await a.write('orders', 0, ['a2'], 'writes', 12);
  await a.write('orders', 1, ['a3'], 'writes to another partition', 12);
  await a.end(false, 'aborts', 5);
  await a.end(false, 'aborts nothing', 5);
  await a.end(true, 'commits nothing', 5);
  await fetched(desk, 'at the end');
  await desk.fetch('the other partition', [{ topic: 'orders', partition: 1 }], { isolationLevel: 1 });
};

export const transactionalOffsets: Conversation = async (talk) => {
  const { desk, a } = await scene(talk);
  const client = await Client.open(talk, talk.named('group'), 'C');
  const { groupId } = client;
  const orders = desk.named('orders');
  const topics = [{ name: orders, topicId: NO_ID, partitionIndexes: [0] }];
  const asked = (requireStable: boolean): OffsetFetchRequest => ({
    groupId,
    topics,
    groups: [{ groupId, memberId: null, memberEpoch: -1, topics }],
    requireStable,
  });
  const committed = async (when: string): Promise<void> => {
    await client.line.ask(when, offsetFetchApi, asked(false));
    await client.line.ask(`${when}, required stable`, offsetFetchApi, asked(true));
  };
  const ended = (): Promise<unknown> =>
    talk.until(
      'the marker is there',
      () => client.line.quietly(offsetFetchApi, asked(true)),
      ({ groups }) => groups[0]?.topics[0]?.partitions[0]?.errorCode === 0,
    );
  await a.init();
  await a.commitOffset(groupId, 'orders', 1, 'commits an offset before it has added the group');
  await a.addGroup(groupId);
  await a.commitOffset(groupId, 'orders', 5, 'commits an offset');
  await a.commitOffset(groupId, 'nothing', 5, 'commits one of a topic that there is not');
  await committed('while it is open');
  await a.end(true);
  await ended();
  await committed('when it is committed');
  await a.addGroup(groupId);
  await a.commitOffset(groupId, 'orders', 9, 'commits an offset');
  await committed('while the next is open');
  await client.commit('commits 7 beside it', orders, 7);
  await committed('with that');
  await a.end(false);
  await ended();
  await committed('when that is aborted');
  await client.join();
  await client.sync([[client, 'all']]);
  await a.addGroup(groupId);
  await a.commitOffset(groupId, 'orders', 10, 'commits for a member in the generation before', { ...client.standing, generationId: 0 });
  await a.commitOffset(groupId, 'orders', 10, 'commits for somebody unknown', { ...client.standing, memberId: 'nobody' });
  await a.commitOffset(groupId, 'orders', 10, 'commits for nobody', nobody);
  await a.commitOffset(groupId, 'orders', 11, 'commits for the member', client.standing);
  await a.commitOffset(groupId, 'orders', 12, 'commits in an older version', nobody, 2);
  await a.end(true);
  await ended();
  await committed('when that is committed');
};
