import { recordsOf, type StoredBatch } from './storedBatch.ts';

/** A record that was looked for by its timestamp. */
export interface TimestampAndOffset {
  readonly offset: number;
  readonly timestamp: number;
  readonly leaderEpoch: number;
}

/** The first record from `start` on whose timestamp is not below that; markers of transactions count. */
export function firstFrom(batches: readonly StoredBatch[], timestamp: number, start: number): TimestampAndOffset | undefined {
  for (const batch of batches) {
    if (batch.view.maxTimestamp < timestamp) continue;
    const found = recordsOf(batch).find((record) => record.timestamp >= timestamp && record.offset >= start);
    if (found !== undefined) return { offset: found.offset, timestamp: found.timestamp, leaderEpoch: batch.view.leaderEpoch };
  }
  return undefined;
}

/** The first record that has the highest timestamp of all (KIP-734), `before` being the one of those before. */
export function highest(batches: readonly StoredBatch[], before: TimestampAndOffset | undefined): TimestampAndOffset | undefined {
  let top = before?.timestamp ?? -Infinity;
  for (const { view } of batches) if (view.recordCount > 0) top = Math.max(top, view.maxTimestamp);
  return before?.timestamp === top ? before : firstFrom(batches, top, 0);
}
