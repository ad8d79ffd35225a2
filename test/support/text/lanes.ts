import { drivers, type Action, type Surroundings } from './actions.ts';
import { expectations } from './expectations.ts';
import type { Name } from './names.ts';
import type { Column, Lane, Mark, Mistake, Piece, Spot } from './picture.ts';

/** A lane as it stands in the file. */
export interface LaneLine {
  readonly direction: '>' | '<';
  readonly name: Piece;
  readonly picture: Piece;
}

interface Sheet {
  readonly columns: readonly Column[];
  readonly ruler: Piece;
  readonly names: ReadonlyMap<string, Name>;
  readonly broken: ReadonlySet<string>;
  readonly around: Surroundings;
}

interface Meaning {
  readonly words: string;
  readonly action: Action | undefined;
}

/** What is drawn in one lane. */
export function readLane(
  line: LaneLine,
  sheet: Sheet,
): { readonly lane: Lane; readonly used: readonly string[]; readonly mistakes: readonly Mistake[] } {
  const { direction, name, picture } = line;
  const lane = { direction, name: name.text, picture: picture.text };
  const shape = wrongShape(line, sheet);
  if (shape !== undefined) return { lane: { ...lane, marks: [] }, used: Array.from(picture.text), mistakes: [shape] };
  const marks: Mark[] = [];
  const mistakes: Mistake[] = [];
  const used: string[] = [];
  let toldCut: number | undefined;
  Array.from(picture.text).forEach((letter, column) => {
    if (letter === '-') return;
    const spot = { line: picture.line, column: picture.column + column };
    const { cut } = sheet.columns[column] ?? {};
    if (cut !== undefined && sheet.ruler.text[column] === letter) return;
    used.push(letter);
    // Of one cut it is told once.
    if (cut !== undefined && toldCut !== undefined && sheet.columns.slice(toldCut, column).every((each) => each.cut !== undefined)) return;
    if (cut !== undefined) toldCut = column;
    const misplaced = wrongPlace(letter, column, direction, sheet);
    if (misplaced === undefined && sheet.broken.has(letter) && !sheet.names.has(letter)) return;
    const meaning = misplaced ?? meaningOf(letter, line, sheet);
    if (typeof meaning !== 'string') marks.push({ column, letter, ...meaning });
    else mistakes.push({ ...(misplaced === undefined ? (spotOfName(letter, sheet) ?? spot) : spot), words: meaning });
  });
  return { lane: { ...lane, marks }, used, mistakes };
}

/** Where the name of a letter stands, if it says nothing on any lane: then it is the name that is wrong, and not where it is drawn. */
function spotOfName(letter: string, { names, around }: Sheet): Spot | undefined {
  const name = names.get(letter);
  if (name === undefined) return undefined;
  const drives = Object.values(drivers).some(({ read }) => read(name.words, around) !== undefined);
  const fits = Object.entries(expectations).some(([lane, { shape }]) => lane !== 'event' && shape.test(name.words));
  return drives || fits ? undefined : { line: name.piece.line, column: name.piece.column };
}

function wrongShape({ direction, name, picture }: LaneLine, { ruler }: Sheet): Mistake | undefined {
  const words = wrongName(direction, name.text);
  if (words !== undefined) return { line: name.line, column: name.column, words };
  const spot = { line: picture.line, column: picture.column };
  if (picture.column !== ruler.column) {
    return {
      ...spot,
      words: `this lane begins in column ${String(picture.column)} of the file, and the tick lane in ${String(ruler.column)}`,
    };
  }
  const space = picture.text.search(/\s/);
  if (space >= 0)
    return { ...spot, column: spot.column + space, words: 'a lane has no spaces: a column is a tick, and - where nothing happens' };
  const [own, ticks] = [picture.text.length, ruler.text.length];
  if (own === ticks) return undefined;
  return {
    ...spot,
    column: spot.column + Math.min(own, ticks),
    words: `this lane has ${String(own)} columns, and the tick lane ${String(ticks)}`,
  };
}

function wrongName(direction: '>' | '<', name: string): string | undefined {
  const [here, there] = direction === '>' ? [drivers, expectations] : [expectations, drivers];
  if (Object.hasOwn(here, name)) return undefined;
  if (Object.hasOwn(there, name))
    return direction === '>' ? `${name} is expected, and not driven: < ${name}` : `${name} is driven, and not expected: > ${name}`;
  return `there is no lane ${direction} ${name}: ${Object.keys(here).join(', ')}`;
}

function wrongPlace(letter: string, column: number, direction: '>' | '<', { columns }: Sheet): string | undefined {
  const cut = columns[column]?.cut;
  if (cut !== undefined) return `${letter} stands inside of the cut of ${cut}: nothing can be drawn there`;
  if (column < columns.length - 1) return undefined;
  return direction === '<'
    ? `${letter} stands in the last column, where the run ends before anything happens: draw one more`
    : `${letter} stands in the last column, where the run ends: draw one more`;
}

function meaningOf(letter: string, { direction, name }: LaneLine, { names, around }: Sheet): Meaning | string {
  const given = names.get(letter)?.words;
  return direction === '>' ? actionOf(letter, given, name.text, around) : expectedOf(letter, given, name.text, around);
}

function actionOf(letter: string, given: string | undefined, lane: string, around: Surroundings): Meaning | string {
  const driver = drivers[lane];
  const words = given ?? driver?.unnamed?.(letter);
  if (words === undefined) return nameless(letter, lane, driver?.takes);
  const action = driver?.read(words, around);
  return action === undefined ? unfit(letter, words, lane, driver?.takes) : { words, action };
}

function expectedOf(letter: string, given: string | undefined, lane: string, { places }: Surroundings): Meaning | string {
  const expected = expectations[lane];
  const [only] = places.length === 1 ? places : [];
  const unnamed = only === undefined && lane !== 'outer' ? undefined : expected?.unnamed;
  const words = given ?? unnamed?.(letter, only === undefined ? '' : `${only.topic}/${String(only.partition)}`);
  if (words === undefined) return nameless(letter, lane, expected?.takes);
  return expected?.shape.test(words) === true ? { words, action: undefined } : unfit(letter, words, lane, expected?.takes);
}

function nameless(letter: string, lane: string, takes: readonly string[] = []): string {
  return `${letter} has no name: a lane of ${lane} takes ${takes.join(', ')}`;
}

function unfit(letter: string, words: string, lane: string, takes: readonly string[] = []): string {
  return `${letter} = ${words} says nothing on a lane of ${lane}, which takes ${takes.join(', ')}`;
}
