import type { RawLog } from './read.ts';

/** How many batches of each kind lie in some logs. */
export interface Census {
  readonly batches: number;
  readonly plain: number;
  readonly transactional: number;
  readonly control: number;
  /** Without a record: compaction took all. */
  readonly empty: number;
  /** Some of their records are gone. */
  readonly thinned: number;
  readonly deleteHorizon: number;
  readonly logAppendTime: number;
  readonly codecs: Readonly<Record<string, number>>;
  /** Offsets that no batch spans: at the start of a log, between two batches, at its end. How often. */
  readonly holes: { readonly start: number; readonly middle: number; readonly end: number };
}

export function census(logs: readonly RawLog[]): Census {
  const batches = logs.flatMap((log) => log.batches);
  const count = (is: (batch: RawLog['batches'][number]) => boolean): number => batches.filter(is).length;
  const codecs = new Map<string, number>();
  for (const { codec } of batches) codecs.set(codec, (codecs.get(codec) ?? 0) + 1);
  return {
    batches: batches.length,
    plain: count(({ kind }) => kind === 'plain'),
    transactional: count(({ kind }) => kind === 'transactional'),
    control: count(({ kind }) => kind === 'control'),
    empty: count(({ records }) => records === 0),
    thinned: count(({ records, first, last }) => records > 0 && records <= last - first),
    deleteHorizon: count(({ hasDeleteHorizon }) => hasDeleteHorizon),
    logAppendTime: count(({ isLogAppendTime }) => isLogAppendTime),
    codecs: Object.fromEntries(codecs),
    holes: {
      start: logs.filter(({ batches: own, start, end }) => (own[0]?.first ?? end) > start).length,
      middle: logs.reduce(
        (sum, { batches: own }) => sum + own.filter(({ first }, i) => i > 0 && first > (own[i - 1]?.last ?? 0) + 1).length,
        0,
      ),
      end: logs.filter(({ batches: own, stable, end }) => {
        const before = own.filter(({ first }) => first < stable).at(-1);
        return stable <= end && before !== undefined && before.last + 1 < stable;
      }).length,
    },
  };
}
