import {
  concatMap,
  defer,
  delay,
  finalize,
  ignoreElements,
  merge,
  mergeMap,
  NEVER,
  Observable,
  of,
  Subject,
  takeUntil,
  tap,
  throwError,
  timer,
  type Subscriber,
} from 'rxjs';
import { ConnectionError } from '../../../src/errors/index.ts';
import { fetchApi } from '../../../src/protocol/apis/fetch.ts';
import { partsOf } from '../../../src/transport/fetchAnswer.ts';
import type { Connection } from '../../../src/transport/port.ts';
import type { ScriptedCluster } from './cluster.ts';
import { nameOf, NEVER_ANSWERED, RESET, type Fault } from './model.ts';
import { serve } from './services.ts';

interface Job {
  readonly api: string;
  readonly request: unknown;
  readonly out: Subscriber<never>;
}

/** A connection that is open for as long as it is subscribed: the broker answers one request after another, `latency` ms after it has the answer. */
export function openConnection(cluster: ScriptedCluster, node: number): Observable<Connection> {
  return defer(() => {
    const jobs = new Subject<Job>();
    const pending = new Set<Subscriber<never>>();
    const broken = new Subject<Error>();
    const broker = `${nameOf(node)}:9092`;
    let open = true;

    const send = (api: string, request: unknown): Observable<never> =>
      new Observable((out) => {
        cluster.note(api, node, request);
        if (!open) return soon(cluster, lost(broker), out);
        pending.add(out);
        jobs.next({ api, request, out });
        return () => pending.delete(out);
      });

    const connection: Connection = {
      broker,
      version: ({ versions: [, max] }) => max,
      send: (api, request) => send(api.name, request),
      fetch: (request) =>
        (send(fetchApi.name, request) as Observable<Parameters<typeof partsOf>[0]>).pipe(
          mergeMap((response) => partsOf(response, sizeOf(response))),
        ),
    };

    const working = jobs.pipe(concatMap((job) => work(cluster, node, job, broken)));
    const end = merge(broken, cluster.cuts.pipe(mergeMap((cut) => (cut === node ? of(lost(broker)) : []))));
    return merge(end.pipe(mergeMap((error) => throwError(() => error))), working, of(connection), NEVER).pipe(
      finalize(() => {
        open = false;
        cluster.closed(node);
        for (const out of [...pending]) out.error(lost(broker));
      }),
    );
  });
}

/** Serves one request; a fault of the script takes the place of the answer. */
function work(cluster: ScriptedCluster, node: number, { api, request, out }: Job, broken: Subject<Error>): Observable<never> {
  const fault: Fault = cluster.faultFor(api, node) ?? 'NONE';
  if (fault === NEVER_ANSWERED) return NEVER;
  const { latency, scheduler } = cluster;
  if (fault === RESET) {
    return timer(latency, scheduler).pipe(
      tap(() => broken.next(lost(nameOf(node)))),
      ignoreElements(),
    );
  }
  const late = typeof fault === 'string' ? 0 : fault.delay;
  const error = typeof fault === 'string' ? fault : 'NONE';
  return serve(cluster, node, api, request, error).pipe(
    delay(latency + late, scheduler),
    tap((response) => {
      out.next(response);
      out.complete();
    }),
    ignoreElements(),
    takeUntil(broken),
  );
}

function soon({ scheduler }: ScriptedCluster, error: Error, out: Subscriber<never>): () => void {
  const failing = scheduler.schedule(() => out.error(error));
  return () => failing.unsubscribe();
}

function lost(broker: string): ConnectionError {
  return new ConnectionError('CONNECTION_LOST', `the connection to ${broker} is gone`);
}

function sizeOf({ responses }: Parameters<typeof partsOf>[0]): number {
  return responses.flatMap(({ partitions }) => partitions).reduce((sum, { records }) => sum + (records?.length ?? 0), 0);
}
