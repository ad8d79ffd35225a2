import { describe, expect, it } from 'vitest';
import { offsetCommitApi } from '../../../../src/protocol/apis/offsetCommit.ts';
import { offsetFetchApi } from '../../../../src/protocol/apis/offsetFetch.ts';
import { NO_ID } from '../../../support/noId.ts';
import { nameOf, Scene } from './scene.ts';

const commit = { groupId: 'g', generationIdOrMemberEpoch: -1, memberId: '', groupInstanceId: null, retentionTimeMs: -1 };

describe('offsets by topic ids', () => {
  const unknown = 'f'.repeat(32);

  /** `orders: 5, E:UNKNOWN_TOPIC_ID`, in the order of the answer: what is told of partition 0 of each. */
  function answered(
    topics: readonly { topicId: string; partitions: readonly { errorCode: number; committedOffset?: number }[] }[],
    scene: Scene,
  ) {
    return topics.map(({ topicId, partitions: [first] }) => {
      const error = nameOf(first?.errorCode);
      const what = error === undefined ? (first?.committedOffset ?? 'taken') : `E:${error}`;
      return `${scene.cluster.findById(topicId)?.name ?? topicId.charAt(0)}: ${String(what)}`;
    });
  }

  function commits(scene: Scene, committedOffset: number, ids: readonly string[]): readonly string[] {
    const partitions = [{ partitionIndex: 0, committedOffset, committedLeaderEpoch: 0, committedMetadata: null }];
    const topics = ids.map((topicId) => ({ name: 'not said', topicId, partitions }));
    return answered(scene.ask(offsetCommitApi, { ...commit, topics }, { version: 10 }).answer?.topics ?? [], scene);
  }

  function fetches(scene: Scene, ids: readonly string[] | null): readonly string[] {
    const topics = ids?.map((topicId) => ({ name: 'not said', topicId, partitionIndexes: [0] })) ?? null;
    const request = {
      groupId: 'g',
      topics: null,
      groups: [{ groupId: 'g', memberId: null, memberEpoch: -1, topics }],
      requireStable: false,
    };
    return answered(scene.ask(offsetFetchApi, request, { version: 10 }).answer?.groups[0]?.topics ?? [], scene);
  }

  it('are those of an id that there is, whatever the name, and others are unknown', () => {
    const scene = new Scene();
    const id = scene.cluster.topics.get('orders')?.id ?? '';
    const other = scene.cluster.createTopic('bills', 1).id;
    const asked = [unknown, id, other];
    expect(commits(scene, 5, asked)).toEqual(['f: E:UNKNOWN_TOPIC_ID', 'orders: taken', 'bills: taken']);
    expect(fetches(scene, asked)).toEqual(['orders: 5', 'bills: 5', 'f: E:UNKNOWN_TOPIC_ID']);
    expect(fetches(scene, null)).toEqual(['orders: 5', 'bills: 5']);
    expect(fetches(scene, [NO_ID])).toEqual(['0: E:UNKNOWN_TOPIC_ID']);
    expect(scene.committed()).toBe(5);
  });

  it('are not those of another topic of the same name', () => {
    const scene = new Scene();
    const old = scene.cluster.topics.get('orders')?.id ?? '';
    commits(scene, 5, [old]);
    scene.cluster.deleteTopic('orders');
    const { id } = scene.cluster.createTopic('orders', 2);
    expect(commits(scene, 6, [old])).toEqual(['0: E:UNKNOWN_TOPIC_ID']);
    expect(fetches(scene, [old, id])).toEqual(['orders: -1', '0: E:UNKNOWN_TOPIC_ID']);
    expect(fetches(scene, null)).toEqual([]);
  });

  it('a topic in two places is answered in two, or in one where anything is refused', () => {
    const scene = new Scene();
    const id = scene.cluster.topics.get('orders')?.id ?? '';
    expect(commits(scene, 5, [id, id])).toEqual(['orders: taken', 'orders: taken']);
    expect(commits(scene, 5, [id, unknown, id])).toEqual(['f: E:UNKNOWN_TOPIC_ID', 'orders: taken']);
  });
});
