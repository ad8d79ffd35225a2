import type { Ground, Plan } from '../grounds/ground.ts';

/** A record that is there to be seen. */
export interface Visible {
  readonly offset: number;
  readonly value: string | null;
}

/** What stands in a partition, and what of it is to be seen. */
export interface LogTruth {
  readonly visible: readonly Visible[];
  /** Of every record, seen or not, by ascending offset; they ascend as well. */
  readonly timestamps: readonly (readonly [offset: number, timestamp: number])[];
  /** Behind the last record or marker. */
  readonly end: number;
}

/** Later than now: the marker of a transaction has the time at which it was written, and is a record like any other to who looks for a time. */
const T0 = Date.now() + 600_000;
export const partitions = 2;

/** Codecs, a transaction that was committed and one that was aborted, in small batches. */
const stretches: readonly Omit<Plan, 'topic' | 'partitions' | 'from' | 'timestamp'>[] = [
  { count: 1_000, compression: 'gzip' },
  { count: 600, transaction: 'abort', compression: 'snappy' },
  { count: 800, transaction: 'commit', compression: 'lz4' },
  { count: 1_000, batchSize: 400 },
];

/** Writes the log of a new topic; tells what stands in it now. */
export async function writeLog(ground: Ground, topic: string): Promise<readonly LogTruth[]> {
  const truths = Array.from({ length: partitions }, () => ({ visible: [] as Visible[], timestamps: [] as [number, number][], end: 0 }));
  let from = 0;
  for (const stretch of stretches) {
    const produced = await ground.produce({ batchSize: 1_500, ...stretch, topic, partitions, from, timestamp: T0 + from });
    produced.partitions.forEach(({ firstOffset, lastOffset }, partition) => {
      const truth = truths[partition];
      for (let offset = firstOffset; offset <= lastOffset; offset++) {
        const { value, timestamp } = produced.at(partition, offset);
        truth?.timestamps.push([offset, timestamp]);
        if (stretch.transaction !== 'abort') truth?.visible.push({ offset, value });
      }
    });
    from += stretch.count;
  }
  const ends = await ground.ends(topic);
  return truths.map((truth, partition) => ({ ...truth, end: ends[partition] ?? 0 }));
}

/** The offset that a time stands for: that of the first record at or after it, else the end. */
export function offsetAt({ timestamps, end }: LogTruth, time: number): number {
  return timestamps.find(([, timestamp]) => timestamp >= time)?.[0] ?? end;
}

/** The first record to be seen from an offset on. */
export function firstFrom({ visible }: LogTruth, offset: number): Visible | undefined {
  let low = 0;
  let high = visible.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((visible[middle]?.offset ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return visible[low];
}

/** Some time that the log knows, or one before or behind it all. */
export function someTime({ timestamps, end }: LogTruth, random: () => number): number {
  const place = Math.floor(random() * (end + 20)) - 10;
  return timestamps[place]?.[1] ?? (place < 0 ? T0 - 5 : T0 + 10 * end);
}
