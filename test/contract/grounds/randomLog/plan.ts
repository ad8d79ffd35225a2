/** One topic of a random log. Only these of its partitions are written, which no other topic does: so a partition's number says which topic it is of. */
export interface LogTopic {
  readonly name: string;
  readonly partitions: readonly number[];
  readonly isCompacted: boolean;
  readonly configs: Readonly<Record<string, string>>;
}

/** A segment ends where the timestamps of its batches are so many ms apart. */
export const SEGMENT_MS = 500;
const HOUR = 3_600_000;

const kept = { 'retention.ms': '-1', 'segment.bytes': '1048576' };

function compacted(tombstones: number): LogTopic['configs'] {
  return {
    ...kept,
    'cleanup.policy': 'compact',
    'segment.ms': String(SEGMENT_MS),
    'min.cleanable.dirty.ratio': '0.001',
    'min.compaction.lag.ms': '0',
    'delete.retention.ms': String(tombstones),
  };
}

/** What stops compaction: from then on the log stays as it is. */
export const uncompacted: readonly { readonly name: string; readonly value: string }[] = [{ name: 'cleanup.policy', value: 'delete' }];

/** Topics of all kinds, whose names begin like that: plain; with the broker's timestamps; compacted, where tombstones and markers go at once or stay. */
export function logTopics(prefix: string): readonly LogTopic[] {
  return [
    { name: `${prefix}-plain`, partitions: [0, 1], isCompacted: false, configs: kept },
    { name: `${prefix}-appended`, partitions: [2], isCompacted: false, configs: { ...kept, 'message.timestamp.type': 'LogAppendTime' } },
    { name: `${prefix}-compacted`, partitions: [3, 4], isCompacted: true, configs: compacted(0) },
    { name: `${prefix}-tombstones`, partitions: [5], isCompacted: true, configs: compacted(HOUR) },
  ];
}

export const allPartitions: readonly number[] = [0, 1, 2, 3, 4, 5];

export function topicOf(topics: readonly LogTopic[], partition: number): LogTopic {
  const topic = topics.find(({ partitions }) => partitions.includes(partition));
  if (topic === undefined) throw new RangeError(`no topic has partition ${partition}`);
  return topic;
}
