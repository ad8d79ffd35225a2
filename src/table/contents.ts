import type { RecordHeaders } from '../model/record.ts';
import { inflate } from '../protocol/compression.ts';
import { indexRecords, readHeaders, STRIDE, timestampDelta } from '../protocol/recordIndex.ts';
import type { BatchView } from '../protocol/recordBatch.ts';

/** What the records of one batch have in common. */
interface Common {
  readonly topic: string;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly baseOffset: number;
  readonly baseTimestamp: number;
  /** With LogAppendTime the batch's one timestamp is every record's. */
  readonly appendTime: number | undefined;
}

/** What is in a batch: its records' bytes, uncompressed, and where each field of each record lies. Decoding a field is left to who asks for it. */
export class Contents {
  readonly common: Common;
  readonly count: number;
  readonly bytes: number;
  private body: Buffer;
  private readonly index: Int32Array;

  private constructor(common: Common, body: Buffer, index: Int32Array) {
    this.common = common;
    this.body = body;
    this.index = index;
    this.count = index.length / STRIDE;
    this.bytes = body.length;
  }

  /** Decompresses and indexes a batch. Throws UnsupportedCodecError, or a MalformedError for bytes that are no records. */
  static open(topic: string, partition: number, view: BatchView): Contents {
    const { leaderEpoch, baseOffset, baseTimestamp, timestampType, maxTimestamp } = view;
    const appendTime = timestampType === 'LogAppendTime' ? maxTimestamp : undefined;
    const body = inflate(view.compression, view.body);
    return new Contents(
      { topic, partition, leaderEpoch, baseOffset, baseTimestamp, appendTime },
      body,
      indexRecords(body, view.recordCount, view.lastOffset - baseOffset),
    );
  }

  /** What its records lie in: the memory of the answer, unless they were compressed. */
  get memory(): ArrayBufferLike {
    return this.body.buffer;
  }

  /** Goes on in memory of its own. */
  moveOut(): void {
    const body = Buffer.allocUnsafeSlow(this.body.length);
    this.body.copy(body);
    this.body = body;
  }

  /** A copy of one record that does not pin the others. */
  copyOf(index: number): Contents {
    const cells = this.index.slice(index * STRIDE, (index + 1) * STRIDE);
    const start = this.cell(index, 1);
    for (const field of [1, 2, 4]) cells[field] = (cells[field] ?? 0) - start;
    return new Contents(this.common, Buffer.from(this.body.subarray(start, start + this.sizeAt(index))), cells);
  }

  offsetAt(index: number): number {
    return this.common.baseOffset + this.cell(index, 0);
  }

  timestampAt(index: number): number {
    return this.common.appendTime ?? this.common.baseTimestamp + timestampDelta(this.body, this.cell(index, 1));
  }

  keyAt(index: number): Buffer | null {
    return this.view(this.cell(index, 2), this.cell(index, 3));
  }

  valueAt(index: number): Buffer | null {
    return this.view(this.cell(index, 4), this.cell(index, 5));
  }

  headersAt(index: number): RecordHeaders {
    return readHeaders(this.body, this.cell(index, 4) + Math.max(0, this.cell(index, 5)));
  }

  /** Bytes of one record as it lies in the batch. */
  sizeAt(index: number): number {
    return (index + 1 < this.count ? this.cell(index + 1, 1) : this.bytes) - this.cell(index, 1);
  }

  /** The first index whose offset is not below that one; `count` if there is none. */
  indexFrom(offset: number): number {
    let index = 0;
    while (index < this.count && this.offsetAt(index) < offset) index++;
    return index;
  }

  private cell(index: number, field: number): number {
    return this.index[index * STRIDE + field] ?? 0;
  }

  private view(at: number, length: number): Buffer | null {
    return length < 0 ? null : this.body.subarray(at, at + length);
  }
}
