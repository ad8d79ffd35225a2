import { apiVersionsApi } from '../../../../src/protocol/apis/apiVersions.ts';
import type { CreatePartitionsRequest } from '../../../../src/protocol/apis/createPartitions.ts';
import type { CreatableTopic } from '../../../../src/protocol/apis/createTopics.ts';
import type { DeleteTopicsRequest } from '../../../../src/protocol/apis/deleteTopics.ts';
import { createPartitionsApi, createTopicsApi, deleteTopicsApi } from '../../../../src/protocol/apis/forTesting.ts';
import * as forTesting from '../../../../src/protocol/apis/forTesting.ts';
import * as apis from '../../../../src/protocol/apis/index.ts';
import { metadataApi } from '../../../../src/protocol/apis/metadata.ts';
import { Desk, metadataRequest, NO_ID } from '../kit/desk.ts';
import type { Conversation } from '../kit/talk.ts';

export const topicsByName: Conversation = async (talk) => {
  const desk = await Desk.open(talk);
  await desk.topic('orders', { partitions: 3 });
  await desk.topic('bills');
  await desk.ask('one topic', metadataApi, desk.metadata('orders'));
  await desk.ask('two topics and one that there is not', metadataApi, desk.metadata('bills', 'nothing', 'orders'));
  await desk.ask('one topic twice', metadataApi, desk.metadata('bills', 'bills'));
  await desk.ask('no topic', metadataApi, metadataRequest([]));
  for (const bad of ['', '.', '..', 'a b', 'ä', 'x'.repeat(250)])
    await desk.ask(
      `a name that is none: ${JSON.stringify(bad.slice(0, 10))}`,
      metadataApi,
      metadataRequest([{ topicId: NO_ID, name: bad }]),
    );
  const all = await desk.line.quietly(metadataApi, metadataRequest(null));
  talk.note(
    'in all topics these are',
    all.topics
      .map(({ name }) => name)
      .filter((name) => [desk.named('orders'), desk.named('bills')].includes(name ?? ''))
      .sort(),
  );
  const auto = { ...desk.metadata('automatic'), allowAutoTopicCreation: true };
  await desk.ask('one that might be created automatically', metadataApi, auto);
  await desk.ask('it is not', metadataApi, desk.metadata('automatic'));
};

export const topicsById: Conversation = async (talk) => {
  const desk = await Desk.open(talk);
  const orders = await desk.topic('orders');
  const bills = await desk.topic('bills');
  const byId = (topicId: string, name: string | null = null): Parameters<typeof metadataRequest>[0] => [{ topicId, name }];
  await desk.ask('by its id', metadataApi, metadataRequest(byId(orders.topicId)), 12);
  await desk.ask('by its id and its name', metadataApi, metadataRequest(byId(orders.topicId, desk.named('orders'))), 12);
  await desk.ask('by its id and the name of another', metadataApi, metadataRequest(byId(orders.topicId, desk.named('bills'))), 12);
  await desk.ask('by an id that there is not', metadataApi, metadataRequest(byId('f'.repeat(32))), 12);
  await desk.ask('by two ids', metadataApi, metadataRequest([...(byId(bills.topicId) ?? []), ...(byId(orders.topicId) ?? [])]), 12);
  await desk.ask(
    'one by id, one by name',
    metadataApi,
    metadataRequest([...(byId(bills.topicId) ?? []), { topicId: NO_ID, name: desk.named('orders') }]),
    12,
  );
  await desk.deleteTopic('orders');
  await desk.ask('by the id of one that was deleted', metadataApi, metadataRequest(byId(orders.topicId)), 12);
  const again = await desk.topic('orders');
  talk.note('when it is created again it has another id', again.topicId !== orders.topicId);
  await desk.ask('by the old id', metadataApi, metadataRequest(byId(orders.topicId)), 12);
  await desk.ask('by the new id', metadataApi, metadataRequest(byId(again.topicId)), 12);
};

export const metadataVersions: Conversation = async (talk) => {
  const desk = await Desk.open(talk);
  await desk.topic('orders', { partitions: 2 });
  for (let version = 0; version <= 12; version++)
    await desk.ask('one topic and one that there is not', metadataApi, { ...desk.metadata('orders', 'nothing') }, version);
};

export const creations: Conversation = async (talk) => {
  const desk = await Desk.open(talk);
  await desk.topic('orders');
  const topic = (name: string, numPartitions: number, replicationFactor = 1): CreatableTopic => ({
    name,
    numPartitions,
    replicationFactor,
    assignments: [],
    configs: [],
  });
  const create = async (title: string, validateOnly: boolean, ...topics: readonly CreatableTopic[]): Promise<void> => {
    const { topics: answers } = await desk.line.quietly(createTopicsApi, { topics, timeoutMs: 5_000, validateOnly }, 5);
    talk.note(
      title,
      answers.map(({ name, errorCode, numPartitions, replicationFactor }) => ({ name, errorCode, numPartitions, replicationFactor })),
    );
  };
  await create('one that exists', false, topic(desk.named('orders'), 1));
  await create('with no partitions', false, topic(desk.named('none'), 0));
  await create('with -2 partitions', false, topic(desk.named('fewer'), -2));
  await create('with as many as brokers give by default', false, topic(desk.named('default'), -1, -1));
  await create('with more replicas than brokers', false, topic(desk.named('many'), 1, 9));
  await create('with no replicas', false, topic(desk.named('zero'), 1, 0));
  await create('with a bad name', false, topic('a b', 1));
  await create('without a name', false, topic('', 1));
  await create('only to see whether it could be', true, topic(desk.named('trial'), 1));
  await desk.ask('it is not created', metadataApi, desk.metadata('trial'));
  await create('one twice', false, topic(desk.named('twice'), 1), topic(desk.named('twice'), 1));
  const grow = (name: string, count: number): CreatePartitionsRequest => ({
    topics: [{ name: desk.named(name), count, assignments: null }],
    timeoutMs: 5_000,
    validateOnly: false,
  });
  await desk.ask('to as many partitions as there are', createPartitionsApi, grow('orders', 1));
  await desk.ask('to fewer', createPartitionsApi, grow('orders', 0));
  await desk.ask('of a topic that there is not', createPartitionsApi, grow('nothing', 2));
  await desk.ask('to three', createPartitionsApi, grow('orders', 3));
  await talk.until(
    'the partitions are known',
    () => desk.line.quietly(metadataApi, desk.metadata('orders')),
    ({ topics: [first] }) => first?.partitions.length === 3 && first.partitions.every(({ leaderId }) => leaderId >= 0),
  );
  await desk.ask('there are three', metadataApi, desk.metadata('orders'));
  const byName = (name: string): DeleteTopicsRequest => ({
    topics: [{ name: desk.named(name), topicId: NO_ID }],
    topicNames: [desk.named(name)],
    timeoutMs: 5_000,
  });
  for (const version of [1, 5, 6]) await desk.ask('deleting one that there is not', deleteTopicsApi, byName('nothing'), version);
  await desk.ask(
    'deleting one by an id that there is not',
    deleteTopicsApi,
    { topics: [{ name: null, topicId: 'f'.repeat(32) }], topicNames: [], timeoutMs: 5_000 },
    6,
  );
};

export const apiVersions: Conversation = async (talk) => {
  const desk = await Desk.open(talk);
  const spoken = new Map([...Object.values(apis), ...Object.values(forTesting)].map((api) => [api.key, api] as const));
  for (let version = 0; version <= 4; version++) {
    const { errorCode, apiKeys } = await desk.line.quietly(
      apiVersionsApi,
      { clientSoftwareName: 'test', clientSoftwareVersion: '1' },
      version,
    );
    const ranges = [...spoken].map(
      ([
        key,
        {
          name,
          versions: [min, max],
        },
      ]) => {
        const theirs = apiKeys.find(({ apiKey }) => apiKey === key);
        return `${name} ${Math.max(min, theirs?.minVersion ?? -1)} to ${Math.min(max, theirs?.maxVersion ?? -1)}`;
      },
    );
    talk.note('what both speak', { errorCode, ranges: ranges.sort() }, version);
  }
  const nameless = await desk.line.quietly(apiVersionsApi, { clientSoftwareName: '', clientSoftwareVersion: '1' }, 3);
  talk.note('from a client without a name', { errorCode: nameless.errorCode, apis: nameless.apiKeys.length });
};
