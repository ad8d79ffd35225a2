/** Plays the frames that it is told to, in a process of its own; ends with who tells it. See crew.ts. */
import { writeSync } from 'node:fs';
import process from 'node:process';
import { installMeter } from './meter.ts';

// Before the rest is loaded: packages remember the constructors that they find.
const meter = installMeter();
const { playChunk } = await import('./chunk.ts');

/** Where the number of the frame is written before it is played: whoever finds this process hanging, or dead, looks there. */
const MARKER = 3;

Error.stackTraceLimit = 0; // refusing costs less
const bytes = Buffer.alloc(8);
let number = -1;

process.on('uncaughtException', (error) => {
  process.send?.({ uncaught: { number, message: String(error) } });
});
process.on('message', (chunk: Parameters<typeof playChunk>[0]) => {
  const outcome = playChunk(chunk, meter, (next) => {
    number = next;
    bytes.writeDoubleBE(number);
    writeSync(MARKER, bytes, 0, 8, 0);
  });
  process.send?.({ outcome: { ...outcome, rss: process.resourceUsage().maxRSS * 1024 } });
});
process.on('disconnect', () => {
  process.exit();
});
