import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c, softwareCrc32c } from '../../src/protocol/crc32c.ts';

/** A bit at a time, by the book. */
function plain(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

test.each([crc32c, softwareCrc32c])('the check value, and none for no bytes', (of) => {
  expect(of(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(of(Buffer.alloc(0))).toBe(0);
});

test('eight bytes a step is the same as a bit at a time, at every length and alignment', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: 8 }), (bytes, skip) => {
      const view = Buffer.from(bytes).subarray(skip);
      expect([softwareCrc32c(view), crc32c(view)]).toEqual([plain(view), plain(view)]);
    }),
  );
});
