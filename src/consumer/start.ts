import { EMPTY, filter, map, scan, take, takeWhile, throwError, timer, mergeMap, type Observable } from 'rxjs';
import { ConnectionError, KafkaRxError, RequestTimeoutError, UnknownTopicError } from '../errors/index.ts';
import { kafkaErrorOf } from '../errors/table.ts';
import type { Engine } from './engine.ts';

/** How often the clock of the start is looked at, at most: ms. */
const STEP = 500;

/**
 * Errors when there is no first assignment within `startTimeout`: with all that was tried in vain. The clock stands still while a join is
 * parked: the coordinator is there then, and waits for others.
 */
export function startLimit(engine: Engine): Observable<never> {
  const { settings, context } = engine;
  const { startTimeout } = settings;
  if (startTimeout === 0) return EMPTY;
  const step = Math.min(STEP, startTimeout);
  return timer(step, step, context.scheduler).pipe(
    takeWhile(() => !engine.started),
    map(() => (isParked(engine) ? 0 : step)),
    scan((waited, more) => waited + more, 0),
    filter((waited) => waited >= startTimeout),
    take(1),
    mergeMap(() => throwError(() => tooLate(engine))),
  );
}

function isParked({ membership }: Engine): boolean {
  const state = membership?.state();
  return state !== undefined && (state.kind === 'syncing' || (state.kind === 'joining' && state.memberId !== ''));
}

function tooLate({ settings, cluster, troubles, topics }: Engine): Error {
  const waited = `${String(settings.startTimeout)} ms`;
  const { view } = cluster;
  const unknown = [...topics].filter((topic) => view.errors.has(topic) || (view.at !== undefined && !view.topics.has(topic)));
  const causes = [...troubles.values()];
  const cause = causes.length === 0 ? undefined : new AggregateError(causes, 'what failed meanwhile');
  const [topic] = unknown;
  if (topic !== undefined) {
    const why = unknown.map((name) => `${name} (${kafkaErrorOf(view.errors.get(name) ?? 3).name})`).join(', ');
    return new UnknownTopicError(`the cluster does not have ${why} after ${waited}`, { topic, cause });
  }
  const last = causes.at(-1);
  if (KafkaRxError.is(last) && !(last instanceof ConnectionError || last instanceof RequestTimeoutError)) return last;
  const tried = causes.map(({ message }) => message).join('; ');
  const words = tried === '' ? 'no partition was assigned' : tried;
  return new ConnectionError('BROKERS_UNREACHABLE', `no consumer after ${waited}: ${words}`, {
    cause,
    advice: 'Check that the brokers run, and that both the bootstrap and the advertised addresses can be reached from here.',
  });
}
