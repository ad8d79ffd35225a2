import process from 'node:process';
import type { Run } from './fleet.ts';
import { costs, type Excess } from './kills.ts';
import { generations, overlaps, terms, unowned } from './ownership.ts';
import { COMMIT_INTERVAL, PARTITIONS } from './plan.ts';
import { disordered, doubled, gaps, longest, longestHandler, lost } from './records.ts';
import { timeline } from './timeline.ts';

/** A run in figures. Times: ms. */
export interface Verdict {
  readonly lost: readonly string[];
  readonly doubled: number;
  readonly disordered: number;
  readonly overlaps: readonly string[];
  readonly unowned: number;
  readonly generations: number;
  readonly kept: number;
  readonly returned: number;
  readonly moved: number;
  readonly control: number;
  readonly handler: number;
  readonly costs: readonly Excess[];
}

export function judged(run: Run): Verdict {
  const { ends, handled, control, told, kills } = run;
  const all = gaps(handled);
  const repeats = doubled(handled);
  const deaths = kills.flatMap(({ members, at }) => members.map((member) => ({ member, at })));
  const owned = terms(told, deaths);
  const victims = deaths.map(({ member }) => member);
  const isSafe = ({ member }: { readonly member: string }): boolean => !victims.includes(member);
  return {
    lost: lost(ends, handled),
    doubled: repeats.length,
    disordered: disordered(handled).length,
    overlaps: overlaps(owned.filter(isSafe)),
    unowned: unowned(handled.filter(isSafe), owned).length,
    generations: generations(told),
    kept: longest(all, 'kept'),
    returned: longest(all, 'returned'),
    moved: longest(all, 'moved'),
    control: longest(gaps(control)),
    handler: longestHandler(handled),
    costs: costs(kills, handled, repeats, { interval: COMMIT_INTERVAL, partitions: PARTITIONS }),
  };
}

const ms = (value: number): string => String(Math.round(value));

const titles: readonly string[] = [
  'scenario',
  'assignor',
  'members',
  'generations',
  'records',
  'longest gap: kept',
  'returned',
  'moved',
  'control',
  'longest handler',
  'lost',
  'doubled',
  'doubled / allowed, per kill',
];

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

/** A table of one line, times in ms, and what was told around the longest gaps. */
export function print(scenario: string, run: Run, verdict: Verdict): void {
  const { kept, returned, moved, control, handler } = verdict;
  const perKill = verdict.costs.map(({ member, doubled: count, allowed }) => `${member} ${count} / ${allowed}`);
  const cells = [
    scenario,
    run.assignor,
    run.sizes.join('→'),
    String(verdict.generations),
    String(run.written),
    ...[kept, returned, moved, control, handler].map(ms),
    String(verdict.lost.length),
    String(verdict.doubled),
    perKill.join(', ') || '–',
  ];
  process.stdout.write(`\n${row(titles)}${row(titles.map(() => '---'))}${row(cells)}\n${timeline(run)}`);
}
