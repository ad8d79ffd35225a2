import { MalformedError } from './MalformedError.ts';

const TWO_32 = 0x1_0000_0000;

/**
 * Reads Kafka's primitive types from a buffer, one after another.
 *
 * Every read is checked against what is left: bytes that lie about a length end in a MalformedError, never in a read outside, in a
 * hang or in a large allocation. Buffers that it returns are views: they keep the whole response alive.
 */
export class Reader {
  readonly #buffer: Buffer;
  #position: number;
  readonly #end: number;

  constructor(buffer: Buffer, start = 0, end: number = buffer.length) {
    this.#buffer = buffer;
    this.#position = start;
    this.#end = end;
  }

  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#end - this.#position;
  }

  bool(): boolean {
    return this.int8() !== 0;
  }

  int8(): number {
    return this.#buffer.readInt8(this.#take(1));
  }

  uint8(): number {
    return this.#buffer.readUInt8(this.#take(1));
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#take(2));
  }

  uint16(): number {
    return this.#buffer.readUInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#take(4));
  }

  uint32(): number {
    return this.#buffer.readUInt32BE(this.#take(4));
  }

  /** An int64 that a JavaScript number holds exactly; any other is refused. */
  int64(): number {
    const at = this.#take(8);
    return int64At(this.#buffer, at);
  }

  /** An unsigned varint of at most 32 bits. */
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.uint8();
      if (shift === 28 && byte > 0x0f) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new MalformedError(`a varint of more than 32 bits before byte ${String(this.#position)}`);
  }

  /** A zigzag varint of at most 32 bits. */
  varint(): number {
    const raw = this.uvarint();
    return (raw >>> 1) ^ -(raw & 1);
  }

  /** 32 hex digits. */
  uuid(): string {
    const at = this.#take(16);
    return this.#buffer.toString('hex', at, at + 16);
  }

  /** The next bytes, as a view. */
  bytes(length: number): Buffer {
    const at = this.#take(length);
    return this.#buffer.subarray(at, at + length);
  }

  utf8(length: number): string {
    const at = this.#take(length);
    return this.#buffer.toString('utf8', at, at + length);
  }

  /** A reader of the next bytes alone. This one goes on after them. */
  part(length: number): Reader {
    const at = this.#take(length);
    return new Reader(this.#buffer, at, at + length);
  }

  /** Calls `visit` with each tagged field (KIP-482); what it leaves unread is skipped. */
  tags(visit: (tag: number, field: Reader) => void): void {
    const count = this.uvarint();
    for (let i = 0; i < count; i++) {
      const tag = this.uvarint();
      visit(tag, this.part(this.uvarint()));
    }
  }

  skipTags(): void {
    const count = this.uvarint();
    for (let i = 0; i < count; i++) {
      this.uvarint();
      this.#take(this.uvarint());
    }
  }

  #take(length: number): number {
    const at = this.#position;
    if (length < 0 || length > this.#end - at) {
      throw new MalformedError(`${String(length)} bytes wanted at byte ${String(at)}, ${String(this.#end - at)} are left`);
    }
    this.#position = at + length;
    return at;
  }
}

/** The int64 at that place, which must lie inside of the buffer. Throws MalformedError where a number would round it. */
export function int64At(buffer: Buffer, at: number): number {
  const value = buffer.readInt32BE(at) * TWO_32 + buffer.readUInt32BE(at + 4);
  if (!Number.isSafeInteger(value)) {
    throw new MalformedError(`an int64 that a number would round: 0x${buffer.toString('hex', at, at + 8)}`);
  }
  return value;
}
