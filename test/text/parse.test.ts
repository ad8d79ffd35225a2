import { describe, expect, test } from 'vitest';
import { inWords, parse } from '../support/text/index.ts';

const good = `title     the next fetch waits for the ack
given     window.records = 2; latency = 2ms; log orders/0 = 0..3
names     F = fetch orders/0@0; G = fetch orders/0@2; a = ack 0
tick      ----5---~~1s~~----
> ack     ---------------a--
< fetch   F--------------G--
< record  --0---------------
< record  --1---------------
`;

/** The mistakes of the example after a change. */
function changed(from: string | RegExp, to: string): readonly string[] {
  const text = good.replace(from, to);
  expect(text).not.toBe(good);
  return inWords('f', parse(text).mistakes).split('\n');
}

describe('what is drawn', () => {
  const { marble } = parse(good);

  test('is read with its times: a column is a tick, and a cut lasts what it says', () => {
    expect(marble?.columns.map(({ at }) => Math.round(at))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 175, 341, 508, 675, 841, 1008, 1009, 1010, 1011,
    ]);
    expect(marble?.columns.map(({ cut }) => cut ?? '-').join('')).toBe('--------1s1s1s1s1s1s----');
  });

  test('is read with its meanings, named or not', () => {
    const marks = marble?.lanes.flatMap((lane) =>
      lane.marks.map(({ column, words }) => `${lane.direction} ${lane.name} ${String(column)}: ${words}`),
    );
    expect(marks).toEqual([
      '> ack 15: ack 0',
      '< fetch 0: fetch orders/0@0',
      '< fetch 15: fetch orders/0@2',
      '< record 2: record orders/0@0',
      '< record 2: record orders/0@1',
    ]);
    expect(marble?.lanes[0]?.marks[0]?.action).toEqual({
      kind: 'ack',
      place: { topic: 'orders', partition: 0, batches: [1, 1, 1, 1] },
      offset: 0,
    });
  });

  test('is read with what is given', () => {
    expect(marble?.given).toMatchObject({
      tick: 1,
      latency: 2,
      from: 'first fetch',
      logs: [{ topic: 'orders', partition: 0, batches: [1, 1, 1, 1] }],
    });
    expect([...(marble?.given.options ?? [])]).toEqual([['window.records', 2]]);
  });

  test('may be far from its labels, have comments, and several lines of what is given and named', () => {
    const wide = good
      .replace(/^([<>] \w+|\w+) +/gm, (label) => label.trimEnd().padEnd(20))
      .replace('latency = 2ms; ', 'latency = 2ms\n# a comment\n\ngiven     ');
    expect(parse(wide).mistakes).toEqual([]);
  });

  test('may repeat the cut in every lane', () => {
    expect(parse(good.replaceAll(/^(< record .{9})-{6}/gm, '$1~~1s~~')).mistakes).toEqual([]);
  });
});

describe('each mistake is told once, with its place', () => {
  test.each([
    ['a line of no kind', /^title/, 'titel', ['f:1:1: a line begins with title, note, given, names, tick, > or <, and not with titel']],
    ['no tick', /^tick.*\n/m, '', ['f:1:1: there is no tick']],
    ['two titles', /^given/m, 'title     another\ngiven', ['f:2:11: a second title: the first is in line 1']],
    ['an empty line of a kind', /^title.*/, 'title', ['f:1:6: nothing stands behind title']],
    ['a tab', '> ack     ', '> ack\t', ['f:5:6: a tab, whose width nobody knows: columns are made with spaces']],
    ['nothing expected', /^<.*\n/gm, '', ['f:1:1: nothing is expected: there is no lane that begins with <']],
  ])('%s', (_, from, to, mistakes) => {
    expect(changed(from, to)).toEqual(mistakes);
  });

  test.each([
    ['an unknown key', 'latency', 'latenzy', /^f:2:31: latenzy can not be given: tick, from/],
    ['a value of another kind', '2ms', '2', 'f:2:31: latency is a time such as 20ms, 1s, 5m, and not 2'],
    ['no value', ' = 2ms', '', 'f:2:31: what is given is written as key = value, and not as latency'],
    ['a key twice', 'latency = 2ms', 'window.records = 3', 'f:2:31: window.records is given twice'],
    ['a log with a hole', '0..3', '0 2', /^f:2:46: log is offsets from 0 on, such as .* and not 0 2$/],
    ['no log', '; log orders/0 = 0..3', '', 'f:2:11: no log is given, so there is nothing to consume: log orders/0 = 0..3, or empty'],
    ['the leader of what is not there', 'latency = 2ms', 'leader orders/1 = b1', 'f:2:31: there is no log of orders/1'],
    ['a leader that is not there', 'latency = 2ms', 'leader orders/0 = b2', 'f:2:31: there is no broker b2: brokers = 1'],
    [
      'a commit without a group',
      'latency = 2ms',
      'committed orders/0 = 1',
      'f:2:31: what is committed is committed in a group: groupId = billing',
    ],
    [
      'a fault of no kind',
      'latency = 2ms',
      'fault = Fetch NO_SUCH_ERROR',
      /^f:2:31: Fetch NO_SUCH_ERROR is no fault: Fetch REQUEST_TIMED_OUT/,
    ],
    ['an option that a consumer does not take', 'window.records = 2', 'window.records = 0', /^f:2:11: window.records has to be /],
    ['options that do not go together', 'latency = 2ms', 'delivery = at-most-once', /^f:2:\d+: .*groupId/],
  ])('given: %s', (_, from, to, mistake) => {
    const told = changed(from, to);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(mistake);
  });

  test.each([
    [
      'not as a name is written',
      'F = fetch',
      'F fetch',
      'f:3:11: a name is written as F = fetch orders/0@0, and not as F fetch orders/0@0',
    ],
    ['of more than a letter', 'F = ', 'FF = ', 'f:3:11: a name is one letter, since a column is one tick: FF'],
    [
      'of a letter that is drawn where nothing happens',
      'names     ',
      'names     - = ack 1; ',
      'f:3:11: - can not be a name: it is drawn where nothing happens',
    ],
    ['twice', 'a = ack 0', 'a = ack 0; a = ack 1', 'f:3:66: a has a meaning already: ack 0'],
    ['never drawn', 'a = ack 0', 'a = ack 0; b = ack 1', 'f:3:66: b has a name and is never drawn'],
    [
      'that says nothing anywhere, however often it is drawn',
      'F = fetch orders/0@0',
      'F = fetch orders/0',
      /^f:3:11: F = fetch orders\/0 says nothing on a lane of fetch, which takes fetch orders\/0@0/,
    ],
    ['of a partition that is not there', 'a = ack 0', 'a = ack orders/7@0', /^f:3:55: a = ack orders\/7@0 says nothing on a lane of ack/],
  ])('a name %s', (_, from, to, mistake) => {
    const told = changed(from, to);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(mistake);
  });

  test.each([
    ['a digit of another column', '----5---', '---5----', 'f:4:14: this is column 4, so the digit here is 4 and not 5'],
    ['a letter', '----5---', '----5-x-', 'f:4:17: x means nothing on a tick lane: it has -, digits, and cuts such as ~~1s~~'],
    ['a broken cut', '~~1s~~', '~~1x~~', 'f:4:19: a cut is written as ~~1s~~: waves, a time in ms, s or m, waves'],
  ])('tick: %s', (_, from, to, mistake) => {
    expect(changed(from, to)).toEqual([mistake]);
  });

  test.each([
    ['of no kind', '> ack ', '> akk ', /^f:5:3: there is no lane > akk: ack, append, /],
    ['of the other direction', '> ack ', '< ack ', 'f:5:3: ack is driven, and not expected: > ack'],
    ['of the other direction', '< fetch', '> fetch', 'f:6:3: fetch is expected, and not driven: < fetch'],
    ['without a picture', /^> ack .*/m, '> ack', 'f:5:1: a lane is written as > ack ---a--, or as < fetch F-----'],
    ['that begins elsewhere', '> ack     ', '> ack      ', 'f:5:12: this lane begins in column 12 of the file, and the tick lane in 11'],
    ['that is shorter', '-a--\n', '-a-\n', 'f:5:28: this lane has 17 columns, and the tick lane 18'],
    ['that is longer', '-a--\n', '-a---\n', 'f:5:29: this lane has 19 columns, and the tick lane 18'],
    ['with a space', '-a--\n', '-a -\n', 'f:5:27: a lane has no spaces: a column is a tick, and - where nothing happens'],
    ['with a letter without a name', '--0-', '--x-', /^f:7:13: x has no name: a lane of record takes record orders\/0@2/],
    ['with a name of another lane', '--0-', '--a-', /^f:7:13: a = ack 0 says nothing on a lane of record/],
    [
      'with a letter inside of a cut',
      /F-{14}G/,
      'F--------G-----G',
      'f:6:20: G stands inside of the cut of 1s: nothing can be drawn there',
    ],
    [
      'with another cut than the tick lane',
      /^> ack .*/m,
      '> ack     --------~~2s~~-a--',
      'f:5:21: 2 stands inside of the cut of 1s: nothing can be drawn there',
    ],
    [
      'with a letter in the last column',
      '----G--',
      '----G-G',
      'f:6:28: G stands in the last column, where the run ends before anything happens: draw one more',
    ],
  ])('a lane %s', (_, from, to, mistake) => {
    const told = changed(from, to);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(mistake);
  });

  test('several are told in the order of the file', () => {
    const text = good.replace('2ms', '2').replace('--0-', '--x-').replace('----5---', '---5----');
    expect(parse(text).mistakes.map(({ line }) => line)).toEqual([2, 4]); // without its ticks no lane can be read
    expect(parse(good.replace('2ms', '2').replace('--0-', '--x-')).mistakes.map(({ line }) => line)).toEqual([2, 7]);
  });
});
