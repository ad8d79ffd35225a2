import process from 'node:process';

/** Draws some lines again and again in one place on a terminal; elsewhere writes them down every few seconds. */
export class Screen {
  #drawn = 0;
  #writtenAt = -Infinity;

  draw(lines: readonly string[]): void {
    if (lines.length === 0) return;
    if (process.stdout.isTTY) {
      if (this.#drawn > 0) process.stdout.write(`\u001b[${String(this.#drawn)}A\u001b[J`);
      this.#drawn = lines.length;
    } else {
      if (performance.now() - this.#writtenAt < 2_000) return;
      this.#writtenAt = performance.now();
    }
    process.stdout.write(`${lines.join('\n')}\n${process.stdout.isTTY ? '' : '\n'}`);
  }

  /** A line above what is drawn next. */
  say(line: string): void {
    process.stdout.write(`${line}\n`);
    this.#drawn = 0;
  }

  /** The next lines are written in any case. */
  last(): void {
    this.#writtenAt = -Infinity;
  }
}
