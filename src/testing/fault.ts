/**
 * What goes wrong, as a value: it can be written into a test, drawn by chance, printed, and left out.
 *
 * It strikes the requests that fit `api`, `node`, `topic` and `partition` (what is not given fits all; a connection is struck with `api: 'Connect'` only), `times` of them (default 1; Infinity: until
 * it is taken away).
 */
export type Fault = Where & Effect;

export interface Where {
  /** Kafka's name without `Request`: `Fetch`. `Connect`: the opening of a connection. */
  readonly api?: string;
  readonly node?: number;
  /** Only requests that name this topic by its name; an error then stands at the topic's partitions alone. */
  readonly topic?: string;
  readonly partition?: number;
  readonly times?: number;
  /** Strikes only after so many requests that fit have passed. Default 0. */
  readonly after?: number;
}

export type Effect =
  /** Answered with Kafka's error of this name, and nothing is done. `Connect`: the opening fails with it as its code. */
  | { readonly kind: 'error'; readonly error: string }
  /** The answer is so many ms later; what stands behind it on the same connection waits. */
  | { readonly kind: 'latency'; readonly delay: number }
  /** Done, but never answered; nor is what stands behind it on the same connection. */
  | { readonly kind: 'noAnswer' }
  /** The connection breaks: before the request is served, when half of the answer has been sent, or right behind it. */
  | { readonly kind: 'reset'; readonly when: 'before' | 'inside' | 'after' }
  /** The answer comes in chunks of so many bytes, so many ms apart. */
  | { readonly kind: 'trickle'; readonly bytes: number; readonly every: number }
  /** Bytes of the answer are inverted: from `at` on (negative: counted from its end), `length` of them (default 1). */
  | { readonly kind: 'corrupt'; readonly at: number; readonly length?: number }
  /** The answer says that the client is throttled for so many ms (KIP-219); the broker reads nothing more on that connection for as long. */
  | { readonly kind: 'throttle'; readonly delay: number };
