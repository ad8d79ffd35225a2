import { compressors, snappyOf, xerial } from '../../protocol/compressed.ts';
import type { Compression } from '../../support/kafka.ts';

type Deflate = (body: Buffer) => Buffer;

const XERIAL_CHUNK = 32_768;
const ZSTD_BLOCK = 131_072;

/** Writes a codec as Kafka's own producer does; zstd is written without gaining anything. Undefined: the encoder of batches knows how. */
export function deflateOf(codec: Compression): Deflate | undefined {
  switch (codec) {
    case 'none':
    case 'gzip':
      return undefined;
    case 'snappy':
      return (body) => xerial(pieces(body, XERIAL_CHUNK).map(snappyOf));
    case 'lz4':
      return compressors.lz4;
    case 'zstd':
      return stored;
    default:
      return codec satisfies never;
  }
}

function pieces(body: Buffer, size: number): readonly Buffer[] {
  return Array.from({ length: Math.ceil(body.length / size) }, (_, index) => body.subarray(index * size, (index + 1) * size));
}

/** A frame of zstd whose blocks are raw: Node 20 has no encoder. */
function stored(body: Buffer): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]);
  const blocks = pieces(body, ZSTD_BLOCK);
  return Buffer.concat([
    header,
    ...blocks.flatMap((block, index) => {
      const size = Buffer.alloc(3);
      size.writeUIntLE(block.length * 8 + (index === blocks.length - 1 ? 1 : 0), 0, 3);
      return [size, block];
    }),
  ]);
}
