/** Reads so many bits. */
interface Bits {
  read(count: number): number;
}

/** A table of finite state entropy: in each state a symbol, and how to come to the next state (RFC 8878, 4.1). */
export class FseTable {
  /** How many bits say where it begins. */
  readonly log: number;
  readonly symbols: Uint8Array;
  private readonly bits: Uint8Array;
  private readonly bases: Uint16Array;

  constructor(log: number, symbols: Uint8Array, bits: Uint8Array, bases: Uint16Array) {
    this.log = log;
    this.symbols = symbols;
    this.bits = bits;
    this.bases = bases;
  }

  next(state: number, from: Bits): number {
    return (this.bases[state] ?? 0) + from.read(this.bits[state] ?? 0);
  }
}

/** One symbol, which costs nothing. */
export function singleSymbol(symbol: number): FseTable {
  return new FseTable(0, Uint8Array.of(symbol), new Uint8Array(1), new Uint16Array(1));
}

/** `counts`: how many of the 2 ^ `log` states each symbol has; -1: one, the least probable. */
export function fseTable(log: number, counts: readonly number[]): FseTable {
  const size = 1 << log;
  const symbols = spread(size, counts);
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  const seen = counts.map((count) => Math.abs(count));
  symbols.forEach((symbol, state) => {
    const nth = seen[symbol] ?? 1;
    seen[symbol] = nth + 1;
    const count = log - (31 - Math.clz32(nth));
    bits[state] = count;
    bases[state] = (nth << count) - size;
  });
  return new FseTable(log, symbols, bits, bases);
}

function spread(size: number, counts: readonly number[]): Uint8Array {
  const symbols = new Uint8Array(size);
  let high = size - 1;
  counts.forEach((count, symbol) => {
    if (count === -1) symbols[high--] = symbol;
  });
  const step = (size >>> 1) + (size >>> 3) + 3;
  let at = 0;
  counts.forEach((count, symbol) => {
    for (let left = count; left > 0; left--) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at > high);
    }
  });
  return symbols;
}

/** The table that stands there, and where it ends. Throws RangeError for one of more than 2 ^ `most` states, or whose counts do not fill it. */
export function readFse(body: Buffer, from: number, end: number, most: number): { readonly table: FseTable; readonly next: number } {
  const bits = new BitsForward(body, from, end);
  const log = bits.read(4) + 5;
  if (log > most) throw new RangeError(`a table of 2 ^ ${String(log)} states`);
  const counts: number[] = [];
  let left = 1 << log;
  while (left > 0) {
    const count = bits.below(left + 2) - 1;
    counts.push(count);
    left -= Math.abs(count);
    if (count !== 0) continue;
    let zeros: number;
    do {
      zeros = bits.read(2);
      for (let more = zeros; more > 0; more--) counts.push(0);
    } while (zeros === 3);
  }
  if (left < 0 || counts.length > 256) throw new RangeError('a table whose counts do not fill it');
  return { table: fseTable(log, counts), next: bits.next };
}

class BitsForward implements Bits {
  private readonly body: Buffer;
  private readonly end: number;
  private at: number;

  constructor(body: Buffer, from: number, end: number) {
    this.body = body;
    this.end = end * 8;
    this.at = from * 8;
  }

  /** Where the next whole byte begins. */
  get next(): number {
    return (this.at + 7) >>> 3;
  }

  read(count: number): number {
    if (this.at + count > this.end) throw new RangeError('a table is cut');
    const byte = this.at >>> 3;
    const three = (this.body[byte] ?? 0) | ((this.body[byte + 1] ?? 0) << 8) | ((this.body[byte + 2] ?? 0) << 16);
    const value = (three >>> (this.at & 7)) & ((1 << count) - 1);
    this.at += count;
    return value;
  }

  /** A number below `range`: the smaller ones take a bit less, as far as there is room. */
  below(range: number): number {
    const width = 32 - Math.clz32(range - 1);
    const spare = (1 << width) - range;
    const low = this.read(width - 1);
    if (low < spare) return low;
    const value = low + (this.read(1) << (width - 1));
    return value < 1 << (width - 1) ? value : value - spare;
  }
}
