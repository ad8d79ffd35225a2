import { createRequire } from 'node:module';
import * as zlib from 'node:zlib';
import { UnsupportedCodecError } from '../errors/family.ts';
import { packageFor, readerOf, type Load, type Reader } from './compressionCodecs.ts';
import { MalformedError } from './MalformedError.ts';

/** Kafka's codecs, by their number in a batch's attributes. */
export const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** How the records of a batch are compressed; a number that Kafka has not given out is named as such. */
export type Compression = (typeof compressions)[number] | `codec ${number}`;

/** The most that one batch may become: 256 MiB. A broker takes 1 MiB by default. */
export const MAX_INFLATED: number = 2 ** 28;

/** The name of the codec with that number. */
export function compressionOf(id: number): Compression {
  return compressions[id] ?? `codec ${id}`;
}

/** Uncompresses the records of a batch. */
export type Inflate = (compression: Compression, body: Buffer) => Buffer;

/**
 * Uncompresses with what `load` finds, and with what `node`, the module zlib, has; both are looked at when a codec is first met.
 *
 * What is missing is looked for again the next time: a subscriber who comes back after the error may have installed it.
 */
export function inflaterOf(load: Load, node: object = zlib): Inflate {
  const readers = new Map<Compression, Reader>();
  return (compression, body) => {
    if (compression === 'none') return body;
    const read = readers.get(compression) ?? found(compression, readerOf(compression, load, node));
    readers.set(compression, read);
    try {
      return read(body, MAX_INFLATED);
    } catch (cause) {
      throw new MalformedError(`${compression}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  };
}

/**
 * The records of a batch, uncompressed.
 *
 * Throws UnsupportedCodecError where nothing installed reads the codec, and MalformedError for bytes that are not in that codec or
 * become more than 256 MiB.
 */
export const inflate: Inflate = inflaterOf(createRequire(import.meta.url));

function found(compression: Compression, reader: Reader | Error | undefined): Reader {
  if (typeof reader === 'function') return reader;
  throw new UnsupportedCodecError(compression, packageFor(compression), { cause: reader });
}
