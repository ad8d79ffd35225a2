import type { Observable } from 'rxjs';
import type { Api } from '../protocol/api.ts';
import type { FetchRequest } from '../protocol/apis/fetch.ts';
import type { FetchPart } from '../protocol/fetchParts.ts';

/** Where a broker listens. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * The way to a cluster. kafkajs is one (`transport/kafkajs`), the simulated cluster another.
 *
 * `connect` emits one connection and stays open until it is unsubscribed; it errors when the peer goes, and never completes by itself.
 * Without a broker it tries the bootstrap brokers in turn: each call the next. Unsubscribing closes the connection at once.
 */
export interface Connector {
  connect(broker?: BrokerAddress): Observable<Connection>;
}

/**
 * One connection to one broker, negotiated and authenticated. Requests on it are answered in order.
 *
 * Nothing answers synchronously: an answer that arrives inside `subscribe` would let loops re-enter themselves. Unsubscribing cancels:
 * the answer is dropped when it comes. When the connection goes, everything pending errors with a retriable ConnectionError.
 * Requests carry no deadline here: who sends sets one (`Link`), and drops the connection when it expires.
 */
export interface Connection {
  /** `host:port`. */
  readonly broker: string;
  /** Milliseconds from its opening, after which the broker hangs up on the next request (KIP-368). Absent: none. */
  readonly sessionLifetime?: number;
  /** The version that both sides speak. Throws UnsupportedVersionError if there is none. */
  version(api: Pick<Api<unknown, unknown>, 'name' | 'key' | 'versions'>): number;
  /** Cold. Emits one answer and completes. */
  send<Q, R>(api: Api<Q, R>, request: Q): Observable<R>;
  /** Cold. Emits the parts of the answer as they arrive, and completes after the last. */
  fetch(request: FetchRequest): Observable<FetchPart>;
}
