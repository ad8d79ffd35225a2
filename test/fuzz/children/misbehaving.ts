/** Plays frames as scripts/fuzz/runner.ts does; at some of them it does what a decoder may never do. */
import { writeSync } from 'node:fs';
import process from 'node:process';
import type { Chunk } from '../../../scripts/fuzz/chunk.ts';

const MARKER = 3;
const HANGS = 3;
const DIES = 5;

process.on('message', ({ from, count }: Chunk) => {
  for (let number = from; number < from + count; number++) {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(number);
    writeSync(MARKER, bytes, 0, 8, 0);
    while (number === HANGS);
    if (number === DIES) process.abort();
  }
  process.send?.({ outcome: { found: [], counts: [['frames', count]], slowest: 0, rss: 0 } });
});
process.on('disconnect', () => {
  process.exit();
});
