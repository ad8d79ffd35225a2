import { compressionOf, type Compression } from './compression.ts';
import { crc32c } from './crc32c.ts';
import { MalformedError } from './MalformedError.ts';
import { indexRecords } from './recordIndex.ts';
import { int64At } from './reader.ts';

/** Bytes before the records of a batch. */
export const BATCH_HEADER = 61;
/** Bytes of `baseOffset` and `batchLength`, which the length does not count. */
export const BATCH_PREFIX = 12;

/**
 * One record batch of format v2 (KIP-98), over the bytes that it came in. Nothing is read before it is asked for.
 *
 *     0 baseOffset int64 | 8 batchLength int32 | 12 partitionLeaderEpoch int32 | 16 magic int8 | 17 crc uint32 | 21 attributes int16
 *     23 lastOffsetDelta int32 | 27 baseTimestamp int64 | 35 maxTimestamp int64 | 43 producerId int64 | 51 producerEpoch int16
 *     53 baseSequence int32 | 57 recordCount int32 | 61 records
 */
export class BatchView {
  readonly baseOffset: number;
  readonly #bytes: Buffer;

  /** Exactly one batch: at least its header. Throws MalformedError for what can be no batch; the CRC is left to `crcIsGood`. */
  constructor(bytes: Buffer) {
    if (bytes.length < BATCH_HEADER)
      throw new MalformedError(`a batch of ${String(bytes.length)} bytes; its header alone has ${String(BATCH_HEADER)}`);
    this.#bytes = bytes;
    this.baseOffset = int64At(bytes, 0);
    for (const at of [27, 35, 43]) int64At(bytes, at);
    if (this.baseOffset < 0) throw new MalformedError(`a base offset of ${String(this.baseOffset)}`);
    if (this.lastOffsetDelta < 0) throw new MalformedError(`a last offset delta of ${String(this.lastOffsetDelta)}`);
    if (!Number.isSafeInteger(this.nextOffset)) throw new MalformedError('a last offset that a number would round');
    if (this.recordCount < 0) throw new MalformedError(`${String(this.recordCount)} records`);
  }

  /** What it lies in, together with what else came there. */
  get memory(): ArrayBufferLike {
    return this.#bytes.buffer;
  }

  /** The same batch in memory of its own. */
  copy(): BatchView {
    const bytes = Buffer.allocUnsafeSlow(this.#bytes.length);
    this.#bytes.copy(bytes);
    return new BatchView(bytes);
  }

  /** With the 12 bytes before what `batchLength` counts. */
  get sizeInBytes(): number {
    return this.#bytes.length;
  }

  /** The epoch of the leader that appended it; -1: unknown. */
  get leaderEpoch(): number {
    return this.#bytes.readInt32BE(12);
  }

  get magic(): number {
    return this.#bytes.readInt8(16);
  }

  get crc(): number {
    return this.#bytes.readUInt32BE(17);
  }

  get compression(): Compression {
    return compressionOf(this.#attributes & 0x07);
  }

  /** LogAppendTime: `maxTimestamp` is the timestamp of every record. */
  get timestampType(): 'CreateTime' | 'LogAppendTime' {
    return (this.#attributes & 0x08) === 0 ? 'CreateTime' : 'LogAppendTime';
  }

  get isTransactional(): boolean {
    return (this.#attributes & 0x10) !== 0;
  }

  /** Its one record is a marker of a transaction, not for users: see `controlType`. */
  get isControl(): boolean {
    return (this.#attributes & 0x20) !== 0;
  }

  /** `baseTimestamp` is when tombstones in it may go (KIP-534), and the records' timestamps still count from it. */
  get hasDeleteHorizon(): boolean {
    return (this.#attributes & 0x40) !== 0;
  }

  get lastOffsetDelta(): number {
    return this.#bytes.readInt32BE(23);
  }

  /** Also where compaction took the last records away. */
  get lastOffset(): number {
    return this.baseOffset + this.lastOffsetDelta;
  }

  /** Where the log goes on after this batch. */
  get nextOffset(): number {
    return this.lastOffset + 1;
  }

  /** Milliseconds since the epoch; -1: none. */
  get baseTimestamp(): number {
    return int64At(this.#bytes, 27);
  }

  get maxTimestamp(): number {
    return int64At(this.#bytes, 35);
  }

  /** -1: the producer is neither idempotent nor transactional. */
  get producerId(): number {
    return int64At(this.#bytes, 43);
  }

  get producerEpoch(): number {
    return this.#bytes.readInt16BE(51);
  }

  get baseSequence(): number {
    return this.#bytes.readInt32BE(53);
  }

  /** Fewer than the offsets that it spans after compaction; 0 if compaction took all. */
  get recordCount(): number {
    return this.#bytes.readInt32BE(57);
  }

  /** Its records, compressed as `compression` says. */
  get body(): Buffer {
    return this.#bytes.subarray(BATCH_HEADER);
  }

  /** Whether its bytes from the attributes on are those that were written. */
  crcIsGood(): boolean {
    return crc32c(this.#bytes.subarray(21)) === this.crc;
  }

  get #attributes(): number {
    return this.#bytes.readInt16BE(21);
  }
}

/** What a control batch says of its producer's transaction. Bytes that say neither are `other`: later Kafkas may add types. */
export function controlType(batch: BatchView): 'abort' | 'commit' | 'other' {
  try {
    const body = batch.body;
    const [, , keyAt = 0, keyLength = 0] = indexRecords(body, batch.recordCount);
    if (!batch.isControl || batch.compression !== 'none' || keyLength < 4) return 'other';
    const type = body.readInt16BE(keyAt + 2);
    return type === 0 ? 'abort' : type === 1 ? 'commit' : 'other';
  } catch {
    return 'other';
  }
}
