import { readFileSync } from 'node:fs';

/** A record that a process has worked off. */
export interface Line {
  readonly partition: number;
  readonly offset: number;
  readonly at: number;
}

/** What `children/appender.ts` has written so far. */
export function linesOf(path: string): readonly Line[] {
  let content = '';
  try {
    content = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  const whole = content.slice(0, content.lastIndexOf('\n') + 1).split('\n');
  return whole
    .filter((line) => line !== '')
    .map((line) => {
      const [partition = -1, offset = -1, at = 0] = line.split(' ').map(Number);
      return { partition, offset, at };
    });
}
