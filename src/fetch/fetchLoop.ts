import { catchError, concatMap, defer, EMPTY, finalize, from, repeat, retry, takeUntil, throwError, type Observable } from 'rxjs';
import { backoffDelay } from '../cluster/backoff.ts';
import type { Context } from '../cluster/context.ts';
import type { Cluster } from '../cluster/ports.ts';
import { KafkaRxError } from '../errors/index.ts';
import type { AutoOffsetReset } from '../model/startPosition.ts';
import { whenDue } from '../table/due.ts';
import type { PartitionEvent } from '../table/partitionEvent.ts';
import type { Row } from '../table/row.ts';
import { asError, isRetriable } from '../cluster/thrown.ts';
import type { Table } from '../table/table.ts';
import { accept } from './accept.ts';
import { backToLeader, type Acceptance } from './acceptance.ts';
import { plan } from './plan.ts';
import type { FetchSettings } from './request.ts';
import { begin, type Round } from './round.ts';
import { afterAnswer, afterFailure, noSession, type FetchSession } from './session.ts';

/** What is kept from one round to the next: what the broker remembers of them. */
interface Kept {
  session: FetchSession;
}

export interface Fetching {
  readonly context: Context;
  readonly cluster: Cluster;
  readonly table: Table;
  readonly settings: FetchSettings;
  readonly autoOffsetReset: AutoOffsetReset;
}

/**
 * Fetches from one broker for as long as it is subscribed and the broker is there.
 *
 * A round asks for what `plan` says and ends when its answer has been taken in. `repeat` begins the next one as soon as there is something
 * to ask for; `retry` does the same after a round that failed, whose back-off stands in the table by then. Neither remembers anything:
 * both look at the table when it changes, and once a second.
 */
export function fetchLoop(fetching: Fetching, row: Row): Observable<PartitionEvent> {
  const ready = (): Observable<unknown> => fetchable(fetching, row);
  const kept: Kept = { session: noSession };
  return fetchRound(fetching, row, kept).pipe(
    repeat({ delay: ready }),
    retry({ delay: (error: unknown) => (isRetriable(error) ? ready() : throwError(() => error)) }),
    takeUntil(row.gone.wakes),
  );
}

/** Emits once, as soon as there is something to ask this broker for. */
function fetchable({ context: { scheduler }, table }: Fetching, row: Row): Observable<unknown> {
  return whenDue(row.line, () => plan(row, table.servedBy(row.nodeId), scheduler.now()).wait, scheduler);
}

/** One request and its answer. Empty where there is nothing to ask for, as after a timer that came early. */
function fetchRound(fetching: Fetching, row: Row, kept: Kept): Observable<PartitionEvent> {
  const { context, cluster, table, settings } = fetching;
  return defer(() => {
    const round = begin(table, row, kept.session, settings, context.scheduler.now());
    if (round === undefined) return EMPTY;
    const link = cluster.link(row.nodeId, 'fetch');
    const to: Acceptance = { ...fetching, broker: link.broker };
    // Until the whole answer is there it is not known what the broker remembers of it.
    kept.session = afterFailure(kept.session);
    const deadline = { first: context.requestTimeout + round.maxWait, each: context.requestTimeout };
    return link.fetch(round.request, deadline).pipe(
      concatMap((part) => {
        const events = accept(round, part, to);
        if (part.kind === 'end') kept.session = afterAnswer(round.step, round.sessionId);
        return from(events);
      }),
      catchError((error: unknown) => {
        failed(fetching, round, link.broker, error);
        return throwError(() => error);
      }),
      finalize(() => {
        round.free();
      }),
    );
  });
}

/** Written down before the error leaves: `retry` asks for the next round before this one's `finalize` has run. */
function failed({ context, cluster, table }: Fetching, round: Round, broker: string, cause: unknown): void {
  const { scheduler, backoff, random, tell } = context;
  const { row } = round;
  round.free();
  row.failures++;
  const delay = backoffDelay(backoff, row.failures, random);
  row.notBefore = Math.max(row.notBefore, scheduler.now() + delay);
  if (!isOfSession(cause)) {
    for (const ask of round.asks) backToLeader(ask, cause, { context, table });
    cluster.invalidate();
  }
  tell({ kind: 'retryScheduled', api: 'Fetch', broker, attempt: row.failures, delay, error: asError(cause) });
}

/** What a broker says of our session says nothing of who leads: the next request opens another. */
function isOfSession(cause: unknown): boolean {
  return KafkaRxError.is(cause) && cause.code.includes('FETCH_SESSION');
}
