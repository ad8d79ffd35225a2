/** A record as its writer tells of it. Times: milliseconds since the epoch. */
export interface Written {
  readonly partition: number;
  /** -1: not known. */
  readonly offset: number;
  readonly value: string;
  /** When its writer knew what became of it. */
  readonly at: number;
  /** `unknown`: its writer never heard what became of it. */
  readonly state: 'written' | 'committed' | 'aborted' | 'unknown';
}

/** A record as it was delivered. */
export interface Read {
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
  readonly at: number;
}

/** A change of position, as the consumer announces it. */
export interface Positioned {
  readonly partition: number;
  readonly from?: number | undefined;
  readonly to: number;
  readonly reason: string;
}

const states = ['written', 'committed', 'aborted', 'unknown'] as const;

/** What the lines of a writer say; undefined: something else. */
export function writtenIn(line: string): Written | undefined {
  const [word = '', partition = '', offset = '', value = '', at = ''] = line.split(' ');
  const state = states.find((one) => one === word);
  return state && { partition: Number(partition), offset: Number(offset), value, at: Number(at), state };
}

/** `partition@offset=value`. */
export function inWords({ partition, offset, value }: Pick<Read, 'partition' | 'offset' | 'value'>): string {
  return `${partition}@${offset}=${value}`;
}

/** `partition: from → to reason`. */
export function moveInWords({ partition, from, to, reason }: Positioned): string {
  return `${partition}: ${from ?? '?'} → ${to} ${reason}`;
}
