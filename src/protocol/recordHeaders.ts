import type { RecordHeaders } from '../model/record.ts';
import { MalformedError } from './MalformedError.ts';
import { VarintWalk } from './varint.ts';

type Header = readonly [name: string, value: Buffer | null];

/** Headers that are decoded when somebody first looks at one. */
class LazyHeaders implements RecordHeaders {
  readonly length: number;
  readonly #body: Buffer;
  readonly #at: number;
  #decoded: readonly Header[] | undefined;

  constructor(body: Buffer, at: number, length: number) {
    this.#body = body;
    this.#at = at;
    this.length = length;
  }

  get(name: string): Buffer | null | undefined {
    return this.#all().findLast((header) => header[0] === name)?.[1];
  }

  getAll(name: string): readonly (Buffer | null)[] {
    return this.#all()
      .filter((header) => header[0] === name)
      .map((header) => header[1]);
  }

  [Symbol.iterator](): Iterator<Header> {
    return this.#all()[Symbol.iterator]();
  }

  #all(): readonly Header[] {
    return (this.#decoded ??= decode(this.#body, this.#at, this.length));
  }
}

function decode(body: Buffer, at: number, length: number): readonly Header[] {
  const walk = new VarintWalk(body, at, body.length);
  const take = (size: number): Buffer => {
    if (size < 0 || size > body.length - walk.at)
      throw new MalformedError(`a header of ${String(size)} bytes at byte ${String(walk.at)} of the records`);
    walk.at += size;
    return body.subarray(walk.at - size, walk.at);
  };
  const headers: Header[] = [];
  for (let i = 0; i < length; i++) {
    const name = take(walk.int32()).toString('utf8');
    const size = walk.int32();
    headers.push([name, size === -1 ? null : take(size)]);
  }
  return headers;
}

const none: RecordHeaders = new LazyHeaders(Buffer.alloc(0), 0, 0);

/** The headers that begin at that byte of a batch's records. Their values are views of the batch. */
export function readHeaders(body: Buffer, at: number): RecordHeaders {
  if (body[at] === 0) return none;
  const walk = new VarintWalk(body, at, body.length);
  const length = walk.int32();
  if (length < 0) throw new MalformedError(`${String(length)} headers at byte ${String(at)} of the records`);
  return new LazyHeaders(body, walk.at, length);
}
