import { EMPTY, filter, map, merge, scan, takeWhile, throwError, timer, mergeMap, type Observable } from 'rxjs';
import { OptionsError } from '../errors/index.ts';
import type { Engine } from './engine.ts';
import { refusedTopic, startFailure, type Wanted } from './startFailure.ts';

/** How often the clock of the start is looked at, at most: ms. */
const STEP = 500;

/** Errors when there will be no first assignment, or was none for too long. Never emits. */
export function startLimit(engine: Engine): Observable<never> {
  return merge(refused(engine), outOfTime(engine));
}

/** At once: waiting does not help. After the first assignment it is a matter of the partitions of that topic. */
function refused(engine: Engine): Observable<never> {
  return engine.cluster.views.pipe(
    takeWhile(() => !engine.started),
    map((view) => refusedTopic(wantedBy(engine), view)),
    mergeMap((error) => (error === undefined ? EMPTY : throwError(() => error))),
  );
}

/**
 * Errors when there is no first assignment within `startTimeout`: with all that was tried in vain. The clock stands still while a join is
 * parked: the coordinator is there then, and waits for others.
 */
function outOfTime(engine: Engine): Observable<never> {
  const { settings, context } = engine;
  const { startTimeout } = settings;
  if (startTimeout === 0) return EMPTY;
  const step = Math.min(STEP, startTimeout);
  return timer(step, step, context.scheduler).pipe(
    takeWhile(() => !engine.started),
    map(() => (isParked(engine) ? 0 : step)),
    scan((waited, more) => waited + more, 0),
    filter((waited) => waited >= startTimeout),
    mergeMap(() => throwError(() => tooLate(engine))),
  );
}

/** Where joining fails again and again nothing is parked, though we have an id. */
function isParked({ membership, settings, context, troubledAt }: Engine): boolean {
  if (context.scheduler.now() - troubledAt <= 2 * settings.backoff.max) return false;
  const state = membership?.state();
  return state !== undefined && (state.kind === 'syncing' || (state.kind === 'joining' && state.memberId !== ''));
}

function tooLate(engine: Engine): Error {
  const { settings, cluster, troubles, subscription } = engine;
  if (subscription.selection === undefined) return noSelection(settings.startTimeout);
  return startFailure(wantedBy(engine), cluster.view, [...troubles.values()], settings.startTimeout);
}

function noSelection(waited: number): Error {
  const words = `topics is an Observable, and has not emitted within ${String(waited)} ms`;
  return new OptionsError(words, [{ path: 'topics', given: '[an Observable]', allowed: 'a first selection within startTimeout' }]);
}

function wantedBy({ settings: { mode }, subscription }: Engine): readonly Wanted[] {
  return mode.kind === 'manual' ? mode.partitions : (subscription.selection?.names ?? []).map((topic) => ({ topic }));
}
