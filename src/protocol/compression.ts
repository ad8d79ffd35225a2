import { gunzipSync } from 'node:zlib';
import { UnsupportedCodecError } from '../errors/family.ts';
import { MalformedError } from './MalformedError.ts';

/** Kafka's codecs, by their number in a batch's attributes. */
export const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** How the records of a batch are compressed; a number that Kafka has not given out is named as such. */
export type Compression = (typeof compressions)[number] | `codec ${number}`;

/** The most that one batch may become: 1 GiB. */
const MAX_INFLATED = 2 ** 30;

/** Either how to read a codec, or the package that would. */
type Codec = { readonly inflate: (body: Buffer) => Buffer } | { readonly install: string };

const codecs: ReadonlyMap<Compression, Codec> = new Map<Compression, Codec>([
  ['none', { inflate: (body) => body }],
  ['gzip', { inflate: (body) => gunzipSync(body, { maxOutputLength: MAX_INFLATED, chunkSize: 64 * 1024 }) }],
  ['snappy', { install: 'snappy' }],
  ['lz4', { install: 'lz4-napi' }],
  ['zstd', { install: 'fzstd' }],
]);

/** The name of the codec with that number. */
export function compressionOf(id: number): Compression {
  return compressions[id] ?? `codec ${id}`;
}

/**
 * The records of a batch, uncompressed.
 *
 * Throws UnsupportedCodecError where nothing installed reads the codec, and MalformedError for bytes that are not in that codec or
 * become more than 1 GiB.
 */
export function inflate(compression: Compression, body: Buffer): Buffer {
  const codec = codecs.get(compression) ?? { install: '' };
  if ('install' in codec) throw new UnsupportedCodecError(compression, codec.install);
  try {
    return codec.inflate(body);
  } catch (cause) {
    throw new MalformedError(`${compression}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
