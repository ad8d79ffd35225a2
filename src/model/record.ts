/** The headers of a record, in the order in which they were written; names may repeat. */
export interface RecordHeaders extends Iterable<readonly [string, Buffer | null]> {
  readonly length: number;
  /** The value of the last header of that name (as Kafka's `lastHeader`); `undefined` if there is none. */
  get(name: string): Buffer | null | undefined;
  /** The values of all headers of that name, in order. */
  getAll(name: string): readonly (Buffer | null)[];
}

/** One record. Buffers are views of the response that it came in: see `detach`. */
export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since the epoch: when it was created or, with LogAppendTime, appended. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
  /** The epoch of the leader that appended it (KIP-101); -1 if unknown. */
  readonly leaderEpoch: number;
  /** Done here. Local, idempotent, in any order; committing is another thing. */
  ack(): void;
  /** A copy that does not pin the response that the record came in. Its `ack` is the same. */
  detach(): KafkaRecord;
}

/** The records of one batch of the log, as far as they are to be delivered. */
export interface RecordBatch extends Iterable<KafkaRecord> {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly length: number;
  /** Bytes of its records, uncompressed. */
  readonly bytes: number;
  /** The record at that index, 0 ≤ index < length. Throws RangeError outside. */
  at(index: number): KafkaRecord;
  /** Acks every record of the batch. */
  ack(): void;
}
