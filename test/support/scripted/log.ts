import { encodeBatch, type NewBatch, type NewRecord } from '../../../src/protocol/encodeBatch.ts';

/** Records of one batch: a number of them, which then say their own offsets; or what they hold, with `null` for none. */
export type Appended = number | readonly (string | null)[];

interface Written {
  readonly baseOffset: number;
  readonly nextOffset: number;
  readonly timestamp: number;
  readonly bytes: Buffer;
}

/** The log of one partition: whole batches, as a broker keeps them. */
export class ScriptedLog {
  start = 0;
  end = 0;
  private batches: Written[] = [];

  append(records: Appended, batch: NewBatch & { readonly valueBytes?: number } = {}): void {
    const { valueBytes, ...header } = batch;
    const baseOffset = this.end;
    const timestamp = batch.baseTimestamp ?? 0;
    const values = typeof records === 'number' ? Array.from({ length: records }, (_, index) => String(baseOffset + index)) : records;
    const written = values.map((value): NewRecord => ({ timestamp, value: value === null ? null : valueOf(value, valueBytes) }));
    const bytes = encodeBatch(written, { ...header, baseOffset });
    this.end = baseOffset + (batch.lastOffsetDelta ?? values.length - 1) + 1;
    this.batches.push({ baseOffset, nextOffset: this.end, timestamp, bytes });
  }

  /** Damages the batch that holds that offset: its checksum does not fit any more. A second time mends it. */
  damage(offset: number): void {
    const batch = this.batches.find(({ nextOffset }) => offset < nextOffset);
    if (batch === undefined) throw new RangeError(`nothing at ${String(offset)}`);
    batch.bytes.writeUInt8(batch.bytes.readUInt8(batch.bytes.length - 1) ^ 0xff, batch.bytes.length - 1);
  }

  /** What is below that offset is gone (retention). */
  deleteBefore(offset: number): void {
    this.start = offset;
    this.batches = this.batches.filter(({ nextOffset }) => nextOffset > offset);
  }

  /** Whole batches from the one that holds `offset` on: the first whatever its size, further ones as they fit. */
  read(offset: number, maxBytes: number): Buffer {
    const found: Buffer[] = [];
    let size = 0;
    for (const { bytes, nextOffset } of this.batches) {
      if (nextOffset <= offset) continue;
      if (found.length > 0 && size + bytes.length > maxBytes) break;
      found.push(bytes);
      size += bytes.length;
    }
    return Buffer.concat(found);
  }

  /** The first offset at or after a timestamp; -1: there is none. Of whole batches: theirs is one timestamp. */
  at(timestamp: number): number {
    return this.batches.find((batch) => batch.timestamp >= timestamp)?.baseOffset ?? -1;
  }
}

function valueOf(value: string, bytes = 0): Buffer {
  return Buffer.from(value.padEnd(bytes));
}
