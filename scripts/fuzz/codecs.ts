import { gzipSync } from 'node:zlib';
import { compressors, lz4Frame, snappyOf, xerial } from '../../test/protocol/compressed.ts';

/** Compresses in the ways that are met: snappy raw and framed, lz4 in a frame and stored, zstd stored, since nothing here writes it. */
export function deflate(codec: number, body: Buffer, other: boolean): Buffer {
  switch (codec) {
    case 1:
      return gzipSync(body, { level: 1 });
    case 2:
      return other ? xerial([snappyOf(body)]) : snappyOf(body);
    case 3:
      return other ? lz4Stored(body) : compressors.lz4(body);
    case 4:
      return zstdStored(body);
    default:
      return body;
  }
}

const LARGEST = 65_536;

function lz4Stored(body: Buffer): Buffer {
  if (body.length === 0 || body.length > LARGEST) return compressors.lz4(body);
  const frame = lz4Frame([body]);
  frame.writeUInt32LE((body.length | 0x80000000) >>> 0, 7);
  return frame;
}

/** Blocks of kind 0, in a window of 2 MiB, without a size. */
function zstdStored(body: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])];
  let at = 0;
  do {
    const block = body.subarray(at, at + LARGEST);
    at += block.length;
    const header = Buffer.alloc(3);
    header.writeUIntLE(block.length * 8 + (at >= body.length ? 1 : 0), 0, 3);
    parts.push(header, block);
  } while (at < body.length);
  return Buffer.concat(parts);
}

/** 40 records by zstd's own library: what they are uncompressed begins and ends as records do. */
export const zstdRecords: { readonly count: number; readonly body: Buffer } = {
  count: 40,
  body: Buffer.from(
    `KLUv/WQCBwUVALZfbEAQc5MOtm0FgG3bCgDbthUAtm0rAGzbQAAuVSnt7lsNbzd/iZKAGPPeJMm53XvvLaV0fds+JeH9v73r440YsWSnYwBYAFgAnw5Cd7IfzOWifrLb5AFQuYZPCZdZ
     5XmEz14lkVZUWvaEqb6FT2WRaIWCwpFS6ALL1YIhBWQSeYV2UaEUlNL1Mc3GsVquUSjFIrFAoVIIVGKxONaFopLBImkcC7RibShh/0EBGBJnLvI5A5gO/3w+2F5rSIEJx0ufktdxh0Wm
     GB+tXtXrXkZgUqEOsnpayDTipM/WlLVBppePztgAduOb2FFq7KgABuOMw6dUp9BtWIqLPp+qvg4LwER8Qgv3ZVo0bfpeZ0xsa+m2s5kPJzXHCLtROt72Yw9cQM04qW2nkVAsPvqM8rGu
     AqrEP23h9raNCSgPZy9nigCT49anQj2AkXEJn9LJCD3Swqw46elVsYRvRwJnzKPp8c3nwthxOxob7RbyO9G8+OhxXDbRoHiuRcclmhBQpWsIoeLROjI/qGr8s+w26nI7qFycvXy6jlI5
     NqhOtJONGVQg/jlznMyOW3Gj444rY4YGuxeAhaiBUAohmdG0hf0MEEOZMW4RYAgCMQvKhGN55gEoT4Msl1cSi6wnlUDLAuyyhWH8APvzFg4SETz7xewyXPCknM/NpzGaDYTSg6w8Gcr9
     yzEW95LoTD6XyUCIAFd7cjyJCDKXpjp6jTunCXEH3z5dh3Cl6e+w9ZqecgP/jjv5ujS4p5WdRVMg5TYue5ZwB7/gYAcltk8Jkn7Rs3vmslaydXasraumITRW55du5dbFz/ztlkIIv1I2
     GKLwV5Dqxv725ensLkSJS03IehLirr7Acz0rY/dgq+wB5Fi0d2XC8auw3BP6SwUTgIJVASkhMgs=`,
    'base64',
  ),
};
