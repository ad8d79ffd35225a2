import { defer, finalize, switchMap, take, tap, throwError, timeout, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { ConnectionError, KafkaRxError, RequestTimeoutError } from '../errors/index.ts';
import type { Api } from '../protocol/api.ts';
import type { Attempt } from '../transport/health.ts';
import type { Connection } from '../transport/port.ts';
import type { Context } from './context.ts';
import { connectTimeout, type Gates } from './gates.ts';
import { asError } from './thrown.ts';

/** The brokers that the user gave, asked in turn, each time over a connection of its own. */
export interface Bootstrap {
  /** Milliseconds until the next one may be asked; Infinity: as soon as somebody else's attempt at it has an outcome. */
  wait(): number;
  /** Waits for that, connects and asks. `from`: told who answered, right before the answer comes. */
  ask<Q, R>(api: Api<Q, R>, request: Q, from?: (broker: string) => void): Observable<R>;
}

/** Stands for whichever it is before the first has been seen. */
const unseen = 'bootstrap';

/**
 * Only the connector knows which broker is the next, and it tells when it has connected or failed. What came after the last one the time before is
 * taken to come again, and before anything came after it, the last one itself: who gave one broker is given that one each time, and it is not to be
 * tried more often because some of the attempts have its name and some have not.
 */
export function createBootstrap(context: Context, gateOf: Gates): Bootstrap {
  const following = new Map<string, string>();
  let last = unseen;

  const next = (): string => following.get(last) ?? last;
  const seen = (broker: string): void => {
    following.set(last, broker);
    last = broker;
  };

  const asked = <Q, R>(expected: string, api: Api<Q, R>, request: Q, from?: (broker: string) => void): Observable<R> =>
    defer(() => {
      const attempt = attemptAt(expected, context.scheduler.now(), gateOf, seen);
      return connecting(context).pipe(
        tap(({ broker }) => attempt.at(broker).connected()),
        switchMap((connection) =>
          connection.send(api, request).pipe(
            tap(() => {
              attempt.at(connection.broker).answered();
              from?.(connection.broker);
            }),
          ),
        ),
        take(1),
        answeredWithin(context, api.name),
        tap({ error: (error: unknown) => attempt.at(KafkaRxError.is(error) ? error.broker : undefined).ended(asError(error)) }),
        finalize(() => attempt.abandon()),
      );
    });

  return {
    wait: () => gateOf(next()).wait(),
    ask: (api, request, from) =>
      defer(() => {
        const expected = next();
        return gateOf(expected).open.pipe(switchMap(() => asked(expected, api, request, from)));
      }),
  };
}

interface BootstrapAttempt {
  /** The attempt at the broker that it turned out to be; without one, that it was expected to be. The first word holds. */
  readonly at: (broker?: string) => Attempt;
  readonly abandon: () => void;
}

function attemptAt(expected: string, begun: number, gateOf: Gates, seen: (broker: string) => void): BootstrapAttempt {
  let attempt = gateOf(expected).begin(begun);
  let isKnown = false;
  return {
    at: (broker = expected) => {
      if (isKnown) return attempt;
      isKnown = true;
      seen(broker);
      if (broker !== expected) {
        attempt.abandoned();
        attempt = gateOf(broker).begin(begun);
      }
      return attempt;
    },
    abandon: () => attempt.abandoned(),
  };
}

function connecting({ connector, scheduler, ...rest }: Context): Observable<Connection> {
  const limit = connectTimeout(rest);
  const tooLate = (): Error => new ConnectionError('CONNECTION_FAILED', `no connection to a bootstrap broker within ${String(limit)} ms`);
  return defer(() => connector.connect()).pipe(timeout({ first: limit, scheduler, with: () => throwError(() => tooLate()) }));
}

function answeredWithin<R>({ requestTimeout, scheduler }: Context, api: string): MonoTypeOperatorFunction<R> {
  return timeout({ first: requestTimeout, scheduler, with: () => throwError(() => new RequestTimeoutError(api, requestTimeout)) });
}
