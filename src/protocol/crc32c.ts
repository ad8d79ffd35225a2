import { createRequire } from 'node:module';

/** CRC-32C (Castagnoli) of some bytes, as an unsigned number. */
export type Crc32c = (bytes: Buffer) => number;

const POLYNOMIAL = 0x82f63b78;

/** Eight tables of 256: the n-th tells what a byte does n bytes later. */
function buildTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
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

/** Eight bytes a step ("slicing-by-8"): 0.5 to 1 GB/s. */
export function softwareCrc32c(bytes: Buffer): number {
  const t = tables;
  const end = bytes.length;
  let crc = -1;
  let at = 0;
  for (const whole = end - (end % 8); at < whole; at += 8) {
    const low = crc ^ bytes.readInt32LE(at);
    const high = bytes.readInt32LE(at + 4);
    crc =
      (t[1792 + (low & 0xff)] ?? 0) ^
      (t[1536 + ((low >>> 8) & 0xff)] ?? 0) ^
      (t[1280 + ((low >>> 16) & 0xff)] ?? 0) ^
      (t[1024 + (low >>> 24)] ?? 0) ^
      (t[768 + (high & 0xff)] ?? 0) ^
      (t[512 + ((high >>> 8) & 0xff)] ?? 0) ^
      (t[256 + ((high >>> 16) & 0xff)] ?? 0) ^
      (t[high >>> 24] ?? 0);
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
