import { fetchApi } from '../../../../src/protocol/apis/fetch.ts';
import { Desk, NO_ID, type Wanted } from '../kit/desk.ts';
import type { Conversation } from '../kit/talk.ts';

export const sessions: Conversation = async (talk) => {
  for (const version of [7, 11, 12]) {
    const desk = await Desk.open(talk);
    const [topic, other] = [`orders${version}`, `bills${version}`];
    await desk.topic(topic, { partitions: 2 });
    await desk.topic(other);
    await desk.produce(topic, 0, ['a']);
    await desk.produce(topic, 0, ['b']);
    const { sessionId } = await desk.fetch(
      'a new session',
      [{ topic }, { topic, partition: 1 }, { topic: other }],
      { sessionEpoch: 0 },
      version,
    );
    const next = (
      title: string,
      sessionEpoch: number,
      wanted: readonly Wanted[] = [],
      forgotten: readonly (readonly [string, number])[] = [],
    ): Promise<unknown> => {
      const forgottenTopicsData = forgotten.map(([name, partition]) => ({
        topic: desk.named(name),
        topicId: NO_ID,
        partitions: [partition],
      }));
      return desk.ask(title, fetchApi, desk.fetchRequest(wanted, { sessionId, sessionEpoch, forgottenTopicsData }), version);
    };
    await next('epoch 1: the same again', 1);
    await next('epoch 2: the position moved', 2, [{ topic, offset: 2 }]);
    await next('epoch 3: nothing changed', 3);
    await desk.produce(topic, 1, ['c']);
    await next('epoch 4: a batch in the other', 4);
    await next('epoch 5: with the position moved, of both', 5, [
      { topic, partition: 1, offset: 1 },
      { topic, offset: 2 },
    ]);
    await next('epoch 7: too early', 7);
    await next('epoch 5 again', 5);
    await next('epoch 6: the session goes on', 6);
    await desk.produce(topic, 0, ['d']);
    await next('epoch 7: one is forgotten', 7, [], [[topic, 0]]);
    await next(
      'epoch 8: what was never there is forgotten',
      8,
      [],
      [
        [topic, 9],
        ['nothing', 0],
      ],
    );
    await next('epoch 9: out of range', 9, [{ topic, partition: 1, offset: 50 }]);
    await next('epoch 10: the error is repeated', 10);
    await next('epoch 11: mended', 11, [{ topic, partition: 1, offset: 0 }]);
    await next('epoch 12: a partition that there is not', 12, [{ topic, partition: 7 }]);
    await next(
      'epoch 13: all are forgotten',
      13,
      [],
      [
        [topic, 1],
        [topic, 7],
        [other, 0],
      ],
    );
    await next('epoch -1: it ends, and all is asked for', -1, [{ topic, partition: 1 }]);
    await next('epoch 14: there is none', 14);
    await desk.fetch('a session unknown', [{ topic }], { sessionId: 12_345, sessionEpoch: 1 }, version);
    await desk.fetch('a session unknown is ended', [{ topic, offset: 2 }], { sessionId: 12_345, sessionEpoch: -1 }, version);
    await desk.fetch('session 0 in epoch 1', [{ topic, offset: 2 }], { sessionEpoch: 1 }, version);
    const second = await desk.fetch('another session', [{ topic, offset: 2 }], { sessionEpoch: 0 }, version);
    const third = await desk.fetch(
      'which a third replaces',
      [{ topic, offset: 2 }],
      { sessionId: second.sessionId, sessionEpoch: 0 },
      version,
    );
    await desk.fetch('the second is gone', [], { sessionId: second.sessionId, sessionEpoch: 1 }, version);
    const elsewhere = await Desk.open(talk);
    await elsewhere.fetch('the third goes on from another connection', [], { sessionId: third.sessionId, sessionEpoch: 1 }, version);
  }
};

export const sessionsOverDeletion: Conversation = async (talk) => {
  for (const version of [11, 12]) {
    const desk = await Desk.open(talk);
    const topic = `orders${version}`;
    await desk.topic(topic);
    await desk.produce(topic, 0, ['a', 'b', 'c']);
    const { sessionId } = await desk.fetch('a new session', [{ topic, offset: 3 }], { sessionEpoch: 0 }, version);
    const polling = await Desk.open(talk);
    const poll = talk.timed(
      'the deletion ends the poll',
      3_000,
      polling.fetch('a poll at the end', [{ topic, offset: 3 }], { maxWaitMs: 3_000 }, version),
    );
    await talk.pause(50);
    await desk.deleteTopic(topic);
    await poll;
    await desk.fetch('the session when it is deleted', [], { sessionId, sessionEpoch: 1 }, version);
    await desk.topic(topic);
    await desk.fetch('the session when it is created again', [], { sessionId, sessionEpoch: 2 }, version);
    await desk.produce(topic, 0, ['d']);
    await desk.fetch('from 0', [{ topic }], {}, version);
    await desk.fetch('from where the old one ended', [{ topic, offset: 3 }], {}, version);
    await desk.fetch('in the session from 0', [{ topic }], { sessionId, sessionEpoch: 3 }, version);
  }
};
