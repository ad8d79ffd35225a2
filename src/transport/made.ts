import { defer, EMPTY, type Observable } from 'rxjs';

/**
 * A request; or a function that makes it at the moment when it can be sent, because what it says may change while a coordinator is looked up or a connection
 * opened. undefined: there is nothing to send any more, and no answer comes.
 */
export type Request<Q> = Q | (() => Q | undefined);

/** Sends it as it is now. */
export function sendMade<Q, R>(request: Request<Q>, send: (request: Q) => Observable<R>): Observable<R> {
  return defer(() => {
    const made = isMaker(request) ? request() : request;
    return made === undefined ? EMPTY : send(made);
  });
}

function isMaker<Q>(request: Request<Q>): request is () => Q | undefined {
  return typeof request === 'function';
}
