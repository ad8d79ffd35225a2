import type { Api } from '../api.ts';
import { api, between, since, stretch, struct, tagged, type Fields } from '../schema.ts';
import { array, bytes, int16, int32, int64, int8, nullable, string, uuid } from '../types.ts';
import type { SizedType, Type } from '../types.ts';

/** Records of partitions that the broker leads, as a long poll; by sessions, only what changed is sent (KIP-227). */
export interface FetchRequest {
  readonly clusterId: string | null;
  /** -1: a consumer. */
  readonly replicaId: number;
  /** How long the broker may wait until `minBytes` are there. */
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  /** 0: read_uncommitted, 1: read_committed (KIP-98). */
  readonly isolationLevel: number;
  /** 0: none. */
  readonly sessionId: number;
  /** 0: a new session; -1: no session, or the end of one. */
  readonly sessionEpoch: number;
  readonly topics: readonly FetchTopic[];
  /** What the session is to forget. */
  readonly forgottenTopicsData: readonly ForgottenTopic[];
  readonly rackId: string;
}

export interface FetchTopic {
  readonly topic: string;
  readonly partitions: readonly FetchPartition[];
}

export interface FetchPartition {
  readonly partition: number;
  /** The epoch of the leader that we believe in (KIP-320); without it a follower answers (KIP-392). -1: unknown. */
  readonly currentLeaderEpoch: number;
  readonly fetchOffset: number;
  /** The epoch of the record before `fetchOffset`: with it the broker tells of truncation (KIP-595). -1: unknown. */
  readonly lastFetchedEpoch: number;
  /** Followers only: -1. */
  readonly logStartOffset: number;
  readonly partitionMaxBytes: number;
}

export interface ForgottenTopic {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface FetchHead {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  /** 0: there is no session. */
  readonly sessionId: number;
}

export interface FetchResponse extends FetchHead {
  readonly responses: readonly FetchableTopicResponse[];
}

export interface AnsweredTopic {
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

/** What a request says of a partition until version 16. */
export const askedFields: Fields<FetchPartition> = {
  partition: since(0, int32),
  currentLeaderEpoch: since(9, int32, -1),
  fetchOffset: since(0, int64),
  lastFetchedEpoch: since(12, int32, -1),
  logStartOffset: since(5, int64, -1),
  partitionMaxBytes: since(0, int32),
};

const asked = struct(askedFields);

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
} = {
  head: stretch(headFields),
  topics: responses,
  topic: stretch(topicFields),
  partitions,
  start: stretch(startFields),
  records: bytes,
  tags: struct(tagFields),
};

export const fetchApi: Api<FetchRequest, FetchResponse> = api({
  name: 'Fetch',
  key: 1,
  versions: [4, 12],
  flexible: 12,
  request: struct<FetchRequest>({
    clusterId: tagged(0, 12, nullable(string), null),
    replicaId: since(0, int32, -1),
    maxWaitMs: since(0, int32),
    minBytes: since(0, int32),
    maxBytes: since(3, int32, 0x7fffffff),
    isolationLevel: since(4, int8),
    sessionId: since(7, int32),
    sessionEpoch: since(7, int32, -1),
    topics: since(0, array(struct<FetchTopic>({ topic: since(0, string), partitions: since(0, array(asked)) }))),
    forgottenTopicsData: since(7, array(struct<ForgottenTopic>({ topic: since(7, string), partitions: since(7, array(int32)) }))),
    rackId: since(11, string),
  }),
  response: struct<FetchResponse>({ ...headFields, responses: since(0, responses) }),
});
