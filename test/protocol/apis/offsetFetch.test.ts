import { expect, test } from 'vitest';
import { committedOf, offsetFetchApi, offsetsOfGroup } from '../../../src/protocol/apis/offsetFetch.ts';
import { decodeResponse, encodeRequest, encodeResponse } from '../../../src/protocol/header.ts';
import { Reader } from '../../../src/protocol/reader.ts';
import { NO_ID } from '../../support/noId.ts';

const topicId = '7'.repeat(32);
const partitions = [{ partitionIndex: 1, committedOffset: 7, committedLeaderEpoch: 3, metadata: null, errorCode: 0 }];
const group = { groupId: 'g', topics: [{ name: 't', topicId, partitions }], errorCode: 0 };

test('one answer in every version', () => {
  const answer = { throttleTimeMs: 0, topics: group.topics, errorCode: 0, groups: [group] };
  for (let version = 1; version <= 10; version++) {
    const response = decodeResponse(offsetFetchApi, version, encodeResponse(offsetFetchApi, version, 1, answer).subarray(4));
    const { topics } = committedOf(response, 'g');
    expect(topics.map(({ name, topicId }) => [name, topicId])).toEqual([nameOrId(version)]);
    const [partition] = topics.flatMap((topic) => topic.partitions);
    expect(partition).toEqual({ ...partitions[0], committedLeaderEpoch: version < 5 ? -1 : 3 });
  }
});

test('an error of the whole answer, before and after it moved into the group', () => {
  const answer = { throttleTimeMs: 0, topics: [], errorCode: 16, groups: [] };
  expect(committedOf(answer, 'g')).toEqual({ groupId: 'g', topics: [], errorCode: 16 });
  expect(committedOf({ ...answer, errorCode: 0, groups: [{ groupId: 'g', topics: [], errorCode: 14 }] }, 'g').errorCode).toBe(14);
});

test('one question in every version', () => {
  const request = offsetsOfGroup('g', [{ name: 't', topicId, partitionIndexes: [1] }], true);
  for (const version of [1, 7, 8, 9, 10]) {
    const reader = new Reader(encodeRequest(offsetFetchApi, version, 1, null, request).subarray(14 + (version >= 6 ? 1 : 0)));
    const read = offsetFetchApi.request.read(reader, version);
    const [name, id] = nameOrId(version);
    expect([read.groupId, ...read.groups.map(({ groupId }) => groupId)].filter((id) => id !== '')).toEqual(['g']);
    expect([...(read.topics ?? []), ...read.groups.flatMap(({ topics }) => topics ?? [])]).toEqual([
      { name, topicId: id, partitionIndexes: [1] },
    ]);
    expect(read.requireStable).toBe(version >= 7);
  }
});

test('goes by ids where all of them are known, or none is needed', () => {
  const topics = [{ name: 't', topicId, partitionIndexes: [1] }];
  const unknown = { name: 'u', topicId: NO_ID, partitionIndexes: [1] };
  const upTo = (asked: typeof topics | null): number | undefined =>
    offsetFetchApi.upTo?.({
      ...offsetsOfGroup('g', [], false),
      groups: [{ groupId: 'g', memberId: null, memberEpoch: -1, topics: asked }],
    });
  expect([topics, [...topics, unknown], [], null].map(upTo)).toEqual([10, 9, 10, 10]);
});

/** What a version says of the topic. */
function nameOrId(version: number): readonly [name: string, topicId: string] {
  return version < 10 ? ['t', NO_ID] : ['', topicId];
}
