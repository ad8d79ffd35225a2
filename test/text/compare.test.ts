import { describe, expect, test } from 'vitest';
import { compare, inWords, parse, play, readTextMarble, simulatedStage, textMarbles } from '../support/text/index.ts';
import type { Lane, Mark, TextMarble } from '../support/text/picture.ts';
import type { Noted } from '../support/text/play.ts';

const text = `title     the next fetch waits for the ack
given     window.records = 2; latency = 2ms; log orders/0 = 0..3
names     F = fetch orders/0@0; G = fetch orders/0@2; a = ack 0
tick      ----5---~~1s~~----
> ack     ---------------a--
< fetch   F--------------G--
< record  --0---------------
< record  --1---------------
`;
function marbleOf(file: string): TextMarble {
  const { marble, mistakes } = parse(file);
  if (marble === undefined) throw new Error(inWords('file', mistakes));
  return marble;
}

const example = marbleOf(text);

const fetched = (at: number, offset: number): Noted => ({ lane: 'fetch', at, words: `fetch orders/0@${String(offset)}` });
const record = (at: number, offset: number): Noted => ({ lane: 'record', at, words: `record orders/0@${String(offset)}` });
const right = [fetched(0, 0), record(2, 0), record(2, 1), fetched(1_009, 2)];

describe('what was seen', () => {
  test('is what was expected', () => {
    expect(compare(example, right)).toBeUndefined();
  });

  test('may be anything on lanes that are not drawn', () => {
    expect(compare(example, [...right, { lane: 'commit', at: 3, words: 'commit orders/0=1' }])).toBeUndefined();
  });

  test('falls into the column of its time, however long a tick is', () => {
    const coarse = marbleOf(text.replace('latency', 'tick = 10ms; latency'));
    expect(compare(coarse, [fetched(9, 0), record(20, 0), record(29, 1), fetched(1_090, 2)])).toBeUndefined();
    expect(compare(coarse, [fetched(10, 0), record(20, 0), record(29, 1), fetched(1_090, 2)])).toBeDefined();
  });

  test('is shown below what was expected, in the same columns', () => {
    expect(compare(example, [fetched(0, 0), fetched(1, 4), record(2, 0), fetched(1_009, 2), record(1_010, 1)])).toBe(
      `the next fetch waits for the ack

          tick          ----5---~~1s~~----
          > ack         ---------------a--
expected  < fetch       F--------------G--
seen      < fetch       FA------~~1s~~-G--
                         ^
            column 2, 1 ms: expected nothing; seen fetch orders/0@4 (at 1 ms)
expected  < record      --0---------------
expected  < record      --1---------------
seen      < record      --0-----~~1s~~--1-
                          ^             ^
            column 3, 2 ms: expected record orders/0@0, record orders/0@1; seen record orders/0@0 (at 2 ms)
            column 17, 1010 ms: expected nothing; seen record orders/0@1 (at 1010 ms)

            A = fetch orders/0@4 (not drawn)`,
    );
  });

  test.each([
    ['in another order', [fetched(0, 0), record(2, 1), record(2, 0), fetched(1_009, 2)]],
    ['twice', [...right, record(2, 1)]],
    ['inside of a cut', [...right, fetched(500, 2)]],
    ['a tick later', [fetched(0, 0), record(3, 0), record(3, 1), fetched(1_009, 2)]],
    ['not at all', []],
  ])('is not what was expected where it comes %s', (_, noted) => {
    expect(compare(example, noted)).toBeDefined();
  });

  test('of events only the kinds that are drawn count, and of those everything', () => {
    const drawn = marbleOf('title a\ngiven log orders/0 = 0\nnames E = stalled orders/0 window\ntick      ----\n< event   -E--\n');
    const stalled: Noted = { lane: 'event', at: 1, words: 'stalled orders/0 window' };
    expect(compare(drawn, [{ lane: 'event', at: 0, words: 'connected b1:9092' }, stalled])).toBeUndefined();
    expect(compare(drawn, [stalled, { lane: 'event', at: 2, words: 'stalled orders/0 unacked' }])).toContain('stalled orders/0 unacked');
  });
});

describe('no text marble passes whatever happens:', () => {
  test.each(textMarbles())('%s: it fails without any one of its letters, and with any of them a tick away', (path) => {
    const marble = readTextMarble(path);
    const noted = play(marble, simulatedStage);
    const spoilt = expectations(marble).flatMap(([lane, mark]) => [
      // An event of a kind that is not drawn any more is not looked for.
      ...(lane.name === 'event' ? [] : [without(marble, lane, mark)]),
      moved(marble, lane, mark),
    ]);
    expect(spoilt.map((each) => compare(each, noted) === undefined)).not.toContain(true);
  });
});

function expectations({ lanes }: TextMarble): readonly (readonly [Lane, Mark])[] {
  return lanes.filter(({ direction }) => direction === '<').flatMap((lane) => lane.marks.map((mark) => [lane, mark] as const));
}

function without(marble: TextMarble, lane: Lane, mark: Mark): TextMarble {
  return {
    ...marble,
    lanes: marble.lanes.map((each) => (each === lane ? { ...lane, marks: lane.marks.filter((other) => other !== mark) } : each)),
  };
}

function moved(marble: TextMarble, lane: Lane, mark: Mark): TextMarble {
  const marks = lane.marks.map((each) => (each === mark ? { ...mark, column: mark.column + 1 } : each));
  return { ...marble, lanes: marble.lanes.map((each) => (each === lane ? { ...lane, marks } : each)) };
}
