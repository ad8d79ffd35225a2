import { concat, defer, EMPTY, ignoreElements, throwError, timer, type Observable, type SchedulerLike } from 'rxjs';
import { backoffDelay, type Backoff } from '../cluster/backoff.ts';
import { InstanceFencedError } from '../errors/index.ts';
import type { Engine } from './engine.ts';
import type { GroupMode, ManualMode } from './settings.ts';

/** A static member of ours whose instance id belongs to another one now. */
interface Fence {
  readonly error: Error;
  /** Consumers of it that were refused in a row, and when the last one was: ms on its scheduler's clock. */
  times: number;
  at: number;
}

/**
 * The members of each source that were fenced, by group and instance id (KIP-345). It outlives the subscription: a `retry()` or `repeat()` that
 * joined again would fence the newcomer, which would come back in the same way, and so on without end.
 *
 * For as long as the source is used: nobody tells us that the newcomer has gone. A new `Kafka` object, as in a new process, takes the id back.
 */
const fences = new WeakMap<object, Map<string, Fence>>();

/** Which members are one and the same for their group; undefined: not a static member. */
export function instanceOf(mode: GroupMode | ManualMode): string | undefined {
  if (mode.kind !== 'group' || mode.instanceId === undefined) return undefined;
  return JSON.stringify([mode.groupId, mode.instanceId]);
}

/** A consumer comes to its end: remembers it if it was fenced, be it by the answer to its last commit. */
export function rememberFenced(source: object, { settings, membership, context }: Engine, end: Error | undefined): void {
  const { mode } = settings;
  const instance = instanceOf(mode);
  if (instance === undefined || mode.kind !== 'group' || membership === undefined) return;
  if (membership.state().kind !== 'fenced') {
    // Who has not been fenced is the newcomer, if there was one of this source: it has gone.
    fences.get(source)?.delete(instance);
    return;
  }
  const ofSource = fences.get(source) ?? new Map<string, Fence>();
  fences.set(source, ofSource);
  const words = `another member of ${mode.groupId} has taken over the instanceId ${mode.instanceId ?? ''}`;
  const error = end instanceof InstanceFencedError ? end : new InstanceFencedError(words);
  if (!ofSource.has(instance)) ofSource.set(instance, { error, times: 1, at: context.scheduler.now() });
}

/** Completes at once, unless this instance was fenced: then it errors as the one before did, after the back-off, never synchronously. */
export function unlessFenced(
  source: object,
  instance: string | undefined,
  backoff: Backoff,
  scheduler: SchedulerLike,
  random: () => number,
): Observable<never> {
  return defer(() => {
    const fence = instance === undefined ? undefined : fences.get(source)?.get(instance);
    if (fence === undefined) return EMPTY;
    const wait = fence.at + backoffDelay(backoff, fence.times, random) - scheduler.now();
    const refused = defer(() => {
      fence.times++;
      fence.at = scheduler.now();
      return throwError(() => fence.error);
    });
    return concat(timer(Math.max(0, wait), scheduler).pipe(ignoreElements()), refused);
  });
}
