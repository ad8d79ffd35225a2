/** A mistake that a consumer can have, as a change of a file of ours. */
export interface Bug {
  readonly name: string;
  /** What it is, in a sentence. */
  readonly what: string;
  readonly file: string;
  /** Texts of that file, each there exactly once, and what stands in their places. */
  readonly replace: readonly (readonly [text: string, by: string])[];
  /** Which marble notices it, by path and name; `none`: it takes a random life. */
  readonly marble: string;
}

/** The text of its file with the bug in it. Throws where that text is not what the bug is a change of. */
export function withBug({ name, file, replace }: Bug, text: string): string {
  return replace.reduce((before, [from, to]) => {
    const times = before.split(from).length - 1;
    if (times !== 1) throw new RangeError(`${name}: ${file} has ${String(times)} times what is there once:\n${from}`);
    return before.replace(from, () => to);
  }, text);
}
