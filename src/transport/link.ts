import { defer, switchMap, take, tap } from 'rxjs';
import type { Observable, SchedulerLike } from 'rxjs';
import { RequestTimeoutError } from '../errors/index.ts';
import type { Api } from '../protocol/api.ts';
import type { FetchRequest } from '../protocol/apis/fetch.ts';
import type { FetchPart } from '../protocol/fetchParts.ts';
import { deadline, type Limits } from './deadline.ts';
import type { Gate } from './health.ts';
import { createOpenings, type Opening } from './openings.ts';
import type { BrokerAddress, Connection } from './port.ts';

/** One connection to one broker that opens when it is needed and again after it was lost. */
export interface Link {
  /** `host:port`. */
  readonly broker: string;
  /** `deadline`: ms from subscription, connecting included. At expiry RequestTimeoutError, and the connection is dropped. */
  request<Q, R>(api: Api<Q, R>, request: Q, deadline: number): Observable<R>;
  /** `first`: ms until the first part, connecting included. `each`: ms between parts. */
  fetch(request: FetchRequest, deadline: { readonly first: number; readonly each: number }): Observable<FetchPart>;
  close(): void;
}

export interface LinkOptions {
  readonly address: BrokerAddress;
  /** Opens a connection to the address: `() => connector.connect(address)`. */
  readonly connect: () => Observable<Connection>;
  readonly scheduler: SchedulerLike;
  /** Milliseconds that one attempt to connect may take, whoever waits for it. 10,000. */
  readonly connectTimeout?: number;
  /** The broker's health, shared by all links to it. Without one each user of a link that is not open tries anew. */
  readonly gate?: Gate;
  /** A connection is open. Must not throw. */
  readonly opened?: (connection: Connection) => void;
  /** It is gone; without an error: `close` was called. Follows each `opened`, once. Must not throw. */
  readonly closed?: (error?: Error) => void;
}

/**
 * A Link. Idle, its connection stays open; `close` closes it for ever.
 *
 * A request that ran out of time says that nothing on its connection will be answered soon, since a broker answers in order: the connection is
 * dropped, all that is pending on it errors with a retriable ConnectionError, and the next user opens another. A request that ran out of time
 * while still connecting leaves the attempt to the others who wait for it.
 */
export function createLink(options: LinkOptions): Link {
  const { address, scheduler, connectTimeout = 10_000 } = options;
  const broker = `${address.host}:${String(address.port)}`;
  const openings = createOpenings({ ...options, broker, connectTimeout });
  const over = <T>(api: string, limits: Limits, send: (connection: Connection) => Observable<T>): Observable<T> =>
    defer(() => {
      let used: Opening | undefined;
      return openings.current.pipe(
        take(1),
        tap((opening) => (used = opening)),
        switchMap((opening) => send(opening.connection).pipe(tap(() => opening.answered()))),
        deadline(limits, scheduler, (waited) => new RequestTimeoutError(api, waited, { broker })),
        // Below the deadline: this request has stopped listening by now, so its own end is the time-out and not the loss.
        tap({
          error: (error: unknown) => {
            if (error instanceof RequestTimeoutError) used?.drop(`no answer to ${api} within ${String(error.waited)} ms`);
          },
        }),
      );
    });
  return {
    broker,
    request: (api, request, first) => over(api.name, { first }, (connection) => connection.send(api, request)),
    fetch: (request, limits) => over('Fetch', limits, (connection) => connection.fetch(request)),
    close: () => openings.close(),
  };
}
