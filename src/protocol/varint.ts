import { MalformedError } from './MalformedError.ts';

/** Walks the zigzag varints of a record. Written for speed: it is asked some seven times for each record. */
export class VarintWalk {
  /** Where the next varint begins. Moving it is the caller's right; it must stay between 0 and `end`. */
  at = 0;
  /** No read goes beyond it. */
  end: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, at: number, end: number) {
    this.#bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** A signed varint of at most 32 bits. */
  int32(): number {
    const at = this.at;
    if (at >= this.end) throw this.#outside();
    const byte = this.#bytes[at] ?? 0;
    if (byte > 0x7f) return this.#longInt32();
    this.at = at + 1;
    return (byte >>> 1) ^ -(byte & 1);
  }

  /** Passes over a signed varint of at most 64 bits. It must be one that a number holds exactly. */
  skipInt64(): void {
    const start = this.at;
    let at = start;
    while (at < this.end && (this.#bytes[at] ?? 0) > 0x7f) at++;
    if (at >= this.end) throw this.#outside();
    this.at = at + 1;
    // Seven bytes hold 49 bits: only longer ones need a look.
    if (at - start >= 7) varlongAt(this.#bytes, start);
  }

  #longInt32(): number {
    let raw = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.at >= this.end) throw this.#outside();
      const byte = this.#bytes[this.at++] ?? 0;
      if (shift === 28 && byte > 0x0f) break;
      raw |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1);
    }
    throw new MalformedError(`a varint of more than 32 bits before byte ${String(this.at)}`);
  }

  #outside(): MalformedError {
    return new MalformedError(`a varint beyond byte ${String(this.end)}`);
  }
}

/** The zigzag varint there, of at most 64 bits. Throws MalformedError for one that a number would round. */
export function varlongAt(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  let byte = first;
  // By halves, since a zigzag number is twice as large: the sign is the lowest bit, then 6 bits, then 7 each.
  let magnitude = (first & 0x7f) >>> 1;
  let scale = 64;
  for (let i = at + 1; byte > 0x7f; i++) {
    if (i >= bytes.length || i - at > 9) throw new MalformedError(`a varint of more than 64 bits at byte ${String(at)}`);
    byte = bytes[i] ?? 0;
    magnitude += (byte & 0x7f) * scale;
    scale *= 128;
  }
  const value = (first & 1) === 1 ? -magnitude - 1 : magnitude;
  if (!Number.isSafeInteger(value)) throw new MalformedError(`a varint that a number would round at byte ${String(at)}`);
  return value === 0 ? 0 : value;
}
