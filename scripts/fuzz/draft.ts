import type { FetchResponse, FetchableTopicResponse, FetchHead, FetchTail, PartitionData } from '../../src/protocol/apis/fetch.ts';
import { fetchApiAll } from '../../src/protocol/apis/forTesting.ts';
import { encodeResponse } from '../../src/protocol/header.ts';

/** A Fetch answer that can be changed anywhere. */
export interface Draft {
  head: FetchHead & FetchTail;
  topics: DraftTopic[];
}

export interface DraftTopic {
  topic: string;
  topicId: string;
  partitions: DraftPartition[];
}

export interface DraftPartition {
  data: Omit<PartitionData, 'records'>;
  /** One after another they are the records; the last may be cut. */
  batches: Buffer[];
}

const PREFIX = 12;

export function draftOf({ responses, ...head }: FetchResponse): Draft {
  return { head, topics: responses.map(topicOf) };
}

function topicOf({ topic, topicId, partitions }: FetchableTopicResponse): DraftTopic {
  return {
    topic,
    topicId,
    partitions: partitions.map(({ records, ...data }) => ({ data, batches: records === null ? [] : batchesOf(records) })),
  };
}

/** By their lengths alone. */
function batchesOf(records: Buffer): Buffer[] {
  const batches: Buffer[] = [];
  for (let at = 0; at < records.length;) {
    const size = records.length - at < PREFIX ? 0 : records.readInt32BE(at + 8) + PREFIX;
    const end = size > PREFIX && at + size <= records.length ? at + size : records.length;
    batches.push(records.subarray(at, end));
    at = end;
  }
  return batches;
}

/** The frame, without its length. */
export function frameOf({ head, topics }: Draft, version: number, correlationId: number): Buffer {
  const responses = topics.map(({ topic, topicId, partitions }) => ({
    topic,
    topicId,
    partitions: partitions.map(({ data, batches }) => ({ ...data, records: Buffer.concat(batches) })),
  }));
  return encodeResponse(fetchApiAll, version, correlationId, { ...head, responses }).subarray(4);
}
