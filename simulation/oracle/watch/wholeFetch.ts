import type { FetchPart } from '../../../src/protocol/fetchParts.ts';
import type { FetchPartition, FetchRequest } from '../../../src/protocol/apis/fetch.ts';

interface Place {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: FetchPartition;
}

/**
 * What one consumer has told one broker in its fetch session (KIP-227), kept by the rules of the protocol alone: a request that opens one says all, and each
 * further one what has changed.
 */
export class ToldByFetch {
  private told = new Map<string, Place>();

  /** The request with all that the broker is to fetch by it. */
  whole(request: FetchRequest): FetchRequest {
    if (request.sessionEpoch <= 0) this.told = new Map();
    for (const { topic, partitions } of request.forgottenTopicsData)
      for (const partition of partitions) this.told.delete(keyOf(topic, partition));
    for (const { topic, topicId, partitions } of request.topics)
      for (const partition of partitions) this.told.set(keyOf(topic, partition.partition), { topic, topicId, partition });
    const topics = new Map<string, { topic: string; topicId: string; partitions: FetchPartition[] }>();
    for (const { topic, topicId, partition } of this.told.values()) {
      const own = topics.get(topic) ?? { topic, topicId, partitions: [] };
      topics.set(topic, own);
      own.partitions.push(partition);
    }
    return { ...request, topics: [...topics.values()] };
  }

  /** A part of the answer under the name of its topic, where it goes by the id. */
  named(part: FetchPart): FetchPart {
    switch (part.kind) {
      case 'partition':
        return { ...part, header: { ...part.header, topic: this.nameOf(part.header) } };
      case 'batch':
      case 'corrupt':
        return { ...part, topic: this.nameOf(part) };
      default:
        return part;
    }
  }

  private nameOf({ topic, topicId }: { readonly topic: string; readonly topicId: string }): string {
    if (topic !== '') return topic;
    for (const place of this.told.values()) if (place.topicId === topicId) return place.topic;
    return '';
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${String(partition)}`;
}
