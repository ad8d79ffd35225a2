import type { Api } from '../api.ts';
import { api, between, since, stretch, struct, tagged, type Fields } from '../schema.ts';
import { array, bytes, int16, int32, int64, nullable, string, uuid } from '../types.ts';
import type { SizedType, Type } from '../types.ts';
import { fetchRequest, upTo, type FetchRequest } from './fetchRequest.ts';

export type { FetchPartition, FetchRequest } from './fetchRequest.ts';

export interface FetchHead {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  /** 0: there is no session. */
  readonly sessionId: number;
}

export interface FetchResponse extends FetchHead, FetchTail {
  readonly responses: readonly FetchableTopicResponse[];
}

/** What stands behind everything else, in versions that have it. */
export interface FetchTail {
  /** Where the leaders are that `currentLeader` names (KIP-951). */
  readonly nodeEndpoints: readonly NodeEndpoint[];
}

export interface NodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

export interface AnsweredTopic {
  /** Empty: the broker answers by id. */
  readonly topic: string;
  /** All zero: the broker answers by name. */
  readonly topicId: string;
}

export interface FetchableTopicResponse extends AnsweredTopic {
  readonly partitions: readonly PartitionData[];
}

export interface PartitionData extends PartitionStart, PartitionTags {
  /** Batches one after another; the last may be cut. */
  readonly records: Buffer | null;
}

/** What stands before the records of a partition. */
export interface PartitionStart {
  readonly partitionIndex: number;
  readonly errorCode: number;
  /** -1 with an error. */
  readonly highWatermark: number;
  /** The first offset of the first transaction that is still open, else the high watermark; -1: unknown. */
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  /** null under read_uncommitted. */
  readonly abortedTransactions: readonly AbortedTransaction[] | null;
  /** -1: the leader. */
  readonly preferredReadReplica: number;
}

/** What stands behind them, in versions that have it. A broker that says any of this sends no records. */
export interface PartitionTags {
  readonly divergingEpoch: EpochEndOffset;
  readonly currentLeader: LeaderIdAndEpoch;
  readonly snapshotId: SnapshotId;
}

/** Where the log parts from what we read; -1, -1: it does not. Without an error code: the answer has no records then. */
export interface EpochEndOffset {
  readonly epoch: number;
  readonly endOffset: number;
}

/** -1, -1: not said. */
export interface LeaderIdAndEpoch {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

export interface SnapshotId {
  readonly endOffset: number;
  readonly epoch: number;
}

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** One partition of an answer, without its records. */
export interface FetchPartitionHeader extends Omit<PartitionData, 'records'> {
  readonly topic: string;
  readonly topicId: string;
}

const aborted = struct<AbortedTransaction>({ producerId: since(4, int64), firstOffset: since(4, int64) });

export const headFields: Fields<FetchHead> = {
  throttleTimeMs: since(1, int32),
  errorCode: since(7, int16),
  sessionId: since(7, int32),
};

const topicFields: Fields<AnsweredTopic> = { topic: between(0, 12, string), topicId: since(13, uuid) };

const startFields: Fields<PartitionStart> = {
  partitionIndex: since(0, int32),
  errorCode: since(0, int16),
  highWatermark: since(0, int64),
  lastStableOffset: since(4, int64, -1),
  logStartOffset: since(5, int64, -1),
  abortedTransactions: since(4, nullable(array(aborted))),
  preferredReadReplica: since(11, int32, -1),
};

const tagFields: Fields<PartitionTags> = {
  divergingEpoch: tagged(0, 12, struct<EpochEndOffset>({ epoch: since(12, int32, -1), endOffset: since(12, int64, -1) })),
  currentLeader: tagged(1, 12, struct<LeaderIdAndEpoch>({ leaderId: since(12, int32, -1), leaderEpoch: since(12, int32, -1) })),
  snapshotId: tagged(2, 12, struct<SnapshotId>({ endOffset: since(0, int64, -1), epoch: since(0, int32, -1) })),
};

const endpoint = struct<NodeEndpoint>({
  nodeId: since(16, int32),
  host: since(16, string),
  port: since(16, int32),
  rack: since(16, nullable(string), null),
});

export const tailFields: Fields<FetchTail> = { nodeEndpoints: tagged(0, 16, array(endpoint)) };

const partitions = array(struct<PartitionData>({ ...startFields, records: since(0, nullable(bytes)), ...tagFields }));
/** The topics of an answer, in any version. */
export const responses: SizedType<readonly FetchableTopicResponse[]> = array(
  struct<FetchableTopicResponse>({ ...topicFields, partitions: since(0, partitions) }),
);

/** The stretches of an answer, to read it while it is still arriving. Between `start` and `tags` stand the length of the records, and the records. */
export const fetchStretches: {
  readonly head: Type<FetchHead>;
  readonly topics: Pick<SizedType<unknown>, 'readLength'>;
  readonly topic: Type<AnsweredTopic>;
  readonly partitions: Pick<SizedType<unknown>, 'readLength'>;
  readonly start: Type<PartitionStart>;
  readonly records: Pick<SizedType<unknown>, 'readLength'>;
  readonly tags: Type<PartitionTags>;
  readonly tail: Type<FetchTail>;
} = {
  head: stretch(headFields),
  topics: responses,
  topic: stretch(topicFields),
  partitions,
  start: stretch(startFields),
  records: bytes,
  tags: struct(tagFields),
  tail: struct(tailFields),
};

export const fetchApi: Api<FetchRequest, FetchResponse> = api({
  name: 'Fetch',
  key: 1,
  versions: [4, 17],
  flexible: 12,
  upTo,
  request: fetchRequest,
  response: struct<FetchResponse>({ ...headFields, responses: since(0, responses), ...tailFields }),
});
