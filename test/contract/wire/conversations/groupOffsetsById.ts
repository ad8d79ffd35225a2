import { codeOf } from '../../../../src/errors/table.ts';
import { offsetCommitApi, type OffsetCommitRequest } from '../../../../src/protocol/apis/offsetCommit.ts';
import { offsetFetchApi, type OffsetFetchRequest, type OffsetFetchResponse } from '../../../../src/protocol/apis/offsetFetch.ts';
import { Desk, NO_ID } from '../kit/desk.ts';
import { Client, nobody, type Standing } from '../kit/groups.ts';
import type { Conversation, Talk } from '../kit/talk.ts';

/** The first version in which topics go by their ids. */
const BY_ID = 10;
const unknown = 'f'.repeat(32);

/** A topic by its id, or by its name. */
interface Of {
  readonly topicId?: string;
  readonly name?: string;
  readonly partitions?: readonly number[];
}

/** Somebody who commits by ids, and asks what is committed. */
class Committer {
  readonly client: Client;
  readonly #talk: Talk;

  private constructor(talk: Talk, client: Client) {
    this.#talk = talk;
    this.client = client;
  }

  static async open(talk: Talk, group: string): Promise<Committer> {
    return new Committer(talk, await Client.open(talk, talk.named(group), 'A'));
  }

  request(committedOffset: number, topics: readonly Of[], standing: Standing = nobody, metadata = ''): OffsetCommitRequest {
    return {
      ...this.client.commitRequest('', committedOffset, standing),
      topics: topics.map(({ topicId = NO_ID, name = '', partitions = [0] }) => ({
        ...{ name, topicId },
        partitions: partitions.map((partitionIndex) => ({
          ...{ partitionIndex, committedOffset, committedLeaderEpoch: -1, committedMetadata: metadata },
        })),
      })),
    };
  }

  commit(what: string, committedOffset: number, topics: readonly Of[], standing: Standing = nobody, metadata = ''): Promise<unknown> {
    return this.client.line.ask(what, offsetCommitApi, this.request(committedOffset, topics, standing, metadata), BY_ID);
  }

  asking(topics: readonly Of[] | null, groups: readonly string[] = [this.client.groupId]): OffsetFetchRequest {
    const asked =
      topics?.map(({ topicId = NO_ID, name = '', partitions = [0] }) => ({ ...{ name, topicId }, partitionIndexes: partitions })) ?? null;
    return {
      ...{ groupId: this.client.groupId, topics: asked, requireStable: false },
      groups: groups.map((groupId) => ({ ...{ groupId, memberId: null, memberEpoch: -1 }, topics: asked })),
    };
  }

  asks(what: string, topics: readonly Of[] | null, version: number = BY_ID): Promise<OffsetFetchResponse> {
    return this.client.line.ask(what, offsetFetchApi, this.asking(topics), version);
  }

  /** Until that is what is told of partition 0 of this topic. */
  async until(
    what: string,
    of: Of,
    version: number,
    good: (told: { errorCode: number; committedOffset: number }) => boolean,
  ): Promise<void> {
    await this.#talk.until(
      what,
      () => this.client.line.quietly(offsetFetchApi, this.asking([of]), version),
      ({ groups }) => {
        const [told] = groups[0]?.topics[0]?.partitions ?? [];
        return told !== undefined && good(told);
      },
    );
  }
}

export const offsetsById: Conversation = async (talk) => {
  const desk = await Desk.open(talk);
  const { topicId: orders } = await desk.topic('orders', { partitions: 2 });
  const { topicId: bills } = await desk.topic('bills');
  talk.note('the ids of two topics, and one that no topic has', [{ topicId: orders }, { topicId: bills }, { topicId: unknown }]);
  const a = await Committer.open(talk, 'by-id');
  const both = [{ topicId: orders, partitions: [0, 1] }];
  await a.asks('before anything is committed', both);
  await a.asks('all topics, before anything is committed', null);
  await a.commit('commits 5', 5, [{ topicId: orders }]);
  await a.asks('what is committed', both);
  await a.asks('all topics', null);
  await a.asks('no topics', []);
  await a.asks('by its name', [{ name: talk.named('orders') }], BY_ID - 1);
  await a.commit('commits by an id that there is not', 6, [{ topicId: unknown, partitions: [0, 1] }]);
  await a.commit('commits by no id', 6, [{}]);
  await a.commit('commits to a partition that there is not', 6, [{ topicId: orders, partitions: [9] }]);
  await a.asks('an id that there is not', [{ topicId: unknown, partitions: [0, 1] }]);
  await a.asks('no id', [{}]);
  await a.asks('a partition that there is not', [{ topicId: orders, partitions: [9] }]);
  const mixed = [
    { topicId: unknown },
    { topicId: orders, partitions: [0, 9, 1] },
    { topicId: bills },
    { topicId: unknown, partitions: [1] },
    {},
  ];
  await a.commit('commits 7 to all sorts', 7, mixed);
  await a.asks('all sorts', mixed);
  await a.commit('commits 8, one topic twice', 8, [{ topicId: orders }, { topicId: orders, partitions: [1] }]);
  const twice = [{ topicId: orders }, { topicId: unknown }, { topicId: orders, partitions: [1] }];
  await a.commit('commits 8, one topic twice, and to an id that there is not', 8, twice);
  const name = talk.named('orders');
  const named = a.request(8, [{ name }, { name, partitions: [1] }]);
  await a.client.line.ask('commits 8 by the name, one topic twice', offsetCommitApi, named, BY_ID - 1);
  await a.asks('all topics again', null);
  await a.commit('commits as somebody unknown', 9, [{ topicId: orders }], { memberId: 'nobody', generationId: -1 });
  await a.commit('commits to all sorts as somebody unknown in generation 1', 9, mixed, { memberId: 'nobody', generationId: 1 });
  await a.commit('commits to an unknown id only, as somebody unknown', 9, [{ topicId: unknown }], { memberId: 'nobody', generationId: 1 });
  await a.commit('commits to all sorts with metadata that are too long', 9, mixed, nobody, 'm'.repeat(4_097));
  await a.commit('commits nothing', 9, []);
  const group = talk.named('other');
  const inOther = { ...a.request(1, mixed, { memberId: '', generationId: 3 }), groupId: group };
  await a.client.line.ask('commits for a group that there is not, in generation 3', offsetCommitApi, inOther, BY_ID);
  await a.client.line.ask('commits for a group without a name', offsetCommitApi, { ...a.request(1, mixed), groupId: '' }, BY_ID);
  await a.client.line.ask('of two groups', offsetFetchApi, a.asking(mixed, [a.client.groupId, group]), BY_ID);
  await a.client.line.ask('of a group without a name', offsetFetchApi, a.asking(mixed, ['']), BY_ID);
  await a.client.line.ask('commits 3 by the name', offsetCommitApi, a.request(3, [{ name }]), BY_ID - 1);
  await a.asks('what is committed by the name', both);
};

export const offsetsByIdOverDeletion: Conversation = async (talk) => {
  const desk = await Desk.open(talk);
  const { topicId: old } = await desk.topic('orders');
  const { topicId: bills } = await desk.topic('bills');
  talk.note('the ids of two topics', [{ topicId: old }, { topicId: bills }]);
  const a = await Committer.open(talk, 'deleted-id');
  const orders = talk.named('orders');
  await a.commit('commits 5 to both', 5, [{ topicId: old }, { topicId: bills }]);
  await desk.deleteTopic('orders');
  await a.until('the id is unknown', { topicId: old }, BY_ID, ({ errorCode }) => errorCode === codeOf('UNKNOWN_TOPIC_ID'));
  await a.until('the offset is gone', { name: orders }, BY_ID - 1, ({ committedOffset }) => committedOffset === -1);
  await a.asks('when it is deleted', [{ topicId: old }, { topicId: bills }]);
  await a.asks('all topics, when it is deleted', null);
  await a.commit('commits 6 to both, when it is deleted', 6, [{ topicId: old }, { topicId: bills }]);
  const { topicId: again } = await desk.topic('orders');
  talk.note('its new id', [{ topicId: again }]);
  const all = [{ topicId: old }, { topicId: bills }, { topicId: again }];
  await a.asks('when it is created again', all);
  await a.commit('commits 7 by the old id', 7, [{ topicId: old }]);
  await a.asks('by the name', [{ name: orders }], BY_ID - 1);
  await a.commit('commits 8 by all', 8, all);
  await a.asks('when 8 is committed', all);
  await a.asks('all topics, when 8 is committed', null);
};
