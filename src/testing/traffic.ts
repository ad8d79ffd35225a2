/** One thing that went over the wire, told as it happens. */
export interface Traffic {
  /** Ms on the cluster's clock. */
  readonly at: number;
  /** The broker. */
  readonly node: number;
  /** Counts the connections from 1. Of `connect`: the one that is being opened. */
  readonly connection: number;
  readonly kind: 'connect' | 'refused' | 'open' | 'request' | 'answer' | 'disconnect';
  /** Kafka's name without `Request`; `Bootstrap` or `Connect` for the opening of a connection, `Disconnect` for its end. */
  readonly api: string;
  readonly version: number;
  /** The request or the answer, in the words of names: what a Fetch, OffsetCommit or OffsetFetch says by ids, or leaves to its session, stands there in full. */
  readonly message: unknown;
  /** Of a request or an answer: the bytes of its frame. */
  readonly bytes?: number;
  /** Of a request: as it was sent. */
  readonly sent?: unknown;
  /** The request that an answer answers. */
  readonly request?: unknown;
}
