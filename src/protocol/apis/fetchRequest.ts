import { between, since, struct, tagged, type Fields } from '../schema.ts';
import { array, int32, int64, int8, nullable, string, uuid, type Type } from '../types.ts';

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
  /** From version 13 on instead of the name (KIP-516); all zero: not known. */
  readonly topicId: string;
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
  readonly topicId: string;
  readonly partitions: readonly number[];
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

/** The first version in which topics go by their ids. */
const IDS_SINCE = 13;

const fetchTopic = struct<FetchTopic>({
  topic: between(0, IDS_SINCE - 1, string),
  topicId: since(IDS_SINCE, uuid),
  partitions: since(0, array(asked)),
});

const forgottenTopic = struct<ForgottenTopic>({
  topic: between(7, IDS_SINCE - 1, string),
  topicId: since(IDS_SINCE, uuid),
  partitions: since(7, array(int32)),
});

/** The highest version that can say it: topics go by ids only where all of them are known. */
export function upTo({ topics, forgottenTopicsData }: FetchRequest): number {
  const isUnknown = ({ topicId }: { readonly topicId: string }): boolean => topicId === uuid.initial;
  return topics.some(isUnknown) || forgottenTopicsData.some(isUnknown) ? IDS_SINCE - 1 : 17;
}

/** What stands before the topics. */
export const leadingFields: Fields<Omit<FetchRequest, 'topics' | 'forgottenTopicsData' | 'rackId'>> = {
  clusterId: tagged(0, 12, nullable(string), null),
  replicaId: between(0, 14, int32, -1),
  maxWaitMs: since(0, int32),
  minBytes: since(0, int32),
  maxBytes: since(3, int32, 0x7fffffff),
  isolationLevel: since(4, int8),
  sessionId: since(7, int32),
  sessionEpoch: since(7, int32, -1),
};

/** What stands behind them. */
export const trailingFields: Fields<Pick<FetchRequest, 'forgottenTopicsData' | 'rackId'>> = {
  forgottenTopicsData: since(7, array(forgottenTopic)),
  rackId: since(11, string),
};

export const fetchRequest: Type<FetchRequest> = struct<FetchRequest>({
  ...leadingFields,
  topics: since(0, array(fetchTopic)),
  ...trailingFields,
});
