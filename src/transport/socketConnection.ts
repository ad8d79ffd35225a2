import { defer, mergeMap, Observable, throwError, timer } from 'rxjs';
import type { SchedulerLike } from 'rxjs';
import { KafkaRxError, UnsupportedVersionError } from '../errors/index.ts';
import type { Api } from '../protocol/api.ts';
import { fetchApi } from '../protocol/apis/fetch.ts';
import { FetchWalk } from '../protocol/fetchWalk.ts';
import { decodeResponse, encodeRequest } from '../protocol/header.ts';
import { MalformedError } from '../protocol/MalformedError.ts';
import { highestCommon, type VersionRange } from '../protocol/versions.ts';
import type { Connection } from './port.ts';
import type { SocketLike } from './socket.ts';
import { openWire, type Wire } from './wire.ts';

/** What was agreed on while connecting. */
export interface Negotiated {
  /** `host:port`. */
  readonly broker: string;
  /** Sent with each request: brokers log it and give quotas by it. */
  readonly clientId: string;
  /** What the broker speaks, by API key. */
  readonly versions: ReadonlyMap<number, VersionRange>;
  /** Milliseconds from now that the broker believes who we are (KIP-368); absent: for ever. */
  readonly sessionLifetime?: number;
  /** What to look at if the broker hangs up before it has answered anything. */
  readonly unanswered?: string;
}

/**
 * A Connection over a socket that is connected, authenticated and ours alone.
 *
 * Emits it on subscription and stays open until it is unsubscribed. Errors with CONNECTION_LOST when the socket ends or fails, and when the broker
 * says what cannot be: a frame of an impossible length, an answer to another request than the one due. In each case the socket is destroyed at
 * once. An answer in a good frame that cannot be read fails its own request only, with MALFORMED_RESPONSE: it would not be any other a second time.
 *
 * `scheduler`: where errors of requests that were never sent are put off to, so that none comes inside `subscribe`.
 */
export function socketConnection(socket: SocketLike, negotiated: Negotiated, scheduler: SchedulerLike): Observable<Connection> {
  return new Observable<Connection>((subscriber) => {
    const wire = openWire(socket, negotiated, (error) => subscriber.error(error), scheduler);
    subscriber.add(() => wire.close());
    if (socket.destroyed) wire.close();
    else subscriber.next(connectionOver(wire, negotiated, scheduler));
  });
}

function connectionOver(wire: Wire, { broker, clientId, versions, sessionLifetime }: Negotiated, scheduler: SchedulerLike): Connection {
  const version: Connection['version'] = (api) => {
    const theirs = versions.get(api.key);
    const common = theirs && highestCommon(api.versions, theirs);
    if (common === undefined) throw new UnsupportedVersionError(api.name, api.versions, theirs, { broker });
    return common;
  };
  const failLater = (error: Error): Observable<never> => timer(0, scheduler).pipe(mergeMap(() => throwError(() => error)));
  const ask = <Q, R, T>(api: Api<Q, R>, request: Q, receiver: (version: number) => Receiver<T>): Observable<T> =>
    defer(() => {
      if (wire.lost !== undefined) return failLater(wire.lost);
      try {
        const spoken = version(capped(api, request));
        const bytes = encodeRequest(api, spoken, wire.nextId, clientId, request);
        return exchange(wire, bytes, receiver(spoken), (cause) => unreadable(api.name, broker, cause));
      } catch (error) {
        return failLater(unsendable(api.name, error));
      }
    });
  return {
    broker,
    ...(sessionLifetime !== undefined && { sessionLifetime }),
    version,
    send: (api, request) =>
      ask(api, request, (spoken) => (frame, filled) => (filled < frame.length ? [] : [decodeResponse(api, spoken, frame)])),
    fetch: (request) =>
      ask(fetchApi, request, (spoken) => {
        const walk = new FetchWalk(spoken);
        return (frame, filled) => walk.advance(frame, filled);
      }),
  };
}

/** The API in the versions that can say this request. */
function capped<Q, R>(api: Api<Q, R>, request: Q): Pick<Api<Q, R>, 'name' | 'key' | 'versions'> {
  const { name, key, versions } = api;
  return { name, key, versions: [versions[0], Math.min(versions[1], api.upTo?.(request) ?? Infinity)] };
}

/** The values that can be read now and could not before: the first `filled` bytes of the frame are there. */
type Receiver<T> = (frame: Buffer, filled: number) => Iterable<T>;

/**
 * One request, and the values of its answer as it comes.
 *
 * Who unsubscribes between two of them, or gets an error for what cannot be read, has cancelled the request: the rest of the frame is passed over.
 */
function exchange<T>(wire: Wire, bytes: Buffer, receive: Receiver<T>, unreadableBecause: (cause: unknown) => Error): Observable<T> {
  return new Observable<T>((subscriber) => {
    const take = (frame: Buffer, filled: number): void => {
      try {
        for (const value of receive(frame, filled)) {
          if (subscriber.closed) return;
          subscriber.next(value);
        }
        if (filled === frame.length) subscriber.complete();
      } catch (error) {
        subscriber.error(unreadableBecause(error));
      }
    };
    return wire.send(bytes, {
      answer: (frame) => take(frame, frame.length),
      arriving: take,
      fail: (error) => subscriber.error(error),
    });
  });
}

function unreadable(api: string, broker: string, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : 'it cannot be read';
  // What is fetched is other bytes each time: what came damaged once may come as it should the next time.
  return new MalformedError(`the answer to ${api} from ${broker}: ${why}`, { broker, cause, retriable: api === fetchApi.name });
}

function unsendable(api: string, cause: unknown): Error {
  if (KafkaRxError.is(cause)) return cause;
  const why = cause instanceof Error ? cause.message : 'it cannot be written';
  return new KafkaRxError('MALFORMED_REQUEST', `the request ${api}: ${why}`, {
    cause,
    advice: 'This is a defect of kafka-rx: please report it.',
  });
}
