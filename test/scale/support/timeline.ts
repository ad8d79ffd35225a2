import type { Run } from './fleet.ts';
import { gaps, type Gap } from './records.ts';

function worstOf(all: readonly Gap[]): Gap | undefined {
  return all.reduce<Gap | undefined>((worst, gap) => (worst === undefined || gap.length > worst.length ? gap : worst), undefined);
}

/** What the members told around the longest gap of each kind: lines of text, seconds since the first record. */
export function timeline({ handled, control, told }: Run): string {
  const start = handled.reduce((least, { at }) => Math.min(least, at), Infinity);
  const seconds = (at: number): string => `${((at - start) / 1_000).toFixed(2)} s`;
  const around = (title: string, gap: Gap | undefined): string => {
    if (gap === undefined) return '';
    const { from, to, partition, length } = gap;
    const head = `${title}: ${Math.round(length)} ms, partition ${partition}, ${from.member}@${from.offset} ${seconds(from.at)} … ${to.member}@${to.offset} ${seconds(to.at)}\n`;
    const near = told.filter(({ at }) => at > from.at - 600 && at < to.at + 100).toSorted((a, b) => a.at - b.at);
    const lines = near.map(({ member, kind, at, partitions, generation }) => {
      const what = generation === undefined ? partitions.join(' ') : `generation ${generation}`;
      return `  ${seconds(at)} ${member} ${kind} ${what}\n`;
    });
    return head + lines.join('');
  };
  const all = gaps(handled);
  const worst = (kind: Gap['kind']): Gap | undefined => worstOf(all.filter((gap) => gap.kind === kind));
  return [
    around('kept', worst('kept')),
    around('returned', worst('returned')),
    around('moved', worst('moved')),
    around('control', worstOf(gaps(control))),
  ].join('');
}
