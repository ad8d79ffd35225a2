import { describe, expect, it } from 'vitest';
import { isBelievable, isUnsettled, mergeMetadata, saysTheSame } from '../../src/cluster/metadata.ts';
import { nothingKnown } from '../../src/cluster/view.ts';
import type { MetadataResponse } from '../../src/protocol/apis/metadata.ts';
import { metadata, partition, topic } from './scenario.ts';

const noId = { topicId: '0'.repeat(32) };

function after(...responses: readonly MetadataResponse[]) {
  return responses.reduce((view, response, index) => mergeMetadata(view, response, index), nothingKnown);
}

function leadersOf(...responses: readonly MetadataResponse[]): readonly (readonly number[])[] {
  return [...(after(...responses).topics.get('t')?.partitions ?? [])].map(([index, { leader, leaderEpoch }]) => [
    index,
    leader,
    leaderEpoch,
  ]);
}

describe('merging metadata', () => {
  it('learns brokers, topics, leaders and errors', () => {
    const view = after(metadata([0, 1], [topic('t', [partition(0, 0), partition(1, 1, 7)]), topic('gone', [], { errorCode: 3 })]));
    expect([...view.brokers.values()]).toEqual([
      { nodeId: 0, host: 'b0', port: 9092, rack: null },
      { nodeId: 1, host: 'b1', port: 9092, rack: null },
    ]);
    expect([...view.topics.keys()]).toEqual(['t']);
    expect(view.topics.get('t')).toMatchObject({ name: 't', id: '1'.repeat(32), internal: false });
    expect(leadersOf(metadata([0, 1], [topic('t', [partition(0, 0), partition(1, 1, 7)])]))).toEqual([
      [0, 0, 0],
      [1, 1, 7],
    ]);
    expect([...view.errors]).toEqual([['gone', 3]]);
    expect(view.at).toBe(0);
  });

  it('keeps a partition that has no leader', () => {
    expect(leadersOf(metadata([0], [topic('t', [{ ...partition(0, -1, 3), errorCode: 5 }, partition(1, 0, 1)])]))).toEqual([
      [0, -1, 3],
      [1, 0, 1],
    ]);
  });

  it('replaces the brokers and forgets topics that are not asked for any more', () => {
    const view = after(metadata([0, 1], [topic('t', []), topic('u', [])]), metadata([1, 2], [topic('u', [])]));
    expect([[...view.brokers.keys()], [...view.topics.keys()]]).toEqual([[1, 2], ['u']]);
  });

  it('does not believe a leader of an older epoch (KIP-320)', () => {
    const at = (leader: number, epoch: number) => metadata([0, 1], [topic('t', [partition(0, leader, epoch)])]);
    expect(leadersOf(at(1, 5), at(0, 4))).toEqual([[0, 1, 5]]);
    expect(leadersOf(at(1, 5), at(0, 5))).toEqual([[0, 0, 5]]);
    expect(leadersOf(at(1, 5), at(0, 6))).toEqual([[0, 0, 6]]);
    expect(leadersOf(at(1, 5), at(0, -1))).toEqual([[0, 0, -1]]);
  });

  it('believes any epoch of another topic of the same name, and keeps no partition of the old one', () => {
    const again = topic('t', [partition(0, 0, 0)], { topicId: '2'.repeat(32) });
    expect(leadersOf(metadata([0, 1], [topic('t', [partition(0, 1, 9), partition(1, 1, 9)])]), metadata([0, 1], [again]))).toEqual([
      [0, 0, 0],
    ]);
  });

  it('does not take partitions away from a topic, unless it cannot know whether it is the same one', () => {
    const two = [partition(0, 0), partition(1, 0)];
    expect(leadersOf(metadata([0], [topic('t', two)]), metadata([0], [topic('t', two.slice(1))]))).toHaveLength(2);
    expect(leadersOf(metadata([0], [topic('t', two, noId)]), metadata([0], [topic('t', two.slice(1), noId)]))).toHaveLength(1);
  });

  it('keeps what it knows of a topic where the error does not say that there is none', () => {
    const known = metadata([0], [topic('t', [partition(0, 0, 2)])]);
    for (const errorCode of [5, 29]) {
      const view = after(known, metadata([0], [topic('t', [], { errorCode })]));
      expect([view.topics.has('t'), view.errors.get('t')]).toEqual([true, errorCode]);
    }
    for (const errorCode of [3, 17, 100]) expect(after(known, metadata([0], [topic('t', [], { errorCode })])).topics.has('t')).toBe(false);
  });

  it('does not believe an answer without brokers', () => {
    expect([isBelievable(metadata([])), isBelievable(metadata([0]))]).toEqual([false, true]);
  });
});

describe('comparing views', () => {
  const base = metadata([0, 1], [topic('t', [partition(0, 0, 1)]), topic('gone', [], { errorCode: 3 })]);

  it('is about what they say, not about when', () => {
    expect(saysTheSame(after(base), after(base, base))).toBe(true);
  });

  it.each([
    ['a broker that moved', metadata([0, [1, 'elsewhere']], base.topics)],
    ['a broker less', metadata([0], base.topics)],
    ['another leader', metadata([0, 1], [topic('t', [partition(0, 1, 1)]), topic('gone', [], { errorCode: 3 })])],
    ['another epoch', metadata([0, 1], [topic('t', [partition(0, 0, 2)]), topic('gone', [], { errorCode: 3 })])],
    ['another topic id', metadata([0, 1], [topic('t', [partition(0, 0, 1)], noId), topic('gone', [], { errorCode: 3 })])],
    ['a partition more', metadata([0, 1], [topic('t', [partition(0, 0, 1), partition(1, 0)]), topic('gone', [], { errorCode: 3 })])],
    ['a topic more', metadata([0, 1], [...base.topics, topic('u', [])])],
    ['another error', metadata([0, 1], [topic('t', [partition(0, 0, 1)]), topic('gone', [], { errorCode: 29 })])],
  ])('sees %s', (_, other) => {
    expect(saysTheSame(after(base), after(other))).toBe(false);
  });

  it('knows what is bound to change', () => {
    expect(isUnsettled(after(metadata([0], [topic('t', [partition(0, 0)])])), [])).toBe(false);
    expect(isUnsettled(after(metadata([0], [topic('t', [partition(0, 0)])])), [{ topic: 't', partition: 0 }])).toBe(false);
    expect(isUnsettled(after(metadata([0], [topic('t', [partition(0, 0)])])), [{ topic: 't', partition: 1 }])).toBe(true);
    expect(isUnsettled(after(metadata([0], [topic('t', [partition(0, -1)])])), [])).toBe(true);
    expect(isUnsettled(after(metadata([0], [topic('t', [partition(0, 9)])])), [])).toBe(true);
    expect(isUnsettled(after(metadata([0], [topic('t', [], { errorCode: 3 })])), [])).toBe(true);
  });
});
