import { defer, switchMap, take, tap } from 'rxjs';
import type { Observable, SchedulerLike } from 'rxjs';
import { RequestTimeoutError } from '../errors/index.ts';
import type { Api } from '../protocol/api.ts';
import type { FetchRequest } from '../protocol/apis/fetch.ts';
import type { FetchPart } from '../protocol/fetchParts.ts';
import { deadline, type Limits } from './deadline.ts';
import type { Gate } from './health.ts';
import { sendMade, type Request } from './made.ts';
import { createOpenings, type Opening } from './openings.ts';
import type { BrokerAddress, Connection } from './port.ts';

/** One connection to one broker that opens when it is needed and again after it was lost. */
export interface Link {
  /** `host:port`. */
  readonly broker: string;
  /**
   * `deadline`: ms from subscription, connecting included; only waiting for a broker that backs off comes on top, at most until the next attempt at
   * it has an outcome. At expiry RequestTimeoutError, and the connection is dropped.
   */
  request<Q, R>(api: Api<Q, R>, request: Request<Q>, deadline: number): Observable<R>;
  /** `first`: ms until the first part, counted like a deadline. `each`: ms between parts. */
  fetch(request: FetchRequest, deadline: { readonly first: number; readonly each: number }): Observable<FetchPart>;
  close(): void;
}

/** A link, with a look at its broker. */
export interface GatedLink extends Link {
  /** Milliseconds that a request would wait because the broker backs off; Infinity: until somebody else's attempt at it has an outcome. */
  wait(): number;
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
 *
 * A connection whose session comes to an end (SASL with a limit, KIP-368) is replaced before: the next user opens another, and the old one is closed
 * once what is under way on it has ended.
 */
export function createLink(options: LinkOptions): GatedLink {
  const { address, scheduler, connectTimeout = 10_000 } = options;
  const broker = `${address.host}:${String(address.port)}`;
  const openings = createOpenings({ ...options, broker, connectTimeout });
  const over = <T>(api: string, limits: Limits, send: (connection: Connection) => Observable<T>): Observable<T> =>
    defer(() => {
      let used: Opening | undefined;
      const answer = openings.current.pipe(
        take(1),
        tap((opening) => (used = opening)),
        switchMap((opening) => opening.use(send).pipe(tap(() => opening.answered()))),
        deadline(limits, scheduler, (waited) => new RequestTimeoutError(api, waited, { broker })),
        // Below the deadline: this request has stopped listening by now, so its own end is the time-out and not the loss.
        tap({
          error: (error: unknown) => {
            if (error instanceof RequestTimeoutError) used?.drop(`no answer to ${api} within ${String(error.waited)} ms`);
          },
        }),
      );
      return openings.admitted.pipe(switchMap(() => answer));
    });
  return {
    broker,
    wait: () => openings.wait(),
    request: (api, request, first) => over(api.name, { first }, (connection) => sendMade(request, (made) => connection.send(api, made))),
    fetch: (request, limits) => over('Fetch', limits, (connection) => connection.fetch(request)),
    close: () => openings.close(),
  };
}
