import { fetchApi, fetchStretches as stretches, type AnsweredTopic, type PartitionTags } from './apis/fetch.ts';
import type { FetchPart } from './fetchParts.ts';
import { readResponseHeader } from './header.ts';
import { MalformedError } from './MalformedError.ts';
import { Reader } from './reader.ts';
import type { BatchView } from './recordBatch.ts';
import { batchAt } from './splitBatches.ts';
import type { Layout, SizedType } from './types.ts';

/** A walk yields nothing where it has to wait for more bytes. */
type Walk<T> = Generator<FetchPart | undefined, T, undefined>;

/**
 * Reads one Fetch answer while it is still arriving: each part is there as soon as its last byte is.
 *
 * The frame is one buffer from the beginning, and the batches are views of it. Nothing is read twice but the few fields that the end of a chunk
 * cut: to read on behind the end of what has arrived is to wait, and only in a whole frame it is an error.
 */
export class FetchWalk {
  readonly #layout: Layout;
  readonly #version: number;
  #frame: Buffer = Buffer.alloc(0);
  #filled = 0;
  #at = 0;
  #walk: Walk<void> | undefined;

  /** `version`: of the request. */
  constructor(version: number) {
    this.#version = version;
    this.#layout = { version, flexible: version >= fetchApi.flexible };
  }

  /**
   * The parts that can be read now and could not before. `frame`: without its length, the same one each time; the first `filled` bytes are there.
   *
   * Throws MalformedError for bytes that are no such answer, at the latest when all are there.
   */
  *advance(frame: Buffer, filled: number): Generator<FetchPart> {
    this.#frame = frame;
    this.#filled = filled;
    this.#walk ??= this.#answer();
    for (;;) {
      const { done, value: part } = this.#walk.next();
      if (done === true || part === undefined) return;
      yield part;
    }
  }

  *#answer(): Walk<void> {
    const { head, topics, tail } = stretches;
    const first = yield* this.#read((reader) => {
      readResponseHeader(reader, fetchApi, this.#version);
      return head.read(reader, this.#layout);
    });
    yield { kind: 'head', version: this.#version, ...first };
    for (let left = yield* this.#count(topics); left > 0; left--) yield* this.#topic();
    const { nodeEndpoints } = yield* this.#read((reader) => tail.read(reader, this.#layout));
    const { length } = this.#frame;
    if (this.#at < length)
      throw new MalformedError(`${String(length - this.#at)} bytes are left after Fetch version ${String(this.#version)}`);
    yield { kind: 'end', bytes: length, nodeEndpoints };
  }

  *#topic(): Walk<void> {
    const topic = yield* this.#read((reader) => stretches.topic.read(reader, this.#layout));
    for (let left = yield* this.#count(stretches.partitions); left > 0; left--) yield* this.#partition(topic);
    yield* this.#read((reader) => this.#skipTags(reader));
  }

  /** A broker that has tags to tell sends no records. If one does both, the header is told once more behind them. */
  *#partition(of: AnsweredTopic): Walk<void> {
    const start = yield* this.#read((reader) => stretches.start.read(reader, this.#layout));
    const length = yield* this.#length(stretches.records, -1);
    const header = (tags: PartitionTags): FetchPart => ({ kind: 'partition', header: { ...of, ...start, ...tags } });
    if (length > 0) {
      yield header(stretches.tags.initial);
      yield* this.#records({ ...of, partition: start.partitionIndex }, length);
    }
    const tags = yield* this.#read((reader) => stretches.tags.read(reader, this.#layout));
    if (length <= 0 || saysSomething(tags)) yield header(tags);
  }

  *#records(of: AnsweredTopic & { readonly partition: number }, length: number): Walk<void> {
    const from = this.#at;
    const records = this.#frame.subarray(from, from + length);
    let before: BatchView | undefined;
    let at = 0;
    for (;;) {
      const step = batchAt(records, at, Math.min(length, this.#filled - from), before);
      if (step.kind === 'more') {
        yield undefined;
      } else if (step.kind === 'batch') {
        yield { kind: 'batch', ...of, batch: step.batch };
        before = step.batch;
        at += step.batch.sizeInBytes;
      } else {
        if (step.kind === 'corrupt') yield { kind: 'corrupt', ...of, offset: step.offset, reason: step.reason };
        this.#at = from + length;
        return;
      }
    }
  }

  /** How many elements follow. No element is shorter than a byte. */
  #count(of: Pick<SizedType<unknown>, 'readLength'>): Walk<number> {
    return this.#length(of, 0);
  }

  /** A length that the rest of the frame has room for. */
  *#length(of: Pick<SizedType<unknown>, 'readLength'>, smallest: number): Walk<number> {
    const length = yield* this.#read((reader) => of.readLength(reader, this.#layout));
    const left = this.#frame.length - this.#at;
    if (length < smallest || length > left)
      throw new MalformedError(`a length of ${String(length)} before byte ${String(this.#at)}, ${String(left)} are left`);
    return length;
  }

  *#read<T>(decode: (reader: Reader) => T): Walk<T> {
    for (;;) {
      const whole = this.#filled === this.#frame.length;
      const reader = new Reader(this.#frame, this.#at, this.#filled);
      try {
        const value = decode(reader);
        this.#at = reader.position;
        return value;
      } catch (error) {
        if (whole || !(error instanceof MalformedError)) throw error;
      }
      yield undefined;
    }
  }

  #skipTags(reader: Reader): void {
    if (this.#layout.flexible) reader.skipTags();
  }
}

const { divergingEpoch, currentLeader, snapshotId } = stretches.tags.initial;

function saysSomething(tags: PartitionTags): boolean {
  return tags.divergingEpoch !== divergingEpoch || tags.currentLeader !== currentLeader || tags.snapshotId !== snapshotId;
}
