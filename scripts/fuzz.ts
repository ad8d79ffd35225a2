/**
 * Damages Fetch answers and looks what becomes of them: nothing may crash, hang, go on with nonsense, or take more memory than it may.
 *
 *   npm run fuzz                                        a million frames for the decoder, and 20,000 for whole consumers
 *   npm run fuzz -- --frames 50000 --lives 0            so many for the decoder; lives of consumers, with some three frames each
 *   npm run fuzz -- --seed 7                            others. --jobs N: in so many processes
 *   npm run fuzz -- --seed 7 --level decode --frame 12  one of them again; --level consume: one life
 */
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { playOne, type Level } from './fuzz/chunk.ts';
import { play, type Outcome } from './fuzz/crew.ts';

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    lives: { type: 'string', default: '7000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    level: { type: 'string', default: 'decode' },
    frame: { type: 'string' },
  },
});

const seed = Number(values.seed);

if (values.frame !== undefined) one(values.level === 'consume' ? 'consume' : 'decode', Number(values.frame));
else {
  await many('decode', Number(values.frames));
  await many('consume', Number(values.lives));
}

function one(level: Level, number: number): void {
  const counts = playOne(level, seed, number, undefined, (line) => console.log(line));
  console.log(told(counts));
}

async function many(level: Level, count: number): Promise<void> {
  if (count <= 0) return;
  const began = performance.now();
  let toldAt = began;
  const what = level === 'decode' ? 'frames' : 'lives';
  const pace = ({ played }: Outcome): string =>
    `${played} ${what}, ${Math.round(played / ((performance.now() - began) / 1_000))} each second`;
  let shown = 0;
  const progress = (outcome: Outcome): void => {
    for (const { number, message } of outcome.found.slice(shown))
      console.log(`\n${message}\nagain: npm run fuzz -- --seed ${seed} --level ${level} --frame ${number}`);
    shown = outcome.found.length;
    if (performance.now() - toldAt < 5_000) return;
    toldAt = performance.now();
    console.log(`${pace(outcome)}, ${outcome.found.length} found`);
  };
  const outcome = await play({ level, seed, from: Number(values.from), count, jobs: Number(values.jobs), progress });
  console.log(
    `${told(outcome.counts)}\n${pace(outcome)}; the slowest ${Math.ceil(outcome.slowest)} ms; ${Math.ceil(outcome.rss / 2 ** 20)} MiB at most`,
  );
  progress(outcome);
  if (outcome.found.length > 0) process.exitCode = 1;
}

function told(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, times]) => `${what}: ${times}`)
    .join('\n');
}
