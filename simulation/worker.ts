import process from 'node:process';
import { playRange } from './lives/range.ts';

/** Plays the lives that it is told to, for `main.ts`: one process for each core. */
process.on('message', ({ from, count }: { readonly from: number; readonly count: number }) => {
  process.send?.(playRange(from, count));
});
