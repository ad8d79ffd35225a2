import { describe, expect, it } from 'vitest';
import { isBelievable, isUnsettled, mergeMetadata, saysTheSame } from '../../src/cluster/metadata.ts';
import { nothingKnown } from '../../src/cluster/view.ts';
import type { MetadataResponse } from '../../src/protocol/apis/metadata.ts';
import { metadata, partition, topic } from './scenario.ts';

const noId = { topicId: '0'.repeat(32) };

/** Each answer comes of another broker, a second later. */
function after(...responses: readonly MetadataResponse[]) {
  return told(...responses.map((response, index) => ['b' + String(index), response] as const));
}

/** Each answer comes a second later. */
function told(...answers: readonly (readonly [broker: string, response: MetadataResponse])[]) {
  return answers.reduce(
    (view, [broker, response], index) => mergeMetadata(view, response, { broker, at: index * 1_000, patience: 10_000 }),
    nothingKnown,
  );
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
    const other = metadata([0, 1], [again]);
    expect(leadersOf(metadata([0, 1], [topic('t', [partition(0, 1, 9), partition(1, 1, 9)])]), other, other)).toEqual([[0, 0, 0]]);
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
    for (const errorCode of [3, 17, 100]) {
      const none = metadata([0], [topic('t', [], { errorCode })]);
      expect(after(known, none, none).topics.has('t')).toBe(false);
    }
  });

  it('does not believe an answer without brokers', () => {
    expect([isBelievable(metadata([])), isBelievable(metadata([0]))]).toEqual([false, true]);
  });
});

describe('a topic that is denied', () => {
  const id = (digit: string) => ({ topicId: digit.repeat(32) });
  const known = metadata([0, 1], [topic('t', [partition(0, 0, 7)], id('a'))]);
  const none = metadata([0, 1], [topic('t', [], { errorCode: 3 })]);
  const other = metadata([0, 1], [topic('t', [partition(0, 1, 0)], id('b'))]);

  it('is believed to be gone, or another one, when two brokers in a row say so', () => {
    for (const denial of [none, other]) {
      const one = told(['b0', known], ['b1', denial]);
      expect([one.topics.get('t')?.id, one.errors.size, one.contests?.get('t')?.renamed]).toEqual([id('a').topicId, 0, denial === other]);
      const same = told(['b0', known], ['b1', denial], ['b1', denial], ['b1', denial]);
      expect([same.topics.get('t')?.id, isUnsettled(same, [])]).toEqual([id('a').topicId, true]);
      const both = told(['b0', known], ['b1', denial], ['b0', denial]);
      expect([both.topics.get('t')?.id, both.contests]).toEqual([denial === other ? id('b').topicId : undefined, undefined]);
      expect(both.errors.get('t')).toBe(denial === other ? undefined : 3);
    }
  });

  it('is as it was when another broker knows it still', () => {
    const view = told(['b0', known], ['b1', none], ['b0', known], ['b2', other]);
    expect([view.topics.get('t')?.id, view.contests?.get('t')?.answers]).toEqual([id('a').topicId, 1]);
    expect(told(['b0', known], ['b1', none], ['b0', known]).contests).toBeUndefined();
  });

  it('is believed on the word of one broker that nobody contradicts for long, or that is alone', () => {
    const often = Array.from({ length: 11 }, () => ['b1', none] as const);
    expect(told(['b0', known], ...often.slice(1)).topics.has('t')).toBe(true);
    expect(told(['b0', known], ...often).topics.has('t')).toBe(false);
    const alone = metadata([0], none.topics);
    expect(told(['b0', known], ['b0', alone]).topics.has('t')).toBe(true);
    expect(told(['b0', known], ['b0', alone], ['b0', alone]).topics.has('t')).toBe(false);
  });

  it('is not denied by a broker too old for ids, and its id is kept', () => {
    const view = told(['b0', known], ['b1', metadata([0, 1], [topic('t', [partition(0, 1, 8)], noId)])]);
    expect([view.topics.get('t')?.id, view.contests, view.topics.get('t')?.partitions.get(0)?.leader]).toEqual([
      id('a').topicId,
      undefined,
      1,
    ]);
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
    [
      'another topic id',
      metadata([0, 1], [topic('t', [partition(0, 0, 1)], { topicId: '2'.repeat(32) }), topic('gone', [], { errorCode: 3 })]),
    ],
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
