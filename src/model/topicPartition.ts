/** One partition of one topic, by name. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** The name of a partition as logs and maps use it: `orders-3`. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic}-${String(partition)}`;
}

/** The id of no topic (KIP-516), as 32 hex digits: what stands where a broker is too old for ids, or where one is not known. */
export const NO_TOPIC_ID: string = '0'.repeat(32);
