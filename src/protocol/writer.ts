const TWO_32 = 0x1_0000_0000;

/** Writes Kafka's primitive types one after another into a buffer that grows. A number that does not fit its type throws RangeError. */
export class Writer {
  #buffer: Buffer;
  #length = 0;

  constructor(capacity = 256) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  bool(value: boolean): void {
    this.int8(value ? 1 : 0);
  }

  int8(value: number): void {
    const at = this.#grow(1);
    this.#buffer.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.#grow(2);
    this.#buffer.writeInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.#grow(4);
    this.#buffer.writeInt32BE(value, at);
  }

  uint32(value: number): void {
    const at = this.#grow(4);
    this.#buffer.writeUInt32BE(value, at);
  }

  int64(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${String(value)} is not an integer that a number holds exactly`);
    const at = this.#grow(8);
    this.#buffer.writeInt32BE(Math.floor(value / TWO_32), at);
    this.#buffer.writeUInt32BE(value >>> 0, at + 4);
  }

  /** An unsigned varint of at most 32 bits. */
  uvarint(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value >= TWO_32) throw new RangeError(`${String(value)} is not a uint32`);
    let rest = value;
    while (rest > 0x7f) {
      this.#byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.#byte(rest);
  }

  /** A zigzag varint of at most 32 bits. */
  varint(value: number): void {
    if ((value | 0) !== value) throw new RangeError(`${String(value)} is not an int32`);
    this.uvarint(((value << 1) ^ (value >> 31)) >>> 0);
  }

  /** A zigzag varint of an integer that a number holds exactly. */
  varlong(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${String(value)} is not an integer that a number holds exactly`);
    // Zigzag by halves, since doubling may leave the exact range: the lowest 6 bits and the sign first.
    const magnitude = value < 0 ? -(value + 1) : value;
    let rest = Math.floor(magnitude / 64);
    const first = (magnitude % 64) * 2 + (value < 0 ? 1 : 0);
    this.#byte(rest > 0 ? first | 0x80 : first);
    while (rest > 0) {
      const low = rest % 128;
      rest = Math.floor(rest / 128);
      this.#byte(rest > 0 ? low | 0x80 : low);
    }
  }

  /** 32 hex digits. */
  uuid(value: string): void {
    const bytes = Buffer.from(value, 'hex');
    if (bytes.length !== 16 || value.length !== 32) throw new RangeError(`${value} is not a uuid of 32 hex digits`);
    this.bytes(bytes);
  }

  /** The bytes as they are, without their length. */
  bytes(value: Uint8Array): void {
    const at = this.#grow(value.length);
    this.#buffer.set(value, at);
  }

  /** What was written, as a view: write no more afterwards. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #byte(value: number): void {
    const at = this.#grow(1);
    this.#buffer[at] = value;
  }

  #grow(by: number): number {
    const at = this.#length;
    const length = at + by;
    if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    this.#length = length;
    return at;
  }
}
