/** A record that a process has handled. Times: milliseconds of the day's clock, with fractions, the same one in all processes. */
export interface Handled {
  readonly member: string;
  readonly partition: number;
  readonly offset: number;
  /** When it was written, as its writer says. */
  readonly written: number;
  readonly began: number;
  readonly at: number;
  readonly epoch: number;
  /** -1: of a reader without a group. */
  readonly generation: number;
}

/** What a process tells of its membership. */
export interface Told {
  readonly member: string;
  readonly kind: 'joined' | 'assigned' | 'revokeRequested' | 'revoked' | 'lost' | 'closed';
  readonly at: number;
  readonly partitions: readonly number[];
  readonly generation?: number;
}

/** The time of day, finer than `Date.now` and never backwards. */
export function clock(): number {
  return performance.timeOrigin + performance.now();
}

const decimals = (ms: number): string => ms.toFixed(2);

/** A line of a member's log. */
export function lineOf({ partition, offset, written, began, at, epoch, generation }: Omit<Handled, 'member'>): string {
  return `${[partition, offset, written, decimals(began), decimals(at), epoch, generation].join(' ')}\n`;
}

/** What a log says; a last line that is not whole, of a process that was killed while it wrote, is not counted. */
export function handledIn(member: string, log: string): readonly Handled[] {
  const lines = log.slice(0, log.lastIndexOf('\n') + 1).split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const [partition = -1, offset = -1, written = 0, began = 0, at = 0, epoch = -1, generation = -1] = line.split(' ').map(Number);
      return { member, partition, offset, written, began, at, epoch, generation };
    });
}
