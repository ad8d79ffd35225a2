/** What one thing in a lane that is expected may be called. */
interface Expected {
  /** The words that it takes, for who has written others. */
  readonly takes: readonly string[];
  readonly shape: RegExp;
  /** What a letter without a name stands for, `place` being the only partition there is. */
  readonly unnamed?: (letter: string, place: string) => string | undefined;
}

const place = String.raw`[\w.-]+\/\d+`;
const at = String.raw`(?: at b\d+)?`;
const fetch = String.raw`fetch(?: ${place}@\d+)+`;
const commit = String.raw`commit(?: ${place}=\d+)+(?: in \d+)?`;
const others = [
  ...['metadata', 'findCoordinator', 'join(?: m\\d+)?', '(?:sync|heartbeat) m\\d+ in \\d+', 'leave m\\d+'],
  ...[`listOffsets(?: ${place}@\\S+)+`, `offsetFetch(?: ${place})+`, 'offsetForLeaderEpoch.*'],
];

/** The lanes that are expected. */
export const expectations: Readonly<Record<string, Expected>> = {
  fetch: { takes: ['fetch orders/0@0', 'fetch orders/0@0 at b2'], shape: new RegExp(`^${fetch}${at}$`) },
  commit: {
    takes: ['commit orders/0=2', 'commit orders/0=2 in 1'],
    shape: new RegExp(`^${commit}${at}$`),
    unnamed: (letter, only) => (/\d/.test(letter) ? `commit ${only}=${letter}` : undefined),
  },
  request: {
    takes: ['metadata', 'listOffsets orders/0@earliest', 'join m1', 'heartbeat m1 in 1', 'fetch orders/0@0', 'commit orders/0=2 in 1'],
    shape: new RegExp(`^(?:${[fetch, commit, ...others].join('|')})${at}$`),
  },
  connect: {
    takes: ['bootstrap', 'connect', 'disconnect', 'connect at b2'],
    shape: new RegExp(`^(?:bootstrap|connect|disconnect)${at}$`),
  },
  record: {
    takes: ['record orders/0@2'],
    shape: new RegExp(`^record ${place}@\\d+$`),
    unnamed: (letter, only) => (/\d/.test(letter) ? `record ${only}@${letter}` : undefined),
  },
  stream: {
    takes: ['assigned orders/0', 'completed orders/0', 'errored orders/0 CORRUPT_MESSAGE'],
    shape: new RegExp(`^(?:(?:assigned|completed) ${place}|errored ${place} [A-Z_]+)$`),
  },
  signal: { takes: ['aborted orders/0 PARTITION_LOST'], shape: new RegExp(`^aborted ${place} [A-Z_]+$`) },
  outer: {
    takes: ['completed', 'errored DRAIN_TIMED_OUT'],
    shape: /^(?:completed|errored [A-Z_]+)$/,
    unnamed: (letter) => (letter === '|' ? 'completed' : undefined),
  },
  event: {
    takes: ['stalled orders/0 window', 'committed orders/0=2', 'retryScheduled Fetch in 100ms'],
    shape: /^[a-z]\w+(?: \S+)*$/i,
  },
};
