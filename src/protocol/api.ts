import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** How a value of one type stands on the wire, in each version of its message. */
export interface Schema<T> {
  read(reader: Reader, version: number): T;
  write(writer: Writer, value: T, version: number): void;
}

/** One Kafka API: its key, the versions that we speak, and both messages of it. */
export interface Api<Q, R> {
  /** Kafka's name without `Request`: `Fetch`. */
  readonly name: string;
  readonly key: number;
  /** The lowest and the highest version that we speak. */
  readonly versions: readonly [min: number, max: number];
  /** The first flexible version (KIP-482): compact strings and arrays, tagged fields, request header v2. */
  readonly flexible: number;
  /** The highest version that can say this request, where that is not the highest at all: topics go by ids from some version on, and not all ids may be known. */
  upTo?(request: Q): number;
  readonly request: Schema<Q>;
  readonly response: Schema<R>;
}
