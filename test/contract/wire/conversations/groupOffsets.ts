import { findCoordinatorApi } from '../../../../src/protocol/apis/findCoordinator.ts';
import { deleteGroupsApi, describeGroupsApi, offsetDeleteApi } from '../../../../src/protocol/apis/forTesting.ts';
import { heartbeatApi } from '../../../../src/protocol/apis/heartbeat.ts';
import { offsetCommitApi, type OffsetCommitRequest } from '../../../../src/protocol/apis/offsetCommit.ts';
import type { OffsetDeleteRequest } from '../../../../src/protocol/apis/offsetDelete.ts';
import { offsetFetchApi, type OffsetFetchRequest, type OffsetFetchRequestTopic } from '../../../../src/protocol/apis/offsetFetch.ts';
import { Desk, NO_ID } from '../kit/desk.ts';
import { Client, nobody } from '../kit/groups.ts';
import type { Conversation, Talk } from '../kit/talk.ts';

type Topics = readonly OffsetFetchRequestTopic[] | null;

function offsetsOf(groupId: string, topics: Topics, requireStable = false): OffsetFetchRequest {
  return { groupId, topics, groups: [{ groupId, memberId: null, memberEpoch: -1, topics }], requireStable };
}

/** Topic `orders` of two partitions, and a client of a group that nobody is in. */
async function scene(talk: Talk, group: string): Promise<{ desk: Desk; client: Client; orders: string; asked: Topics }> {
  const desk = await Desk.open(talk);
  await desk.topic('orders', { partitions: 2 });
  const client = await Client.open(talk, talk.named(group), 'A');
  const orders = desk.named('orders');
  return { desk, client, orders, asked: [{ name: orders, topicId: NO_ID, partitionIndexes: [0, 1] }] };
}

export const simpleCommits: Conversation = async (talk) => {
  const { client, orders, asked } = await scene(talk, 'simple');
  const { line, groupId } = client;
  const fetched = (title: string, topics: Topics = asked): Promise<unknown> => line.ask(title, offsetFetchApi, offsetsOf(groupId, topics));
  await fetched('before anything is committed');
  await fetched('all topics, before anything is committed', null);
  await client.commit('commits 5', orders, 5);
  await fetched('what is committed');
  await fetched('all topics', null);
  await fetched('no topics', []);
  await fetched('a topic and a partition that there are not', [
    { name: orders, topicId: NO_ID, partitionIndexes: [0, 9] },
    { name: talk.named('nothing'), topicId: NO_ID, partitionIndexes: [0] },
  ]);
  await client.commit('commits -5', orders, -5);
  await fetched('-5 is committed');
  await client.commit('commits -1', orders, -1);
  await fetched('-1 is committed');
  await client.commit('commits 3, with metadata', orders, 3, nobody, 1, 'some words');
  await client.commit('commits 3, with metadata null', orders, 3, nobody, 0, null);
  await fetched('metadata');
  await client.commit('commits with metadata of 4,096 characters', orders, 4, nobody, 0, 'm'.repeat(4_096));
  await client.commit('commits with metadata of 4,097 characters', orders, 5, nobody, 0, 'm'.repeat(4_097));
  await client.commit('commits to a partition that there is not', orders, 1, nobody, 9);
  await client.commit('commits to a topic that there is not', talk.named('nothing'), 1);
  await client.commit('commits as somebody unknown', orders, 6, { memberId: 'nobody', generationId: -1 });
  await client.commit('commits in generation 1', orders, 6, { memberId: '', generationId: 1 });
  await client.commit('commits as somebody unknown in generation 1', orders, 6, { memberId: 'nobody', generationId: 1 });
  const many = client.commitRequest(orders, 7);
  const mixed: OffsetCommitRequest = {
    ...many,
    topics: [
      ...many.topics,
      ...client.commitRequest(talk.named('nothing'), 1).topics,
      ...client.commitRequest(orders, 8, nobody, 1).topics,
    ],
  };
  await line.ask('A commits to three, one of which there is not', offsetCommitApi, mixed);
  await line.ask('A commits nothing', offsetCommitApi, { ...many, topics: [] });
  await line.ask('A commits for a group without a name', offsetCommitApi, { ...many, groupId: '' });
  await line.ask('what a group without a name has committed', offsetFetchApi, offsetsOf('', asked));
  await line.ask('what a group has committed that there is not', offsetFetchApi, offsetsOf(talk.named('other'), asked));
  await line.ask('several groups', offsetFetchApi, {
    ...offsetsOf(groupId, asked),
    groups: [groupId, talk.named('other')].map((each) => ({ groupId: each, memberId: null, memberEpoch: -1, topics: asked })),
  });
  const withEpoch = {
    ...many,
    topics: [
      {
        name: orders,
        topicId: NO_ID,
        partitions: [{ partitionIndex: 0, committedOffset: 9, committedLeaderEpoch: 4, committedMetadata: '' }],
      },
    ],
  };
  await line.ask('A commits with a leader epoch', offsetCommitApi, withEpoch);
  await fetched('the leader epoch');
};

export const memberCommits: Conversation = async (talk) => {
  const { client: a, orders, asked } = await scene(talk, 'members');
  await a.join();
  await a.commit('commits before it has synced', orders, 1);
  await a.sync([[a, 'all']]);
  await a.commit('commits', orders, 2);
  await a.commit('commits without being a member', orders, 3, nobody);
  await a.commit('commits in generation -1', orders, 3, { ...a.standing, generationId: -1 });
  await a.commit('commits in the generation before', orders, 3, { ...a.standing, generationId: 0 });
  await a.commit('commits in the generation after', orders, 3, { ...a.standing, generationId: 2 });
  await a.commit('commits as somebody unknown', orders, 3, { ...a.standing, memberId: 'nobody' });
  const b = await Client.open(talk, a.groupId, 'B');
  const joining = b.join();
  await talk.until(
    'A hears of a rebalance',
    () => a.line.quietly(heartbeatApi, { groupId: a.groupId, ...a.standing, groupInstanceId: null }),
    ({ errorCode }) => errorCode !== 0,
  );
  await a.commit('commits while it should join', orders, 4);
  await a.commit('commits while it should join, without being a member', orders, 5, nobody);
  await Promise.all([a.join({}, 'joins again'), joining]);
  await a.commit('commits before it has synced', orders, 6);
  await a.commit('commits in the generation before', orders, 7, { ...a.standing, generationId: 1 });
  await Promise.all([b.sync(), a.sync([[b, 'all for B']])]);
  await a.commit('commits what is not assigned to it', orders, 8);
  await a.line.ask('what is committed', offsetFetchApi, offsetsOf(a.groupId, asked));
  await a.leave();
  await a.commit('commits after it has left', orders, 9);
  await b.leave();
  await a.commit('commits when nobody is left', orders, 10, nobody);
  await a.line.ask('what is committed', offsetFetchApi, offsetsOf(a.groupId, asked));
};

export const offsetVersions: Conversation = async (talk) => {
  const { client, orders, asked } = await scene(talk, 'versions');
  for (let version = 2; version <= 9; version++)
    await client.line.ask('A commits', offsetCommitApi, client.commitRequest(orders, version), version);
  for (let version = 1; version <= 9; version++) {
    await client.line.ask('what is committed', offsetFetchApi, offsetsOf(client.groupId, asked), version);
    if (version >= 2) await client.line.ask('all', offsetFetchApi, offsetsOf(client.groupId, null), version);
    await client.line.ask('of a group that there is not', offsetFetchApi, offsetsOf(talk.named('other'), asked), version);
  }
};

export const offsetsOfDeletedTopics: Conversation = async (talk) => {
  const { desk, client, orders, asked } = await scene(talk, 'deleted');
  await client.commit('commits 5', orders, 5);
  await desk.deleteTopic('orders');
  const gone = await talk.until(
    'the offsets are gone',
    () => client.line.quietly(offsetFetchApi, offsetsOf(client.groupId, asked)),
    ({ groups }) => groups[0]?.topics[0]?.partitions[0]?.committedOffset === -1,
  );
  talk.note('when the topic is deleted', gone);
  await desk.topic('orders', { partitions: 2 });
  await client.line.ask('when it is created again', offsetFetchApi, offsetsOf(client.groupId, asked));
};

export const coordinators: Conversation = async (talk) => {
  const { desk, client } = await scene(talk, 'found');
  for (let version = 0; version <= 6; version++) {
    const key = client.groupId;
    await desk.ask('the coordinator of a group', findCoordinatorApi, { key, keyType: 0, coordinatorKeys: [key] }, version);
    if (version >= 4)
      await desk.ask('of two groups', findCoordinatorApi, { key, keyType: 0, coordinatorKeys: [key, talk.named('other')] }, version);
  }
  await desk.ask('of a group without a name', findCoordinatorApi, { key: '', keyType: 0, coordinatorKeys: [''] });
  await desk.ask('of a group without a name', findCoordinatorApi, { key: '', keyType: 0, coordinatorKeys: [''] }, 3);
  await desk.ask('of nothing', findCoordinatorApi, { key: '', keyType: 0, coordinatorKeys: [] });
  await desk.ask('of what is neither group nor transaction', findCoordinatorApi, { key: 'x', keyType: 9, coordinatorKeys: ['x'] }, 3);
};

export const groupsDescribed: Conversation = async (talk) => {
  const { client: a, orders } = await scene(talk, 'described');
  const groups = [a.groupId];
  const describe = { groups: [...groups, talk.named('other')], includeAuthorizedOperations: false };
  const deletion = (partition: number): OffsetDeleteRequest => ({
    groupId: a.groupId,
    topics: [{ name: orders, partitions: [{ partitionIndex: partition }] }],
  });
  await a.line.ask('before anything', describeGroupsApi, describe, 5);
  await a.commit('commits', orders, 1);
  await a.line.ask('with offsets only', describeGroupsApi, describe, 5);
  await a.join();
  await a.line.ask('before it has synced', describeGroupsApi, describe, 5);
  await a.sync([[a, 'all']]);
  await a.line.ask('stable', describeGroupsApi, describe, 5);
  await a.line.ask('deleting a group that is not empty', deleteGroupsApi, { groupsNames: groups });
  await a.line.ask('deleting an offset of a topic that a member wants, or may', offsetDeleteApi, deletion(1));
  await a.leave();
  await a.line.ask('empty', describeGroupsApi, describe, 5);
  await a.line.ask('deleting an offset', offsetDeleteApi, deletion(0));
  await a.line.ask('deleting it again', offsetDeleteApi, deletion(0));
  await a.line.ask('deleting one of a partition that there is not', offsetDeleteApi, deletion(9));
  await a.commit('commits as nobody', orders, 2, nobody);
  await a.line.ask('deleting it, and one that there is not', deleteGroupsApi, { groupsNames: [...groups, talk.named('other')] });
  await a.line.ask('what is committed', offsetFetchApi, offsetsOf(a.groupId, null));
  await a.line.ask('dead', describeGroupsApi, describe, 5);
};
