import { fetchApiAll, produceApi } from '../../../../src/protocol/apis/forTesting.ts';
import type { FetchResponse } from '../../../../src/protocol/apis/fetch.ts';
import type { FetchRequestAll } from '../../../../src/protocol/apis/fetchAll.ts';
import { Desk, NO_ID } from '../kit/desk.ts';
import type { Conversation } from '../kit/talk.ts';

interface WantedById {
  readonly topicId: string;
  readonly partition?: number;
  readonly offset?: number;
}

function byId(desk: Desk, wanted: readonly WantedById[], settings: Partial<FetchRequestAll> = {}): FetchRequestAll {
  const topics = wanted.map(({ topicId, partition = 0, offset = 0 }) => {
    const [asked] = desk.fetchRequest([{ topic: '', partition, offset }]).topics[0]?.partitions ?? [];
    if (asked === undefined) throw new Error('nothing is asked');
    return { topic: '', topicId, partitions: [{ ...asked, replicaDirectoryId: NO_ID, highWatermark: 2 ** 63 }] };
  });
  return { ...desk.fetchRequest([]), replicaState: { replicaId: -1, replicaEpoch: -1 }, topics, forgottenTopicsData: [], ...settings };
}

const unknown = 'f'.repeat(32);

export const fetchesById: Conversation = async (talk) => {
  const desk = await Desk.open(talk);
  const { topicId } = await desk.topic('orders', { partitions: 2 });
  await desk.produce('orders', 0, ['a', 'b']);
  const ask = (
    title: string,
    version: number,
    wanted: readonly WantedById[],
    settings: Partial<FetchRequestAll> = {},
  ): Promise<FetchResponse> => desk.ask(title, fetchApiAll, byId(desk, wanted, settings), version);
  for (let version = 13; version <= 18; version++) {
    await ask('by its id', version, [{ topicId }]);
    await ask('out of range, a partition that there is not, an id that there is not', version, [
      { topicId, offset: 9 },
      { topicId, partition: 7 },
      { topicId: unknown },
    ]);
    await ask('no id', version, [{ topicId: NO_ID }]);
  }
  const { sessionId } = await ask('a session', 13, [{ topicId, offset: 2 }, { topicId: unknown }], { sessionEpoch: 0 });
  await ask('which goes on', 13, [], { sessionId, sessionEpoch: 1 });
  await desk.ask('in a version of names', fetchApiAll, { ...byId(desk, []), sessionId, sessionEpoch: 2 }, 12);
  await ask('and on', 13, [], { sessionId, sessionEpoch: 2 });
  const named = await desk.fetch('a session by name', [{ topic: 'orders', offset: 2 }], { sessionEpoch: 0 }, 12);
  await ask('by ids, in the session of names', 13, [], { sessionId: named.sessionId, sessionEpoch: 1 });
  await desk.ask(
    'one record by the id',
    produceApi,
    { ...desk.batch('orders', 1, ['c']), topicData: desk.batch('orders', 1, ['c']).topicData.map((topic) => ({ ...topic, topicId })) },
    13,
  );
  await desk.ask(
    'one by an id that there is not',
    produceApi,
    {
      ...desk.batch('orders', 1, ['c']),
      topicData: desk.batch('orders', 1, ['c']).topicData.map((topic) => ({ ...topic, topicId: unknown })),
    },
    13,
  );
};

export const idsOverDeletion: Conversation = async (talk) => {
  const desk = await Desk.open(talk);
  const { topicId } = await desk.topic('orders');
  await desk.produce('orders', 0, ['a', 'b', 'c']);
  const ask = (title: string, wanted: readonly WantedById[], settings: Partial<FetchRequestAll> = {}): Promise<FetchResponse> =>
    desk.ask(title, fetchApiAll, byId(desk, wanted, settings), 17);
  const { sessionId } = await ask('a session', [{ topicId, offset: 3 }], { sessionEpoch: 0 });
  const polling = await Desk.open(talk);
  const poll = talk.timed(
    'the deletion ends a poll',
    3_000,
    polling.ask('a poll at the end', fetchApiAll, byId(desk, [{ topicId, offset: 3 }], { maxWaitMs: 3_000 }), 17),
  );
  await talk.pause(50);
  await desk.deleteTopic('orders');
  await poll;
  await ask('by its id when it is deleted', [{ topicId, offset: 3 }]);
  await ask('the session when it is deleted', [], { sessionId, sessionEpoch: 1 });
  const again = await desk.topic('orders');
  await ask('by the old id when it is created again', [{ topicId, offset: 3 }]);
  await ask('the session when it is created again', [], { sessionId, sessionEpoch: 2 });
  await ask('by the new id', [{ topicId: again.topicId }]);
  await ask('the session with the new id', [{ topicId: again.topicId }], { sessionId, sessionEpoch: 3 });
};
