import { createRequire } from 'node:module';

/** CRC-32C (Castagnoli) of some bytes, as an unsigned number. */
export type Crc32c = (bytes: Buffer) => number;

const POLYNOMIAL = 0x82f63b78;

/** Sixteen tables of 256: the n-th tells what a byte does n bytes later. */
function buildTables(): Int32Array {
  const tables = new Int32Array(16 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const before = tables[i - 256] ?? 0;
    tables[i] = (before >>> 8) ^ (tables[before & 0xff] ?? 0);
  }
  return tables;
}

const tables = buildTables();

/** Sixteen bytes a step ("slicing-by-16"), through a DataView: a Buffer's own methods check each argument, which takes three times as long. */
export function softwareCrc32c(bytes: Buffer): number {
  const t = tables;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length;
  let crc = -1;
  let at = 0;
  for (const whole = end - (end % 16); at < whole; at += 16) {
    const a = crc ^ view.getInt32(at, true);
    const b = view.getInt32(at + 4, true);
    const c = view.getInt32(at + 8, true);
    const d = view.getInt32(at + 12, true);
    crc =
      (t[3840 + (a & 0xff)] ?? 0) ^
      (t[3584 + ((a >>> 8) & 0xff)] ?? 0) ^
      (t[3328 + ((a >>> 16) & 0xff)] ?? 0) ^
      (t[3072 + (a >>> 24)] ?? 0) ^
      (t[2816 + (b & 0xff)] ?? 0) ^
      (t[2560 + ((b >>> 8) & 0xff)] ?? 0) ^
      (t[2304 + ((b >>> 16) & 0xff)] ?? 0) ^
      (t[2048 + (b >>> 24)] ?? 0) ^
      (t[1792 + (c & 0xff)] ?? 0) ^
      (t[1536 + ((c >>> 8) & 0xff)] ?? 0) ^
      (t[1280 + ((c >>> 16) & 0xff)] ?? 0) ^
      (t[1024 + (c >>> 24)] ?? 0) ^
      (t[768 + (d & 0xff)] ?? 0) ^
      (t[512 + ((d >>> 8) & 0xff)] ?? 0) ^
      (t[256 + ((d >>> 16) & 0xff)] ?? 0) ^
      (t[d >>> 24] ?? 0);
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ (t[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return (crc ^ -1) >>> 0;
}

/** The native one, if the optional peer `@node-rs/crc32` is installed and works here: about 4 GB/s. */
function nativeCrc32c(): Crc32c | undefined {
  try {
    const found: unknown = createRequire(import.meta.url)('@node-rs/crc32');
    if (typeof found !== 'object' || found === null || !('crc32c' in found) || typeof found.crc32c !== 'function') return undefined;
    const native = found.crc32c as Crc32c;
    return native(Buffer.from('123456789')) === 0xe3069283 ? native : undefined;
  } catch {
    return undefined;
  }
}

export const crc32c: Crc32c = nativeCrc32c() ?? softwareCrc32c;
