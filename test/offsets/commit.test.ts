import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../src/errors/table.ts';
import { byTopic } from '../../src/offsets/byTopic.ts';
import { entriesOf, isEviction, judge, offsetCommitRequest } from '../../src/offsets/commit.ts';
import { commitFailedAt, committedAt, untilCommit, type CommitPace } from '../../src/offsets/commitPace.ts';
import { answerFor, listOffsetsRequest } from '../../src/offsets/listOffsets.ts';
import { timestampOf } from '../../src/offsets/place.ts';
import { SLOW_CLOCK } from '../../src/table/due.ts';
import { batchOf, tableOf, takeAll, working } from '../table/scenario.ts';
import { NO_ID } from '../support/noId.ts';

const backoff = { initial: 100, max: 10_000, jitter: 0.2 };

it('partitions are put under their topics, in their order', () => {
  const places = [{ topic: 'a', partition: 2 }, { topic: 'b', partition: 0 }, { topic: 'a', partition: 1 }]; // prettier-ignore
  expect(byTopic(places)).toEqual([['a', [places[0], places[2]]], ['b', [places[1]]]]); // prettier-ignore
});

describe('a commit', () => {
  it('is of what may be committed and was not yet: the lowest record that is not acked, else the position', () => {
    const { table } = tableOf();
    const [acked, unacked, known, lost, released] = [0, 1, 2, 3, 4].map((partition) => working(table, 10, { partition }));
    for (const cursor of [acked, unacked]) cursor?.receive(batchOf(10, 3), true);
    if (acked !== undefined) for (const record of takeAll(acked)) record.ack();
    if (unacked !== undefined) for (const record of takeAll(unacked).slice(1)) record.ack();
    if (known !== undefined) known.committed = 10;
    lost?.relocate({ kind: 'place', at: 'latest' }, 'seek');
    if (released !== undefined) table.release(released);
    const found = entriesOf([acked, unacked, known, lost, released].filter((cursor) => cursor !== undefined));
    expect(found.map(({ partition, offset }) => [partition, offset])).toEqual([
      [0, 13],
      [1, 10],
    ]);
  });

  it('is never of a negative offset: the broker would take it', () => {
    const { table } = tableOf();
    expect(entriesOf([working(table, -1)])).toEqual([]);
  });

  it('says in whose name it is made', () => {
    const { table } = tableOf();
    const entries = entriesOf([
      working(table, 3, { topic: 'a' }),
      working(table, 4, { topic: 'b' }),
      working(table, 5, { topic: 'a', partition: 1 }),
    ]);
    const partition = (partitionIndex: number, committedOffset: number) => ({
      partitionIndex,
      committedOffset,
      committedLeaderEpoch: -1,
      committedMetadata: '',
    });
    const topics = [
      { name: 'a', topicId: NO_ID, partitions: [partition(0, 3), partition(1, 5)] },
      { name: 'b', topicId: NO_ID, partitions: [partition(0, 4)] },
    ];
    expect(offsetCommitRequest('g', undefined, entries)).toEqual({
      ...{ groupId: 'g', generationIdOrMemberEpoch: -1, memberId: '', groupInstanceId: null, retentionTimeMs: -1, topics },
    });
    const membership = { groupId: 'g', memberId: 'm', generation: 7, instanceId: 'i' };
    expect(offsetCommitRequest('g', membership, entries)).toMatchObject({
      generationIdOrMemberEpoch: 7,
      memberId: 'm',
      groupInstanceId: 'i',
    });
  });

  it('counts as taken only where the answer says so', () => {
    const { table } = tableOf();
    const entries = entriesOf([0, 1, 2].map((partition) => working(table, 1, { partition })));
    const partitions = [
      { partitionIndex: 1, errorCode: 25 },
      { partitionIndex: 0, errorCode: 0 },
    ];
    const { taken, refused } = judge(
      {
        throttleTimeMs: 0,
        topics: [
          { name: 'other', topicId: NO_ID, partitions },
          { name: 't', topicId: NO_ID, partitions },
        ],
      },
      entries,
    );
    expect([taken.map(({ partition }) => partition), [...refused].map(([{ partition }, code]) => [partition, code])]).toEqual([
      [0],
      [
        [1, 25],
        [2, -1],
      ],
    ]);
  });

  it.each([
    ['UNKNOWN_MEMBER_ID', true],
    ['ILLEGAL_GENERATION', true],
    ['FENCED_INSTANCE_ID', true],
    ['REBALANCE_IN_PROGRESS', true],
    ['NOT_COORDINATOR', false],
    ['COORDINATOR_LOAD_IN_PROGRESS', false],
    ['GROUP_AUTHORIZATION_FAILED', false],
    ['UNKNOWN_TOPIC_OR_PARTITION', false],
  ])('%s speaks of the member: %s', (name, expected) => {
    expect(isEviction(codeOf(name))).toBe(expected);
  });
});

describe('the pace of commits', () => {
  const limits = { interval: 5_000, every: 3, kept: Infinity };
  const at = (
    pace: CommitPace,
    now: number,
    change: (cursor: ReturnType<typeof working>) => void = () => undefined,
    of = limits,
  ): number => {
    const cursor = working(tableOf().table, 5);
    change(cursor);
    return untilCommit(pace, [cursor], of, now);
  };

  it('is the interval, from the end of the last one', () => {
    expect([1_000, 3_500, 6_000, 9_000].map((now) => at(committedAt(1_000), now))).toEqual([5_000, 2_500, 0, 0]);
  });

  it('is the slow clock while there is nothing to commit', () => {
    expect(at(committedAt(0), 9_000, (cursor) => (cursor.committed = 5))).toBe(SLOW_CLOCK);
    expect(untilCommit(committedAt(0), [], limits, 9_000)).toBe(SLOW_CLOCK);
  });

  it('is at once after so many acks of one partition, and after a change of position', () => {
    expect(at(committedAt(0), 1, (cursor) => (cursor.ackedSinceCommit = 2))).toBe(4_999);
    expect(at(committedAt(0), 1, (cursor) => (cursor.ackedSinceCommit = 3))).toBe(0);
    expect(at(committedAt(0), 1, (cursor) => (cursor.commitSoon = true))).toBe(0);
  });

  it('is the back-off after a failure, twice as long with each in a row, and the shortest again after a success', () => {
    const random = (): number => 0.5;
    const first = commitFailedAt(committedAt(0), 1_000, backoff, random);
    const second = commitFailedAt(first, 2_000, backoff, random);
    const soon = (cursor: ReturnType<typeof working>): unknown => (cursor.commitSoon = true);
    expect([at(first, 1_000, soon), at(second, 2_000, soon)]).toEqual([100, 200]);
    expect(at(second, 2_200, soon)).toBe(0);
    expect(at(commitFailedAt(committedAt(3_000), 4_000, backoff, random), 4_000, soon)).toBe(100);
  });

  it('is never negative, and never before the back-off is over', () => {
    fc.assert(
      fc.property(fc.nat(9_000), fc.nat(9_000), fc.nat(9_000), fc.boolean(), (lastAt, notBefore, now, soon) => {
        const wait = at({ lastAt, notBefore, failures: 1 }, now, (cursor) => (cursor.commitSoon = soon));
        expect(wait).toBeGreaterThanOrEqual(Math.max(0, notBefore - now));
      }),
      { numRuns: 100 },
    );
  });
});

describe('a look-up by ListOffsets', () => {
  it('asks for each partition under its topic, in its leader’s epoch', () => {
    const questions = [
      { topic: 'a', partition: 0, timestamp: -1, leaderEpoch: 3 },
      { topic: 'a', partition: 2, timestamp: 99, leaderEpoch: -1 },
    ];
    expect(listOffsetsRequest(questions, 'read_committed', 1_000)).toEqual({
      ...{ replicaId: -1, isolationLevel: 1, timeoutMs: 1_000 },
      topics: [
        {
          name: 'a',
          partitions: [
            { partitionIndex: 0, currentLeaderEpoch: 3, timestamp: -1 },
            { partitionIndex: 2, currentLeaderEpoch: -1, timestamp: 99 },
          ],
        },
      ],
    });
    expect(listOffsetsRequest(questions, 'read_uncommitted', 1_000).isolationLevel).toBe(0);
  });

  it('is answered by topic and partition, or not at all', () => {
    const partition = { partitionIndex: 2, errorCode: 0, timestamp: -1, offset: 7, leaderEpoch: 1 };
    const response = { throttleTimeMs: 0, topics: [{ name: 'a', topicId: NO_ID, partitions: [partition] }] };
    expect(answerFor(response, { topic: 'a', partition: 2 })).toBe(partition);
    expect(answerFor(response, { topic: 'a', partition: 1 })).toBeUndefined();
    expect(answerFor(response, { topic: 'b', partition: 2 })).toBeUndefined();
  });

  it.each([
    ['earliest', -2],
    ['latest', -1],
    [{ timestamp: 5_000 }, 5_000],
    [{ ago: 400 }, 9_600],
    [{ ago: 99_999 }, 0],
  ] as const)('%j is asked for by the timestamp %i', (position, timestamp) => {
    expect(timestampOf(position, 10_000)).toBe(timestamp);
  });
});
