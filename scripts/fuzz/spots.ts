/**
 * Where the fields of a Fetch answer stand, in any version. It knows nothing of our decoder, which it helps to judge, and goes as far as the bytes make sense.
 *
 * Layout: FetchResponse.json of Kafka 4.3; from version 12 on flexible (KIP-482).
 */
export interface Spot {
  readonly at: number;
  readonly end: number;
  readonly kind: 'int16' | 'int32' | 'int64' | 'uvarint' | 'bytes';
}

/** The records of one partition. */
export interface Section {
  /** Name or id. */
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

export interface Structure {
  readonly spots: readonly Spot[];
  readonly sections: readonly Section[];
  /** Whether all of it made sense; else up to `reached`. */
  readonly whole: boolean;
  readonly reached: number;
}

const FLEXIBLE = 12;

export function structureOf(frame: Buffer, version: number): Structure {
  const walk = new StructureWalk(frame, version);
  let whole = true;
  try {
    walk.answer();
  } catch (error) {
    if (!(error instanceof Senseless)) throw error;
    whole = false;
  }
  return { spots: walk.spots, sections: walk.sections, whole: whole && walk.at === frame.length, reached: walk.at };
}

class Senseless extends Error {}

class StructureWalk {
  at = 0;
  readonly spots: Spot[] = [];
  readonly sections: Section[] = [];
  private readonly frame: Buffer;
  private readonly version: number;
  private readonly flexible: boolean;

  constructor(frame: Buffer, version: number) {
    this.frame = frame;
    this.version = version;
    this.flexible = version >= FLEXIBLE;
  }

  answer(): void {
    this.int(4); // correlation id
    this.tags();
    this.int(4); // throttle time
    if (this.version >= 7) this.ints(2, 4);
    for (let left = this.length(4); left > 0; left--) this.topic();
    this.tags();
  }

  private topic(): void {
    const topic = this.version <= 12 ? this.bytes(this.length(2)).toString('utf8') : this.bytes(16).toString('hex');
    for (let left = this.length(4); left > 0; left--) this.partition(topic);
    this.tags();
  }

  private partition(topic: string): void {
    const partition = this.frame.length - this.at >= 4 ? this.frame.readInt32BE(this.at) : -1;
    this.ints(4, 2, 8);
    this.int(8);
    if (this.version >= 5) this.int(8);
    for (let left = this.length(4); left > 0; left--) {
      this.ints(8, 8);
      this.tags();
    }
    if (this.version >= 11) this.int(4);
    const size = Math.max(0, this.length(4));
    // Before they are passed: some batches may be whole though the length reaches beyond the end.
    this.sections.push({ topic, partition, from: this.at, to: Math.min(this.at + size, this.frame.length) });
    this.bytes(size);
    this.tags();
  }

  private ints(...sizes: readonly (2 | 4 | 8)[]): void {
    for (const size of sizes) this.int(size);
  }

  private int(size: 2 | 4 | 8): void {
    const at = this.take(size);
    this.spots.push({ at, end: this.at, kind: size === 2 ? 'int16' : size === 4 ? 'int32' : 'int64' });
  }

  /** Of a string (2) or an array or bytes (4), -1 for null. */
  private length(size: 2 | 4): number {
    if (this.flexible) return this.uvarint() - 1;
    this.int(size);
    return size === 2 ? this.frame.readInt16BE(this.at - 2) : this.frame.readInt32BE(this.at - 4);
  }

  private uvarint(): number {
    const at = this.at;
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.frame[this.take(1)] ?? 0;
      if (shift > 28) throw new Senseless();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    this.spots.push({ at, end: this.at, kind: 'uvarint' });
    return value;
  }

  private tags(): void {
    if (!this.flexible) return;
    for (let left = this.uvarint(); left > 0; left--) {
      this.uvarint();
      this.bytes(this.uvarint());
    }
  }

  private bytes(length: number): Buffer {
    const at = this.take(length);
    if (length > 0) this.spots.push({ at, end: this.at, kind: 'bytes' });
    return this.frame.subarray(at, this.at);
  }

  private take(length: number): number {
    const { at } = this;
    if (length < 0 || length > this.frame.length - at) throw new Senseless();
    this.at = at + length;
    return at;
  }
}
