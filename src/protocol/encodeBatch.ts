import { gzipSync } from 'node:zlib';
import { compressions } from './compression.ts';
import { crc32c } from './crc32c.ts';
import { BATCH_HEADER, BATCH_PREFIX } from './batchView.ts';
import { Writer } from './writer.ts';

/** A record to be written. */
export interface NewRecord {
  /** Default: the one after the record before it; 0 for the first. */
  readonly offsetDelta?: number;
  /** Milliseconds since the epoch. Default: the batch's `baseTimestamp`. */
  readonly timestamp?: number;
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly headers?: readonly (readonly [string, Buffer | null])[];
}

/** What a batch says besides its records. */
export interface NewBatch {
  /** 0. */
  readonly baseOffset?: number;
  /** -1. */
  readonly leaderEpoch?: number;
  /** none. */
  readonly compression?: (typeof compressions)[number];
  /** How to write another codec than gzip. */
  readonly deflate?: (body: Buffer) => Buffer;
  /** CreateTime. */
  readonly timestampType?: 'CreateTime' | 'LogAppendTime';
  /** Default: the timestamp of the first record, else 0. */
  readonly baseTimestamp?: number;
  /** Default: the highest timestamp. */
  readonly maxTimestamp?: number;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  readonly hasDeleteHorizon?: boolean;
  /** -1. */
  readonly producerId?: number;
  /** -1. */
  readonly producerEpoch?: number;
  /** -1. */
  readonly baseSequence?: number;
  /** Default: that of the last record. */
  readonly lastOffsetDelta?: number;
}

/** A record batch of format v2, with its CRC: what a broker keeps and a consumer reads (`BatchView`). */
export function encodeBatch(records: readonly NewRecord[], batch: NewBatch = {}): Buffer {
  const baseTimestamp = batch.baseTimestamp ?? records[0]?.timestamp ?? 0;
  const body = new Writer(1024);
  let lastOffsetDelta = -1;
  let maxTimestamp = baseTimestamp;
  for (const record of records) {
    lastOffsetDelta = record.offsetDelta ?? lastOffsetDelta + 1;
    const timestamp = record.timestamp ?? baseTimestamp;
    maxTimestamp = Math.max(maxTimestamp, timestamp);
    writeRecord(body, record, timestamp - baseTimestamp, lastOffsetDelta);
  }
  const compressed = deflate(body.finish(), batch);
  const writer = new Writer(BATCH_HEADER + compressed.length);
  writer.int64(batch.baseOffset ?? 0);
  writer.int32(BATCH_HEADER + compressed.length - BATCH_PREFIX);
  writer.int32(batch.leaderEpoch ?? -1);
  writer.int8(2);
  writer.uint32(0);
  writer.int16(attributesOf(batch));
  writer.int32(batch.lastOffsetDelta ?? Math.max(0, lastOffsetDelta));
  writer.int64(baseTimestamp);
  writer.int64(batch.maxTimestamp ?? maxTimestamp);
  writer.int64(batch.producerId ?? -1);
  writer.int16(batch.producerEpoch ?? -1);
  writer.int32(batch.baseSequence ?? -1);
  writer.int32(records.length);
  writer.bytes(compressed);
  return withCrc(writer.finish());
}

/** The batch that ends a producer's transaction. */
export function encodeControlBatch(type: 'abort' | 'commit', batch: NewBatch = {}): Buffer {
  const key = Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1]);
  const value = Buffer.alloc(6); // version 0 and the coordinator's epoch
  return encodeBatch([{ key, value }], { ...batch, isTransactional: true, isControl: true, compression: 'none' });
}

/** Writes the right CRC into a batch whose bytes were changed. Changes it in place. */
export function withCrc(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

function deflate(body: Buffer, { compression = 'none', deflate: own }: NewBatch): Buffer {
  if (own !== undefined) return own(body);
  if (compression === 'none') return body;
  if (compression === 'gzip') return gzipSync(body);
  throw new RangeError(`${compression} needs deflate`);
}

function attributesOf({ compression = 'none', timestampType, isTransactional, isControl, hasDeleteHorizon }: NewBatch): number {
  const flags = [timestampType === 'LogAppendTime', isTransactional, isControl, hasDeleteHorizon];
  return flags.reduce((bits: number, flag, i) => (flag === true ? bits | (8 << i) : bits), compressions.indexOf(compression));
}

function writeRecord(into: Writer, record: NewRecord, delta: number, offsetDelta: number): void {
  const writer = new Writer(64);
  writer.int8(0);
  writer.varlong(delta);
  writer.varint(offsetDelta);
  writeSized(writer, record.key ?? null);
  writeSized(writer, record.value ?? null);
  const headers = record.headers ?? [];
  writer.varint(headers.length);
  for (const [name, value] of headers) {
    writeSized(writer, Buffer.from(name, 'utf8'));
    writeSized(writer, value);
  }
  into.varint(writer.length);
  into.bytes(writer.finish());
}

function writeSized(writer: Writer, value: Buffer | null): void {
  writer.varint(value === null ? -1 : value.length);
  if (value !== null) writer.bytes(value);
}
