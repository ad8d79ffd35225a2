import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { playAll } from './crew.ts';
import { CHUNK, complaintOf, evidenceFile, evidenceOf, readEvidence, sample, writeEvidence } from './lives/evidence.ts';
import { generate } from './lives/generate.ts';
import { play } from './lives/play.ts';
import type { Plan } from './lives/plan.ts';
import type { Failure, RangeOutcome } from './lives/range.ts';
import { shrink } from './lives/shrink.ts';
import { Tally } from './lives/tally.ts';

const usage = `npm run simulate -- [--seeds N] [--from S] [--jobs J] [--shrink] [--write]   plays N lives, from seed S on
                      --seed X [--shrink] [--show]                              plays one; --show prints its plan
                      --plan FILE [--shrink]                                    plays the plan in that file
                      --check N                                                 plays N lives of simulation/evidence.json again
                      --evidence FILE                                           of that file instead; with --write as well`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    seed: { type: 'string' },
    plan: { type: 'string' },
    check: { type: 'string' },
    shrink: { type: 'boolean', default: false },
    show: { type: 'boolean', default: false },
    evidence: { type: 'string', default: evidenceFile },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(usage);
else if (values.plan !== undefined) one(JSON.parse(readFileSync(values.plan, 'utf8')) as Plan);
else if (values.seed !== undefined) one(generate(Number(values.seed)));
else if (values.check !== undefined) await check(Number(values.check));
else await many(Number(values.from), Number(values.seeds));

function one(plan: Plan): void {
  if (values.show) console.log(JSON.stringify(plan, null, 2));
  const { violation, hash, tally } = play(plan);
  console.log(String(tally));
  console.log(`seed ${plan.seed}, trace ${hash}: ${violation === undefined ? 'all invariants hold' : violation.message}`);
  if (violation === undefined) return;
  process.exitCode = 1;
  if (values.shrink) shrunk(plan);
}

async function many(from: number, count: number): Promise<void> {
  const froms = Array.from({ length: Math.ceil(count / CHUNK) }, (_, index) => from + index * CHUNK);
  const outcomes = await played(froms, from + count);
  const failures = outcomes.flatMap((outcome) => outcome.failures);
  if (failures.length === 0) {
    const evidence = evidenceOf(from, outcomes);
    console.log(`${count} lives from seed ${from} on: all invariants hold; hash ${evidence.hash}`);
    if (values.write) writeEvidence(evidence, values.evidence);
  } else tell(failures);
}

async function check(count: number): Promise<void> {
  const evidence = readEvidence(values.evidence);
  if (evidence === undefined) throw new Error(`there is no ${values.evidence}: npm run simulate -- --seeds 10000 --write`);
  const chunks = sample(evidence, count, Number(values.from));
  const outcomes = await played(
    chunks.map(({ from }) => from),
    evidence.from + evidence.count,
  );
  const failures = outcomes.flatMap((outcome) => outcome.failures);
  if (failures.length > 0) tell(failures);
  const complaint = complaintOf(evidence, chunks, outcomes);
  if (complaint !== undefined) process.exitCode = 1;
  console.log(
    complaint ?? `${outcomes.reduce((sum, each) => sum + each.count, 0)} of ${evidence.count} lives were played again, and went as before`,
  );
}

async function played(froms: readonly number[], end: number): Promise<readonly RangeOutcome[]> {
  const began = performance.now();
  const outcomes: RangeOutcome[] = [];
  const tally = new Tally();
  let lives = 0;
  let toldAt = began;
  await playAll(froms, end, Number(values.jobs), (outcome) => {
    outcomes.push(outcome);
    for (const [what, times] of outcome.tally) tally.add(what, times);
    lives += outcome.count;
    const now = performance.now();
    if (now - toldAt < 5_000) return;
    toldAt = now;
    console.log(`${lives} lives, ${(lives / ((now - began) / 1_000)).toFixed(1)} each second`);
  });
  console.log(String(tally));
  console.log(`${lives} lives, ${(lives / ((performance.now() - began) / 1_000)).toFixed(1)} each second`);
  return outcomes;
}

function tell(failures: readonly Failure[]): void {
  process.exitCode = 1;
  for (const { seed, message } of failures) {
    console.log(`\nseed ${seed}: ${message}\n\nagain: npm run simulate -- --seed ${seed}${values.shrink ? '' : ' --shrink'}`);
    if (values.shrink) shrunk(generate(seed));
  }
}

/** The smallest life that fails in the same way, in a file to play it from. */
function shrunk(plan: Plan): void {
  const { violation } = play(plan);
  if (violation === undefined) return;
  const small = shrink(plan, violation);
  const file = join(tmpdir(), `kafka-rx-${violation.invariant}-${plan.seed}.json`);
  writeFileSync(file, JSON.stringify(small, null, 2));
  console.log(
    `\nshrunk:\n${JSON.stringify(small, null, 2)}\n\n${play(small).violation?.message ?? ''}\n\nagain: npm run simulate -- --plan ${file}`,
  );
}
