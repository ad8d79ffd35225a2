/** Exponential back-off: `initial` ms after the first failure, doubled with each further one up to `max`, ± `jitter` of it (0 to 1). */
export interface Backoff {
  readonly initial: number;
  readonly max: number;
  readonly jitter: number;
}

/**
 * How long to wait after that many failures in a row, in ms. No wait before the first failure.
 *
 * `random` is asked once, for the jitter: 0 gives the shortest wait, 0.5 the plain one.
 */
export function backoffDelay({ initial, max, jitter }: Backoff, failures: number, random: () => number): number {
  if (failures <= 0) return 0;
  const plain = Math.min(max, initial * 2 ** Math.min(failures - 1, 30));
  return Math.max(1, Math.round(plain * (1 + jitter * (2 * random() - 1))));
}
