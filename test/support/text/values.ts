const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };
const sizes: Readonly<Record<string, number>> = { '': 1, B: 1, KiB: 1_024, MiB: 1_048_576 };

/** `20ms`, `1s`, `5m` in ms; undefined for anything else. */
export function millisecondsOf(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (units[unit] ?? 1);
}

/** `10`, `10_000`. */
export function countOf(text: string): number | undefined {
  return /^\d[\d_]*$/.test(text) ? Number(text.replaceAll('_', '')) : undefined;
}

/** `100`, `64KiB`, `1MiB` in bytes. */
export function bytesOf(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d[\d_]*)(B|KiB|MiB)?$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number.replaceAll('_', '')) * (sizes[unit] ?? 1);
}

/** `b2` is node 2. */
export function nodeOf(text: string): number | undefined {
  const [, number] = /^b([1-9]\d*)$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number);
}

/**
 * How many records each batch has: `0..3` is four of one record, `[0..3]` one of four; they follow one another from `next` on. `empty`: none.
 */
export function batchesOf(text: string, next = 0): readonly number[] | undefined {
  if (text === 'empty') return [];
  const batches: number[] = [];
  let expected = next;
  for (const token of text.split(/\s+/)) {
    const [, open, first = '', , last, close] = /^(\[?)(\d+)(\.\.(\d+))?(\]?)$/.exec(token) ?? [];
    const [from, to] = [Number(first), Number(last ?? first)];
    if (first === '' || (open === '[') !== (close === ']') || from !== expected || to < from) return undefined;
    const count = to - from + 1;
    batches.push(...(open === '[' ? [count] : Array.from({ length: count }, () => 1)));
    expected = to + 1;
  }
  return batches;
}
