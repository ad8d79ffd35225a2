import { describe, expect, it } from 'vitest';
import { codeOf } from '../../src/errors/table.ts';
import { isTopic, topicIdOf } from '../../src/offsets/byTopic.ts';
import { entriesOf, judge, offsetCommitRequest } from '../../src/offsets/commit.ts';
import { committedLoop } from '../../src/offsets/committedLoop.ts';
import { fetchApi, type FetchRequest } from '../../src/protocol/apis/fetch.ts';
import { offsetCommitApi } from '../../src/protocol/apis/offsetCommit.ts';
import { offsetFetchApi, offsetsOfGroup, type OffsetFetchResponse } from '../../src/protocol/apis/offsetFetch.ts';
import { NO_ID } from '../support/noId.ts';
import { watch } from '../support/watch.ts';
import { batchOf, Clock, ledByZero, tableOf, takeAll, working } from '../table/scenario.ts';
import { Wire } from './scenario.ts';

const ID = '1'.repeat(32);
const OTHER = '2'.repeat(32);

describe('a topic', () => {
  it('goes by its id where that is known, and is the same for all', () => {
    const { table } = tableOf();
    const cursors = [working(table, 0), working(table, 0, { partition: 1 })];
    expect(topicIdOf(cursors)).toBe(NO_ID);
    ledByZero(table);
    expect(topicIdOf(cursors)).toBe(ID);
    const [first] = cursors;
    if (first !== undefined) first.route.topicId = OTHER;
    expect(topicIdOf(cursors)).toBe(NO_ID);
  });

  it('is found in an answer by its id, or by its name where the broker has none: never by the name of another', () => {
    const { table } = tableOf();
    const cursor = working(table, 0);
    ledByZero(table);
    expect(isTopic({ name: '', topicId: ID }, cursor)).toBe(true);
    expect(isTopic({ name: 't', topicId: OTHER }, cursor)).toBe(false);
    expect(isTopic({ name: 't', topicId: NO_ID }, cursor)).toBe(true);
    expect(isTopic({ name: 'u', topicId: NO_ID }, cursor)).toBe(false);
  });
});

describe('a request that names topics by ids', () => {
  const fetch = (...ids: readonly string[]): FetchRequest => ({
    ...{
      clusterId: null,
      replicaId: -1,
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 1,
      isolationLevel: 0,
      rackId: '',
      sessionId: 0,
      sessionEpoch: 0,
    },
    topics: ids.map((topicId) => ({ topic: 't', topicId, partitions: [] })),
    forgottenTopicsData: [],
  });

  it('is said in the versions that do, and in those before where one id is not known', () => {
    expect([fetchApi.upTo?.(fetch(ID)), fetchApi.upTo?.(fetch(ID, NO_ID)), fetchApi.upTo?.(fetch())]).toEqual([17, 12, 17]);
    const forgotten = { ...fetch(ID), forgottenTopicsData: [{ topic: 't', topicId: NO_ID, partitions: [0] }] };
    expect(fetchApi.upTo?.(forgotten)).toBe(12);
    const topic = (topicId: string) => ({ name: 't', topicId, partitionIndexes: [0] });
    expect(offsetFetchApi.upTo?.(offsetsOfGroup('g', [topic(ID)], true))).toBe(10);
    expect(offsetFetchApi.upTo?.(offsetsOfGroup('g', [topic(ID), topic(NO_ID)], true))).toBe(9);
    const commit = offsetCommitRequest('g', undefined, []);
    expect(offsetCommitApi.upTo?.({ ...commit, topics: [{ name: 't', topicId: ID, partitions: [] }] })).toBe(10);
    expect(offsetCommitApi.upTo?.({ ...commit, topics: [{ name: 't', topicId: NO_ID, partitions: [] }] })).toBe(9);
  });
});

describe('a commit', () => {
  it('says the id, and the epoch of the record before its offset: not that of the last one that was read', () => {
    const { table } = tableOf();
    const cursor = working(table, 0);
    ledByZero(table);
    cursor.receive(batchOf(0, 3, { leaderEpoch: 2 }), true);
    cursor.receive(batchOf(3, 3, { leaderEpoch: 4 }), true);
    for (const record of takeAll(cursor).slice(0, 2)) record.ack();
    const [topic] = offsetCommitRequest('g', undefined, entriesOf([cursor])).topics;
    expect(topic).toMatchObject({ name: 't', topicId: ID, partitions: [{ committedOffset: 2, committedLeaderEpoch: 2 }] });
  });

  it('is answered by the id; what is said of another topic of that name is no answer', () => {
    const { table } = tableOf();
    const entries = entriesOf([working(table, 5)]);
    ledByZero(table);
    const answer = (topicId: string, name = '') => ({
      throttleTimeMs: 0,
      topics: [{ name, topicId, partitions: [{ partitionIndex: 0, errorCode: 0 }] }],
    });
    expect(judge(answer(ID), entries).taken).toEqual(entries);
    expect([...judge(answer(OTHER, 't'), entries).refused.values()]).toEqual([-1]);
  });
});

describe('what is committed, by an id that the coordinator does not know', () => {
  it('is asked again after the back-off, and metadata is looked at; then it is where the stream goes on, with its epoch', () => {
    const clock = new Clock();
    const wire = new Wire();
    const { table } = tableOf();
    let outdated = 0;
    watch(
      committedLoop({
        context: clock.context,
        coordinator: wire.coordinator,
        table,
        groupId: 'g',
        requireStable: true,
        outdated: () => outdated++,
      }),
    );
    const target = { kind: 'committed', otherwise: { kind: 'nowhere' } } as const;
    const cursor = table.assign({ topic: 't', partition: 0 }, { kind: 'locating', target, reason: 'committed' });
    ledByZero(table);
    table.settled();
    const answer = (error: string | undefined): OffsetFetchResponse => {
      const errorCode = error === undefined ? 0 : codeOf(error);
      const partitions = [{ partitionIndex: 0, committedOffset: 7, committedLeaderEpoch: 3, metadata: '', errorCode }];
      return {
        throttleTimeMs: 0,
        topics: [],
        errorCode: 0,
        groups: [{ groupId: 'g', topics: [{ name: '', topicId: ID, partitions }], errorCode: 0 }],
      };
    };
    expect(wire.only.request).toMatchObject({ groups: [{ topics: [{ name: 't', topicId: ID, partitionIndexes: [0] }] }] });
    wire.only.answer(answer('UNKNOWN_TOPIC_ID'));
    expect([cursor.state.kind, outdated, wire.open]).toEqual(['locating', 1, []]);
    clock.to(99);
    expect(wire.open).toEqual([]);
    clock.to(100);
    wire.only.answer(answer(undefined));
    expect([cursor.position, cursor.committed, cursor.lineage.before(7), outdated]).toEqual([7, 7, 3, 1]);
  });
});
