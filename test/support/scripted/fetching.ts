import { filter, map, merge, of, take, tap, timer, type Observable, type SchedulerLike } from 'rxjs';
import { codeOf } from '../../../src/errors/table.ts';
import type { FetchPartition, FetchRequest, FetchResponse, PartitionData } from '../../../src/protocol/apis/fetch.ts';
import type { ScriptedPartition } from './model.ts';

export type Find = (topic: string, partition: number) => ScriptedPartition | undefined;

/** A long poll as a broker serves it: answered when there is enough or an error, else when `maxWaitMs` are over. */
export function longPoll(
  node: number,
  request: FetchRequest,
  find: Find,
  changed: Observable<unknown>,
  scheduler: SchedulerLike,
): Observable<FetchResponse> {
  const look = merge(of(undefined), changed).pipe(
    map(() => answer(node, request, find)),
    filter((response) => isEnough(response, request.minBytes)),
  );
  const late = timer(request.maxWaitMs, scheduler).pipe(map(() => answer(node, request, find)));
  return merge(look, late).pipe(
    take(1),
    tap(() => useErrors(request, find)),
  );
}

/** What there is now: partitions in the order of the request, each with what still fits. The first batch of all comes whatever its size. */
function answer(node: number, { topics, maxBytes }: FetchRequest, find: Find): FetchResponse {
  let left = maxBytes;
  const responses = topics.map(({ topic, partitions }) => ({
    topic,
    topicId: '0'.repeat(32),
    partitions: partitions.map((asked) => {
      const partition = find(topic, asked.partition);
      const error = errorOf(node, asked, partition);
      if (partition === undefined || error !== undefined)
        return data(asked.partition, codeOf(error ?? 'UNKNOWN_TOPIC_OR_PARTITION'), -1, null);
      const { log } = partition;
      const records = left > 0 ? log.read(asked.fetchOffset, Math.min(left, asked.partitionMaxBytes)) : Buffer.alloc(0);
      left -= records.length;
      return data(asked.partition, 0, log.end, records, log.start);
    }),
  }));
  return { throttleTimeMs: 0, errorCode: 0, sessionId: 0, responses };
}

function errorOf(
  node: number,
  { currentLeaderEpoch, fetchOffset }: FetchPartition,
  partition: ScriptedPartition | undefined,
): string | undefined {
  if (partition === undefined) return 'UNKNOWN_TOPIC_OR_PARTITION';
  const { errors, leader, epoch, log } = partition;
  const [scripted] = errors;
  if (scripted !== undefined) return scripted;
  if (leader !== node) return 'NOT_LEADER_OR_FOLLOWER';
  if (currentLeaderEpoch !== -1 && currentLeaderEpoch < epoch) return 'FENCED_LEADER_EPOCH';
  if (currentLeaderEpoch > epoch) return 'UNKNOWN_LEADER_EPOCH';
  return fetchOffset < log.start || fetchOffset > log.end ? 'OFFSET_OUT_OF_RANGE' : undefined;
}

/** A scripted error counts as used once it was answered. */
function useErrors({ topics }: FetchRequest, find: Find): void {
  for (const { topic, partitions } of topics) for (const { partition } of partitions) find(topic, partition)?.errors.shift();
}

function isEnough({ responses }: FetchResponse, minBytes: number): boolean {
  const all = responses.flatMap(({ partitions }) => partitions);
  const bytes = all.reduce((sum, { records }) => sum + (records?.length ?? 0), 0);
  return bytes >= minBytes || all.some(({ errorCode }) => errorCode !== 0);
}

function data(partitionIndex: number, errorCode: number, end: number, records: Buffer | null, logStartOffset = -1): PartitionData {
  return {
    partitionIndex,
    errorCode,
    highWatermark: end,
    lastStableOffset: end,
    logStartOffset,
    divergingEpoch: { epoch: -1, endOffset: -1 },
    currentLeader: { leaderId: -1, leaderEpoch: -1 },
    snapshotId: { endOffset: -1, epoch: -1 },
    abortedTransactions: null,
    preferredReadReplica: -1,
    records,
  };
}
