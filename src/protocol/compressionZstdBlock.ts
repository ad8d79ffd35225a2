import { fseTable, readFse, singleSymbol, type FseTable } from './compressionFse.ts';

/** How the three kinds of numbers of a sequence were written last: a block may go on with that. */
export interface ZstdTables {
  literals?: FseTable;
  offsets?: FseTable;
  matches?: FseTable;
}

/** What a code stands for: a number to begin with, and how many bits are added to it. */
type Codes = readonly (readonly [base: number, bits: number])[];

const plain = (count: number, from: number): Codes => Array.from({ length: count }, (_, code) => [code + from, 0] as const);
const growing = (from: number, ...bits: readonly number[]): Codes => {
  let base = from;
  return bits.map((each) => {
    const code = [base, each] as const;
    base += 2 ** each;
    return code;
  });
};

const literalCodes: Codes = [
  ...plain(16, 0),
  ...growing(16, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6),
  ...growing(128, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
];
const matchCodes: Codes = [
  ...plain(32, 3),
  ...growing(35, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7),
  ...growing(259, 8, 9, 10, 11, 12, 13, 14, 15, 16),
];

/** The tables of RFC 8878, 3.1.1.3.2.2: how often each code comes; -1: less than once. */
const usualLiterals = fseTable(6, [
  4,
  3,
  ...Array<number>(11).fill(2),
  1,
  1,
  1,
  ...Array<number>(9).fill(2),
  3,
  2,
  1,
  1,
  1,
  1,
  1,
  -1,
  -1,
  -1,
  -1,
]);
const usualMatches = fseTable(6, [1, 4, 3, 2, 2, 2, 2, 2, 2, ...Array<number>(37).fill(1), ...Array<number>(7).fill(-1)]);
const usualOffsets = fseTable(5, [1, 1, 1, 1, 1, 1, 2, 2, 2, ...Array<number>(15).fill(1), -1, -1, -1, -1, -1]);

/**
 * What a compressed block becomes: bytes, at most `largest`. Throws RangeError where its sequences do not end, or make more.
 *
 *     literals: header with their sizes, data | number of sequences | modes: 2 bits each for literals, offsets, matches | tables? | bits, read from their end
 *
 * Each sequence takes some literals and copies a match. Only the lengths are read: neither literals nor copies are made. The package checks none of
 * them: some hundred bytes that lie would keep it busy for minutes.
 */
export function measureZstdBlock(body: Buffer, from: number, end: number, largest: number, tables: ZstdTables): number {
  const { next, size } = literalsAt(body, from, end);
  const { count, modesAt } = sequencesAt(body, next, end);
  if (count === 0) return bounded(size, largest);
  const modes = byteAt(body, modesAt, end);
  if ((modes & 3) !== 0) throw new RangeError('a mode of sequences that is none');
  let at = modesAt + 1;
  const table = (mode: number, usual: FseTable, before: FseTable | undefined, most: number): FseTable => {
    if (mode === 0) return usual;
    if (mode === 1) return singleSymbol(byteAt(body, at++, end));
    if (mode === 2) {
      const read = readFse(body, at, end, most);
      at = read.next;
      return read.table;
    }
    if (before === undefined) throw new RangeError('a table that was never told');
    return before;
  };
  tables.literals = table(modes >>> 6, usualLiterals, tables.literals, 9);
  tables.offsets = table((modes >>> 4) & 3, usualOffsets, tables.offsets, 8);
  tables.matches = table((modes >>> 2) & 3, usualMatches, tables.matches, 9);
  return bounded(size + measureMatches(new BitsFromEnd(body, at, end), count, size, largest, tables), largest);
}

/** The sum of the matches. */
function measureMatches(bits: BitsFromEnd, count: number, literals: number, largest: number, tables: ZstdTables): number {
  const { literals: ll = usualLiterals, offsets: of = usualOffsets, matches: ml = usualMatches } = tables;
  let [l, o, m] = [bits.read(ll.log), bits.read(of.log), bits.read(ml.log)];
  let taken = 0;
  let made = 0;
  for (let left = count; left > 0; left--) {
    bits.pass(of.symbols[o] ?? 0);
    const [match, matchBits] = codeOf(matchCodes, ml.symbols[m]);
    made += match + bits.read(matchBits);
    const [some, literalBits] = codeOf(literalCodes, ll.symbols[l]);
    taken += some + bits.read(literalBits);
    if (taken > literals || literals + made > largest)
      throw new RangeError(`sequences of more than ${String(literals)} literals, or ${String(largest)} bytes`);
    if (left === 1) break;
    l = ll.next(l, bits);
    m = ml.next(m, bits);
    o = of.next(o, bits);
  }
  return made;
}

function codeOf(codes: Codes, symbol: number | undefined): readonly [number, number] {
  const code = codes[symbol ?? -1];
  if (code === undefined) throw new RangeError(`a code ${String(symbol)} of sequences`);
  return code;
}

function bounded(size: number, largest: number): number {
  if (size > largest) throw new RangeError(`a block of ${String(size)} bytes where ${String(largest)} are the most`);
  return size;
}

/** Raw and run-length literals have one size, compressed ones two, in as many bits as the format says. */
function literalsAt(body: Buffer, from: number, end: number): { readonly next: number; readonly size: number } {
  const first = byteAt(body, from, end);
  const kind = first & 3;
  const format = (first >>> 2) & 3;
  if (kind < 2) {
    const width = format === 1 ? 2 : format === 3 ? 3 : 1;
    byteAt(body, from + width - 1, end);
    const size = body.readUIntLE(from, width) >>> (width === 1 ? 3 : 4);
    return { size, next: from + width + (kind === 0 ? size : 1) };
  }
  const width = format < 2 ? 3 : format + 2;
  const bits = format < 2 ? 10 : format * 4 + 6;
  byteAt(body, from + width - 1, end);
  const sizes = Math.floor(body.readUIntLE(from, width) / 16);
  return { size: sizes % 2 ** bits, next: from + width + Math.floor(sizes / 2 ** bits) };
}

function sequencesAt(body: Buffer, at: number, end: number): { readonly count: number; readonly modesAt: number } {
  const first = byteAt(body, at, end);
  if (first < 128) return { count: first, modesAt: at + 1 };
  const second = byteAt(body, at + 1, end);
  if (first < 255) return { count: ((first - 128) << 8) + second, modesAt: at + 2 };
  return { count: second + (byteAt(body, at + 2, end) << 8) + 0x7f00, modesAt: at + 3 };
}

function byteAt(body: Buffer, at: number, end: number): number {
  if (at >= end) throw new RangeError('a block is cut');
  return body[at] ?? 0;
}

/** Bits that are read from the last one on, which is the highest that is set in the last byte. */
class BitsFromEnd {
  private readonly body: Buffer;
  private readonly first: number;
  private at: number;

  constructor(body: Buffer, from: number, end: number) {
    const last = byteAt(body, end - 1, from < end ? end : 0);
    if (last === 0) throw new RangeError('bits without a beginning');
    this.body = body;
    this.first = from * 8;
    this.at = end * 8 - 1 - Math.clz32(last) + 24;
  }

  pass(count: number): void {
    this.at -= count;
    if (this.at < this.first) throw new RangeError('the bits of the sequences are too few');
  }

  /** At most 16. */
  read(count: number): number {
    this.pass(count);
    const byte = this.at >>> 3;
    const three = (this.body[byte] ?? 0) | ((this.body[byte + 1] ?? 0) << 8) | ((this.body[byte + 2] ?? 0) << 16);
    return (three >>> (this.at & 7)) & ((1 << count) - 1);
  }
}
