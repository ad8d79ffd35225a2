import process from 'node:process';
import { playRange } from './lives/range.ts';

/** Plays the lives that it is told to, one process for each core; ends with who tells it. */
process.on('message', ({ from, count }: { readonly from: number; readonly count: number }) => {
  process.send?.(playRange(from, count));
});
process.on('disconnect', () => {
  process.exit();
});
