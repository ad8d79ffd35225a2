import type { ConsumerEvent } from '../../src/model/events.ts';
import type { StartPosition } from '../../src/model/startPosition.ts';
import type { FetchPart } from '../../src/protocol/fetchParts.ts';
import type { Settings } from '../../src/options/settings.ts';

/** What a stream shows of itself at any time. */
export interface StreamView {
  readonly topic: string;
  readonly partition: number;
  readonly assignmentEpoch: number;
  readonly position: number | undefined;
}

/** How a consumer came to its end. */
export type Ending = { readonly how: 'completed' | 'unsubscribed' | 'crashed' } | { readonly how: 'errored'; readonly error: unknown };

/** What can be seen of a consumer from outside, one thing after another. `stream`: the assignment epoch of the stream. */
export type Seen =
  // Its life.
  | { readonly kind: 'begins'; readonly settings: Settings }
  /** Its `until` has emitted. */
  | { readonly kind: 'stop' }
  /** Its `until` has failed: the consumer ends with that. */
  | { readonly kind: 'stopFails'; readonly error: unknown }
  | { readonly kind: 'ends'; readonly ending: Ending }
  | { readonly kind: 'event'; readonly event: ConsumerEvent }
  // What goes over its connections. A `connection` is counted from its attempt on; an `id` is that of a request.
  | { readonly kind: 'connecting'; readonly connection: number; readonly broker: string }
  | { readonly kind: 'connected'; readonly connection: number; readonly broker: string }
  | { readonly kind: 'disconnected'; readonly connection: number; readonly broker: string; readonly error?: unknown }
  | {
      readonly kind: 'request';
      readonly id: number;
      readonly broker: string;
      readonly api: string;
      /** Of a Fetch: with all that the broker is to fetch by it. */
      readonly request: unknown;
      /** The same as it goes over the wire. */
      readonly said?: unknown;
    }
  | { readonly kind: 'answer'; readonly id: number; readonly broker: string; readonly api: string; readonly response: unknown }
  | { readonly kind: 'part'; readonly id: number; readonly broker: string; readonly part: FetchPart }
  /** It came to nothing; without an error: nobody waits for it any more. */
  | { readonly kind: 'failed'; readonly id: number; readonly broker: string; readonly api: string; readonly error?: unknown }
  // Its streams.
  | { readonly kind: 'stream'; readonly stream: number; readonly view: StreamView }
  | { readonly kind: 'subscribed' | 'unsubscribed' | 'completed'; readonly stream: number }
  | { readonly kind: 'errored'; readonly stream: number; readonly error: unknown }
  /** Handed over together. `bytes`: keys and values; `leaderEpoch`: in which they were written. */
  | {
      readonly kind: 'delivered';
      readonly stream: number;
      readonly offsets: readonly number[];
      readonly bytes: number;
      readonly leaderEpoch?: number;
    }
  | { readonly kind: 'acked'; readonly stream: number; readonly offset: number; readonly positionEpoch: number }
  | { readonly kind: 'seek'; readonly stream: number; readonly to: StartPosition | 'committed' }
  /** `seekRefused`: the one just before it threw. */
  | { readonly kind: 'paused' | 'resumed' | 'seekRefused'; readonly stream: number };
