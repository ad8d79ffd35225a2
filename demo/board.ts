import process from 'node:process';
import type { PartitionStream } from '../src/index.ts';

/** What the demo shows of one partition. */
interface Lane {
  readonly member: string;
  readonly stream: PartitionStream;
  billed: number;
}

/** What is left of the terminal's line beside the numbers. */
const width = Math.max(4, Math.min(30, (process.stdout.isTTY ? process.stdout.columns : 120) - 66));

/** Where each partition stands: who has it, how far it is, and what is left. */
export class Board {
  readonly #lanes = new Map<string, Lane>();
  readonly #seen = new Set<string>();
  #repeated = 0;

  /** A member was given a partition. */
  assigned(member: string, stream: PartitionStream): void {
    const billed = this.#lanes.get(stream.key)?.billed ?? 0;
    this.#lanes.set(stream.key, { member, stream, billed });
  }

  /** An order was worked off. */
  billed({ topic, partition, offset }: { readonly topic: string; readonly partition: number; readonly offset: number }): void {
    const place = `${topic}-${String(partition)}`;
    const lane = this.#lanes.get(place);
    if (lane !== undefined) lane.billed++;
    if (this.#seen.has(`${place}@${String(offset)}`)) this.#repeated++;
    this.#seen.add(`${place}@${String(offset)}`);
  }

  get total(): number {
    return this.#seen.size;
  }

  get repeated(): number {
    return this.#repeated;
  }

  /** A line per partition. */
  lines(): readonly string[] {
    return [...this.#lanes.values()].sort((a, b) => a.stream.partition - b.stream.partition).map(line);
  }
}

function line({ member, stream, billed }: Lane): string {
  const lag = stream.lag ?? 0;
  const done = Math.round((width * billed) / Math.max(1, billed + lag));
  const bar = '█'.repeat(done) + '░'.repeat(width - done);
  const numbers = `billed ${String(billed).padStart(3)}  lag ${String(lag).padStart(3)}  committed ${String(stream.committed ?? 0).padStart(3)}`;
  return `  ${stream.key.padEnd(10)} ${bar}  ${numbers}  ${member}`;
}
