import type { FetchPartitionHeader, NodeEndpoint } from './apis/fetch.ts';
import type { BatchView } from './recordBatch.ts';

/**
 * What a fetch answers, in the order of the wire: one head; then for each partition its header and its whole batches; then the end.
 *
 * Parts come while the answer is still arriving: what follows may fail. A header whose tags came with records, which Kafka does not do, is told
 * without them first, and once more with them behind the batches.
 */
export type FetchPart =
  | {
      readonly kind: 'head';
      /** The version that both sides speak. */
      readonly version: number;
      readonly errorCode: number;
      readonly sessionId: number;
      readonly throttleTimeMs: number;
    }
  | { readonly kind: 'partition'; readonly header: FetchPartitionHeader }
  | (PartOf & { readonly kind: 'batch'; readonly batch: BatchView })
  /** The bytes where a batch should be are none: the batches before it are good. */
  | (PartOf & { readonly kind: 'corrupt'; readonly offset: number; readonly reason: string })
  | { readonly kind: 'end'; readonly bytes: number; readonly nodeEndpoints: readonly NodeEndpoint[] };

/** Whose part it is: the topic by its name, or from version 13 on by its id. */
interface PartOf {
  /** Empty: see `topicId`. */
  readonly topic: string;
  /** All zero: see `topic`. */
  readonly topicId: string;
  readonly partition: number;
}
