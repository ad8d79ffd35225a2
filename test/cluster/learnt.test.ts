import { describe, expect, it } from 'vitest';
import { learnt } from '../../src/cluster/learnt.ts';
import { nothingKnown, type BrokerView } from '../../src/cluster/view.ts';
import { viewOf } from '../table/scenario.ts';

const view = viewOf([0, 1], { 't-0': [0, 5], 't-1': [1, 5] });
const hint = { topic: 't', partition: 0, leader: 1, leaderEpoch: 6 };
const third: BrokerView = { nodeId: 3, host: 'b3', port: 9092, rack: null };

describe('a leader by the word of another broker', () => {
  it('is believed where its epoch is newer, and leaves all else as it is', () => {
    const after = learnt(view, [hint], []);
    expect(after?.topics.get('t')?.partitions).toEqual(new Map([[0, { leader: 1, leaderEpoch: 6 }], [1, { leader: 1, leaderEpoch: 5 }]])); // prettier-ignore
    expect([after?.brokers, after?.at, after?.topics.get('t')?.id]).toEqual([view.brokers, view.at, '1'.repeat(32)]);
    expect(view.topics.get('t')?.partitions.get(0)).toEqual({ leader: 0, leaderEpoch: 5 });
  });

  it.each([
    ['of the same epoch', { ...hint, leaderEpoch: 5 }],
    ['of an older epoch', { ...hint, leaderEpoch: 4 }],
    ['of no epoch', { ...hint, leaderEpoch: -1 }],
    ['whose address nobody knows', { ...hint, leader: 3 }],
    ['that is none', { ...hint, leader: -1 }],
    ['of a partition that is not known', { ...hint, partition: 9 }],
    ['of a topic that is not known', { ...hint, topic: 'u' }],
  ])('%s is no news', (_, one) => {
    expect(learnt(view, [one], [])).toBeUndefined();
  });

  it('that is a broker which was not known is found where the answer says', () => {
    const after = learnt(view, [{ ...hint, leader: 3 }], [third]);
    expect([after?.topics.get('t')?.partitions.get(0)?.leader, after?.brokers.get(3)]).toEqual([3, third]);
    expect(after?.brokers.get(1)).toEqual(view.brokers.get(1));
  });

  it('of several that are named is the newest, in any order', () => {
    const newer = { ...hint, leader: 0, leaderEpoch: 7 };
    for (const hints of [
      [hint, newer],
      [newer, hint],
    ])
      // prettier-ignore
      expect(learnt(view, hints, [])?.topics.get('t')?.partitions.get(0)).toEqual({ leader: 0, leaderEpoch: 7 });
  });

  it('of a topic that is contested is not believed: it may be another one', () => {
    const contests = new Map([['t', { renamed: true, since: 0, answers: 1, brokers: new Set(['b0:9092']) }]]);
    expect(learnt({ ...view, contests }, [hint], [])).toBeUndefined();
  });

  it('means nothing before anything is known', () => {
    expect(learnt(nothingKnown, [hint], [third])).toBeUndefined();
  });
});
