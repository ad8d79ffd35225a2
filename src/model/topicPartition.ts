/** One partition of one topic, by name. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** The name of a partition as logs and maps use it: `orders-3`. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic}-${String(partition)}`;
}
