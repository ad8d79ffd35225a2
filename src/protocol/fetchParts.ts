import type { FetchPartitionHeader } from './apis/fetch.ts';
import type { BatchView } from './recordBatch.ts';

/**
 * What a fetch answers, in the order of the wire: one head; then for each partition its header and its whole batches; then the end.
 *
 * Parts come while the answer is still arriving: what follows may fail. A header whose tags came with records, which Kafka does not do, is told
 * without them first, and once more with them behind the batches.
 */
export type FetchPart =
  | { readonly kind: 'head'; readonly errorCode: number; readonly sessionId: number; readonly throttleTimeMs: number }
  | { readonly kind: 'partition'; readonly header: FetchPartitionHeader }
  | { readonly kind: 'batch'; readonly topic: string; readonly partition: number; readonly batch: BatchView }
  /** The bytes where a batch should be are none: the batches before it are good. */
  | { readonly kind: 'corrupt'; readonly topic: string; readonly partition: number; readonly offset: number; readonly reason: string }
  | { readonly kind: 'end'; readonly bytes: number };
