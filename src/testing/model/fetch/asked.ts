import { NO_TOPIC_ID } from '../../../model/topicPartition.ts';
import type { FetchPartitionAll, FetchRequestAll } from '../../../protocol/apis/fetchAll.ts';
import type { ClusterModel } from '../clusterModel.ts';

/** A partition that is to be fetched. */
export interface Asked {
  readonly key: string;
  /** undefined: no topic has this id. */
  readonly topic: string | undefined;
  /** `BY_NAME`: the request goes by names. */
  readonly topicId: string;
  readonly partition: FetchPartitionAll;
}

/** The topic id of requests that have none. */
export const BY_NAME: string = NO_TOPIC_ID;

/** The first version in which topics go by their ids. */
export const IDS_SINCE = 13;

function keyOf(topic: string, topicId: string, partition: number): string {
  return `${topicId === BY_NAME ? topic : topicId}/${String(partition)}`;
}

/** What a request lists, each partition once: of those listed twice the last is meant, in the place of the first. */
export function askedIn(cluster: ClusterModel, version: number, request: FetchRequestAll): readonly Asked[] {
  const asked = new Map<string, Asked>();
  for (const { topic, topicId, partitions } of request.topics) {
    const id = version < IDS_SINCE ? BY_NAME : topicId;
    const name = version < IDS_SINCE ? topic : cluster.findById(topicId)?.name;
    for (const partition of partitions) {
      const key = keyOf(topic, id, partition.partition);
      asked.set(key, { key, topic: name, topicId: id, partition });
    }
  }
  return [...asked.values()];
}

/** The keys of what a session is to forget. */
export function forgottenIn(version: number, { forgottenTopicsData }: FetchRequestAll): readonly string[] {
  return forgottenTopicsData.flatMap(({ topic, topicId, partitions }) =>
    partitions.map((partition) => keyOf(topic, version < IDS_SINCE ? BY_NAME : topicId, partition)),
  );
}
