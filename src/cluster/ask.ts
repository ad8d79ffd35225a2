import { catchError, defer, type Observable, switchMap, take, tap, throwError, timeout } from 'rxjs';
import { ConnectionError, type KafkaRxError, RequestTimeoutError } from '../errors/index.ts';
import type { Api } from '../protocol/api.ts';
import type { Link } from '../transport/link.ts';
import type { Context } from './context.ts';
import { asError, isRetriable } from './thrown.ts';

/** How many of the known brokers are asked before the bootstrap ones. */
const knownBrokersAsked = 3;

export type Ask = <Q, R>(api: Api<Q, R>, request: Q) => Observable<R>;

/**
 * Asks brokers one after the other until one answers: known ones in turn, each time beginning with the next, and then a bootstrap one.
 *
 * One that failed is left out for `backoff.max`, so that a hung broker costs its time-out once and not at each question. Errors at once
 * with what trying elsewhere does not heal (TLS, SASL), else with BROKERS_UNREACHABLE, which names what each one said.
 */
export function createAsk(context: Context, known: () => readonly number[], link: (nodeId: number) => Link): Ask {
  const failedAt = new Map<number, number>();
  let turn = 0;

  const ofBroker = <Q, R>(nodeId: number, api: Api<Q, R>, request: Q): Observable<R> =>
    defer(() => link(nodeId).request(api, request, context.requestTimeout)).pipe(
      tap({ error: () => failedAt.set(nodeId, context.scheduler.now()) }),
    );

  const isTrusted = (nodeId: number): boolean => {
    const failed = failedAt.get(nodeId);
    return failed === undefined || context.scheduler.now() - failed >= context.backoff.max;
  };

  return (api, request) =>
    defer(() => {
      const candidates = rotated(known(), turn++).filter(isTrusted).slice(0, knownBrokersAsked);
      return firstAnswer(api.name, [...candidates.map((nodeId) => ofBroker(nodeId, api, request)), ofBootstrap(context, api, request)]);
    });
}

function ofBootstrap<Q, R>(context: Context, api: Api<Q, R>, request: Q): Observable<R> {
  const { connector, requestTimeout, scheduler } = context;
  const tooLate = (): Observable<never> => throwError(() => new RequestTimeoutError(api.name, requestTimeout));
  return defer(() => connector.connect()).pipe(
    switchMap((connection) => connection.send(api, request)),
    take(1),
    timeout({ first: requestTimeout, scheduler, with: tooLate }),
  );
}

/** The answer of the first that gives one. Each is tried after the one before it failed. */
function firstAnswer<R>(api: string, attempts: readonly Observable<R>[]): Observable<R> {
  return defer(() => {
    const failures: KafkaRxError[] = [];
    return attempts.reduceRight<Observable<R>>(
      (next, attempt) =>
        attempt.pipe(
          catchError((error: unknown) => {
            if (!isRetriable(error)) return throwError(() => asError(error));
            failures.push(error);
            return next;
          }),
        ),
      throwError(() => unreachable(api, failures)),
    );
  });
}

function unreachable(api: string, failures: readonly KafkaRxError[]): ConnectionError {
  const said = failures.map(({ message }) => message).join('; ');
  return new ConnectionError('BROKERS_UNREACHABLE', `no broker answered ${api}: ${said}`, {
    advice: 'Look whether the brokers run, and whether the addresses are right and can be reached from here.',
    cause: failures.at(-1),
  });
}

function rotated(nodeIds: readonly number[], turn: number): readonly number[] {
  if (nodeIds.length === 0) return [];
  const first = turn % nodeIds.length;
  return [...nodeIds.slice(first), ...nodeIds.slice(0, first)];
}
