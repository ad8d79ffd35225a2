import { expect, test } from 'vitest';
import { committedOf, offsetFetchApi, offsetsOfGroup } from '../../../src/protocol/apis/offsetFetch.ts';
import { decodeResponse, encodeRequest, encodeResponse } from '../../../src/protocol/header.ts';
import { Reader } from '../../../src/protocol/reader.ts';

const partitions = [{ partitionIndex: 1, committedOffset: 7, committedLeaderEpoch: 3, metadata: null, errorCode: 0 }];
const group = { groupId: 'g', topics: [{ name: 't', partitions }], errorCode: 0 };

test('one answer in every version', () => {
  const answer = { throttleTimeMs: 0, topics: group.topics, errorCode: 0, groups: [group] };
  for (let version = 1; version <= 9; version++) {
    const response = decodeResponse(offsetFetchApi, version, encodeResponse(offsetFetchApi, version, 1, answer).subarray(4));
    const [partition] = committedOf(response, 'g').topics.flatMap((topic) => topic.partitions);
    expect(partition).toEqual({ ...partitions[0], committedLeaderEpoch: version < 5 ? -1 : 3 });
  }
});

test('an error of the whole answer, before and after it moved into the group', () => {
  const answer = { throttleTimeMs: 0, topics: [], errorCode: 16, groups: [] };
  expect(committedOf(answer, 'g')).toEqual({ groupId: 'g', topics: [], errorCode: 16 });
  expect(committedOf({ ...answer, errorCode: 0, groups: [{ groupId: 'g', topics: [], errorCode: 14 }] }, 'g').errorCode).toBe(14);
});

test('one question in every version', () => {
  const request = offsetsOfGroup('g', [{ name: 't', partitionIndexes: [1] }], true);
  for (const version of [1, 7, 8, 9]) {
    const reader = new Reader(encodeRequest(offsetFetchApi, version, 1, null, request).subarray(14 + (version >= 6 ? 1 : 0)));
    const read = offsetFetchApi.request.read(reader, version);
    expect([read.groupId, ...read.groups.map(({ groupId }) => groupId)].filter((id) => id !== '')).toEqual(['g']);
    expect([...(read.topics ?? []), ...read.groups.flatMap(({ topics }) => topics ?? [])]).toEqual(request.topics);
    expect(read.requireStable).toBe(version >= 7);
  }
});
