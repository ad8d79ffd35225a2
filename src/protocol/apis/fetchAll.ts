import type { Api } from '../api.ts';
import { api, between, since, struct, tagged } from '../schema.ts';
import { array, int32, int64, string, uuid } from '../types.ts';
import { fetchApi, headFields, responses, tailFields, type FetchResponse } from './fetch.ts';
import { askedFields, leadingFields, trailingFields, type FetchPartition, type FetchRequest, type FetchTopic } from './fetchRequest.ts';

/** What a broker is asked in any version: from 13 on topics go by their ids (KIP-516). */
export interface FetchRequestAll extends Omit<FetchRequest, 'topics'> {
  /** From version 15 on instead of `replicaId`. */
  readonly replicaState: ReplicaState;
  readonly topics: readonly FetchTopicAll[];
}

export interface ReplicaState {
  readonly replicaId: number;
  readonly replicaEpoch: number;
}

export interface FetchTopicAll extends Omit<FetchTopic, 'partitions'> {
  readonly partitions: readonly FetchPartitionAll[];
}

export interface FetchPartitionAll extends FetchPartition {
  readonly replicaDirectoryId: string;
  /** What the follower knows of the high watermark; 2^63: not said. */
  readonly highWatermark: number;
}

/** Kafka's default, the highest int64, is no number that is exact: it is never written, since it is the default. */
const NOT_SAID = 2 ** 63;

const partition = struct<FetchPartitionAll>({
  ...askedFields,
  replicaDirectoryId: tagged(0, 17, uuid),
  highWatermark: tagged(1, 18, int64, NOT_SAID),
});

const topic = struct<FetchTopicAll>({
  topic: between(0, 12, string),
  topicId: since(13, uuid),
  partitions: since(0, array(partition)),
});

/** Fetch in all versions that Kafka 4.3 has. */
export const fetchApiAll: Api<FetchRequestAll, FetchResponse> = api({
  name: fetchApi.name,
  key: fetchApi.key,
  versions: [4, 18],
  flexible: fetchApi.flexible,
  request: struct<FetchRequestAll>({
    ...leadingFields,
    replicaState: tagged(1, 15, struct<ReplicaState>({ replicaId: since(15, int32, -1), replicaEpoch: since(15, int64, -1) })),
    topics: since(0, array(topic)),
    ...trailingFields,
  }),
  response: struct<FetchResponse>({
    ...headFields,
    responses: since(0, responses),
    ...tailFields,
  }),
});
