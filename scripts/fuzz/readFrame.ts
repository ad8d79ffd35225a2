import { UnsupportedCodecError } from '../../src/errors/family.ts';
import { AbortedFilter } from '../../src/fetch/aborted.ts';
import { MAX_INFLATED } from '../../src/protocol/compression.ts';
import { fetchApi } from '../../src/protocol/apis/fetch.ts';
import type { FetchPart } from '../../src/protocol/fetchParts.ts';
import { FetchWalk } from '../../src/protocol/fetchWalk.ts';
import { decodeResponse } from '../../src/protocol/header.ts';
import { MalformedError } from '../../src/protocol/MalformedError.ts';
import type { BatchView } from '../../src/protocol/recordBatch.ts';
import { Contents } from '../../src/table/contents.ts';
import type { Contained } from './answers.ts';
import type { Frame } from './decoding.ts';
import { Finding } from './finding.ts';
import type { Meter } from './meter.ts';

/** What became of a frame. */
export interface Reading extends Contained {
  /** The answer as a whole was refused. */
  refused: boolean;
  /** Places where a batch should have been. */
  corrupt: number;
  wrongCrcs: number;
  /** Batches that could not be opened. */
  unreadable: number;
}

/** Before whatever stands in a frame: a few answers' worth. */
const ALLOWANCE = 1024 * 1024;
/** What is held beside the bytes themselves: the frame, a copy of it, an index of each record. */
const TIMES = 64;

/**
 * Reads a frame as a consumer does, down to the last header of each record, whether or not the checksum is good, and throws Finding for whatever may not
 * happen: another error than those for bad bytes, more parts or records than there is room for, what lies outside of its batch, allocations that
 * nothing in the frame accounts for.
 */
export function readFrame(frame: Frame, meter?: Meter): Reading {
  const reading: Reading = {
    refused: false,
    corrupt: 0,
    wrongCrcs: 0,
    unreadable: 0,
    partitions: 0,
    batches: 0,
    records: 0,
    valueBytes: 0,
  };
  meter?.reset();
  const budget = new Budget(frame.bytes.length);
  let filter = new AbortedFilter(null);
  let last: FetchPart | undefined;
  try {
    for (const part of partsOf(frame)) {
      budget.step();
      last = part;
      if (part.kind === 'partition') {
        reading.partitions++;
        filter = new AbortedFilter(part.header.abortedTransactions);
      } else if (part.kind === 'batch') readBatch(part.batch, filter, reading, budget);
      else if (part.kind === 'corrupt') reading.corrupt++;
    }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    reading.refused = true;
  }
  if (!reading.refused && last?.kind !== 'end') throw new Finding('it is neither refused nor read to its end');
  if (frame.ends.length > 1 && isRefused(frame) !== reading.refused) throw new Finding('what is refused depends on how it comes');
  if (meter !== undefined) checkMemory(meter, budget);
  if (frame.contained !== undefined) checkContents(reading, frame.contained);
  return reading;
}

/** As a whole, and not while it is arriving. */
function isRefused({ version, bytes }: Frame): boolean {
  try {
    decodeResponse(fetchApi, version, bytes);
    return false;
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return true;
  }
}

/** What is not there yet holds other bytes: who looks at it is found out. */
function* partsOf({ version, bytes, ends }: Frame): Generator<FetchPart> {
  const walk = new FetchWalk(version);
  const arriving = Buffer.allocUnsafeSlow(bytes.length).fill(0xa5);
  let at = 0;
  for (const end of ends) {
    bytes.copy(arriving, at, at, end);
    at = end;
    yield* walk.advance(arriving, at);
  }
}

/** Steps and bytes that a frame of that size can account for. */
class Budget {
  /** Bytes that may have been allocated. */
  bytes: number;
  private left: number;

  constructor(length: number) {
    this.left = length + 16;
    this.bytes = ALLOWANCE + TIMES * length;
  }

  /** No part, record or header is shorter than a byte. */
  step(): void {
    if (--this.left < 0) throw new Finding('it goes on for more steps than it has bytes');
  }

  inflated(bytes: number): void {
    this.left += bytes;
    this.bytes += TIMES * bytes + ALLOWANCE;
  }

  /** What cannot be opened may have been inflated up to the most that there may be. */
  refused(): void {
    this.bytes += 2 * MAX_INFLATED;
  }
}

function readBatch(batch: BatchView, filter: AbortedFilter, reading: Reading, budget: Budget): void {
  const { baseOffset, nextOffset, sizeInBytes, compression } = batch;
  reading.batches++;
  if (!batch.crcIsGood()) reading.wrongCrcs++;
  if (sizeInBytes < 61 || baseOffset < 0 || nextOffset <= baseOffset || !Number.isSafeInteger(nextOffset))
    throw new Finding(`a batch of ${sizeInBytes} bytes from ${baseOffset} up to ${nextOffset}`);
  filter.isDeliverable(batch);
  let contents: Contents;
  try {
    contents = Contents.open('t', 0, batch);
  } catch (error) {
    if (!(error instanceof MalformedError || error instanceof UnsupportedCodecError)) throw error;
    reading.unreadable++;
    if (compression !== 'none') budget.refused();
    return;
  }
  if (compression !== 'none') budget.inflated(contents.bytes);
  readRecords(contents, batch, reading, budget);
}

function readRecords(contents: Contents, batch: BatchView, reading: Reading, budget: Budget): void {
  if (contents.count !== batch.recordCount) throw new Finding(`${contents.count} records instead of ${batch.recordCount}`);
  let before = batch.baseOffset - 1;
  let bytes = 0;
  for (let index = 0; index < contents.count; index++) {
    budget.step();
    const offset = contents.offsetAt(index);
    if (offset <= before || offset >= batch.nextOffset)
      throw new Finding(`offset ${offset} after ${before}, in a batch up to ${batch.nextOffset}`);
    before = offset;
    if (!Number.isFinite(contents.timestampAt(index))) throw new Finding('a timestamp that is none');
    const size = contents.sizeAt(index);
    const fields = (contents.keyAt(index)?.length ?? 0) + (contents.valueAt(index)?.length ?? 0);
    if (size < fields) throw new Finding(`a record of ${size} bytes with ${fields} in it`);
    bytes += fields;
    for (const [name, value] of contents.headersAt(index))
      if (name.length + (value?.length ?? 0) > size) throw new Finding('a header that is larger than its record');
  }
  if (batch.isControl) return;
  reading.records += contents.count;
  reading.valueBytes += bytes;
}

function checkMemory(meter: Meter, budget: Budget): void {
  if (meter.largest > MAX_INFLATED) throw new Finding(`${meter.largest} bytes were allocated at once`);
  if (meter.bytes > budget.bytes) throw new Finding(`${meter.bytes} bytes were allocated, and ${budget.bytes} are accounted for`);
}

/** Nothing was wrong with it: all that is in it comes out of it. */
function checkContents(reading: Reading, contained: Contained): void {
  const { refused, corrupt, wrongCrcs, unreadable } = reading;
  if (refused || corrupt + wrongCrcs + unreadable > 0) throw new Finding(`a good frame is refused: ${JSON.stringify(reading)}`);
  const same = (['partitions', 'batches', 'records'] as const).every((what) => reading[what] === contained[what]);
  if (!same || (!Number.isNaN(contained.valueBytes) && reading.valueBytes !== contained.valueBytes))
    throw new Finding(`in a good frame are ${JSON.stringify(contained)}, and ${JSON.stringify(reading)} come out of it`);
}
