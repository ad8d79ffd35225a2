import { describe, expect, it } from 'vitest';
import { nothingKnown, type ClusterView } from '../../src/cluster/view.ts';
import { fateOf } from '../../src/consumer/fate.ts';
import { isMatched, isSameSelection, selectionOf, topicsIn } from '../../src/consumer/selection.ts';

function view(topics: Readonly<Record<string, string>>, errors: Readonly<Record<string, number>> = {}): ClusterView {
  const known = Object.entries(topics).map(
    ([name, id]) => [name, { name, id: id.repeat(32), internal: name.startsWith('_'), partitions: new Map() }] as const,
  );
  return { ...nothingKnown, topics: new Map(known), errors: new Map(Object.entries(errors)), at: 0 };
}

describe('what is selected', () => {
  it('is what is named, there or not, and what matches and is there; in order, each once', () => {
    const selection = selectionOf(['z', 'a'], [/^a/, /b$/]);
    expect(topicsIn(selection, view({ ab: '1', a: '2', cb: '3', c: '4' }))).toEqual(['a', 'ab', 'cb', 'z']);
  });

  it('is never an internal topic, unless it is named', () => {
    const all = view({ _secret: '1', __consumer_offsets: '2', a: '3' });
    expect(topicsIn(selectionOf([], [/./]), all)).toEqual(['a']);
    expect(topicsIn(selectionOf(['__consumer_offsets'], [/./]), all)).toEqual(['__consumer_offsets', 'a']);
    expect(selectionOf([], [/./]).matches?.('__transaction_state', false)).toBe(false);
  });

  it('by a pattern is known once all topics were looked at for it', () => {
    const selection = selectionOf([], [/a/]);
    expect(isMatched(selection, view({ a: '1' }))).toBe(false);
    expect(isMatched(selection, { ...view({ a: '1' }), matches: selectionOf([], [/a/]).matches })).toBe(false);
    expect(isMatched(selection, { ...view({ a: '1' }), matches: selection.matches })).toBe(true);
    expect(isMatched(selectionOf(['a']), view({}))).toBe(true);
  });

  it('is the same where it says the same', () => {
    expect(isSameSelection(selectionOf(['a', 'b'], [/c/]), selectionOf(['b', 'a'], [/c/]))).toBe(true);
    for (const other of [
      selectionOf(['a', 'b'], [/c/i]),
      selectionOf(['a'], [/c/]),
      selectionOf(['a', 'b']),
      selectionOf(['a', 'x'], [/c/]),
    ])
      expect(isSameSelection(selectionOf(['a', 'b'], [/c/]), other)).toBe(false);
  });
});

describe('what became of a topic', () => {
  const [one, none] = ['1'.repeat(32), '0'.repeat(32)];

  it.each([
    ['it is there', one, view({ t: '1' }), undefined],
    ['it has another id', one, view({ t: '2' }), 'recreated'],
    ['it is told by a broker too old for ids', one, view({ t: '0' }), undefined],
    ['it was known without an id', none, view({ t: '2' }), undefined],
    ['it is gone', one, view({}, { t: 3 }), 'deleted'],
    ['it was known without an id, and is gone', none, view({}, { t: 3 }), 'deleted'],
    ['it may not be read any more', one, view({}, { t: 29 }), undefined],
    ['it was not asked for', one, view({}), undefined],
    ['it was never known', '', view({}, { t: 3 }), undefined],
  ])('%s', (_, id, now, fate) => {
    expect(fateOf('t', id, now)).toBe(fate);
  });
});
