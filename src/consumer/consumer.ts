import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  map,
  merge,
  mergeMap,
  of,
  ReplaySubject,
  share,
  switchMap,
  take,
  takeUntil,
  tap,
  throwError,
  timer,
  type Observable,
  type OperatorFunction,
  type Unsubscribable,
} from 'rxjs';
import { asError } from '../cluster/thrown.ts';
import { ConsumerClosedError, DrainTimeoutError } from '../errors/index.ts';
import type { PartitionStream } from '../model/partitionStream.ts';
import type { TopicPartition } from '../model/topicPartition.ts';
import type { PartitionEvent } from '../table/partitionEvent.ts';
import type { Connector } from '../transport/port.ts';
import { attendance } from './attendance.ts';
import { afterClosing, startClosing } from './closing.ts';
import { createEngine, heldBy, startOf, type Engine } from './engine.ts';
import { instanceOf, rememberFenced, unlessFenced } from './fenced.ts';
import { allAcked, endStreams } from './handOver.ts';
import { marksReached } from './marksReached.ts';
import { goneOf, settlement, type Settle } from './settle.ts';
import type { ConsumerSettings } from './settings.ts';
import { startLimit } from './start.ts';
import { partitionStreams } from './streams.ts';
import { untilOf } from './until.ts';
import { watch } from './watch.ts';
import { work } from './work.ts';

/** Which consumers follow one another: those of the same source and group. */
function keyOf({ mode }: ConsumerSettings): string {
  return mode.groupId ?? JSON.stringify(mode.kind === 'manual' ? mode.partitions : []);
}

/** Cold: each subscription is one consumer. It waits for the end of the one before, of the same source and group. */
export function consumer(connector: Connector, source: object, settings: ConsumerSettings): Observable<PartitionStream> {
  const { backoff, scheduler, random, until } = settings;
  const key = keyOf(settings);
  return defer(() => {
    // Subscribed once, from the beginning: a stop that comes while it still waits for its turn is not forgotten, and a timer runs from now on.
    const stop = untilOf(until).pipe(share({ connector: () => new ReplaySubject(1), resetOnComplete: false, resetOnError: false }));
    const held = stop.subscribe({ error: () => undefined });
    // So are the topics: a selection that comes meanwhile counts.
    const [own, chosen] = selectingFromNow(settings);
    const turn = afterClosing(source, key, backoff, scheduler, random).pipe(takeUntil(stop));
    const mayBegin = unlessFenced(source, instanceOf(settings.mode), backoff, scheduler, random).pipe(takeUntil(stop));
    const life = defer(() => lifeOf(createEngine(connector, own), source, key, stop));
    return concat(turn, mayBegin, life).pipe(
      finalize(() => {
        held.unsubscribe();
        chosen.unsubscribe();
      }),
    );
  });
}

/** The same settings, whose topics are listened to from now on, once. */
function selectingFromNow(settings: ConsumerSettings): [ConsumerSettings, Unsubscribable] {
  const { mode } = settings;
  if (mode.kind !== 'group' || mode.selections === undefined) return [settings, EMPTY.subscribe()];
  const selections = mode.selections.pipe(share({ connector: () => new ReplaySubject(1), resetOnComplete: false, resetOnError: false }));
  return [{ ...settings, mode: { ...mode, selections } }, selections.subscribe({ error: () => undefined })];
}

function lifeOf(engine: Engine, source: object, key: string, until: Observable<unknown>): Observable<PartitionStream> {
  const { settings, context, table } = engine;
  const settle = settlement(engine, (end) => rememberFenced(source, engine, end));
  const host = { ...engine, drainTimeout: settings.drainTimeout, start: (place: TopicPartition) => startOf(engine, place) };
  return events(engine, settle, until).pipe(
    partitionStreams(host),
    finalize(() => {
      // Below groupBy: it runs though groups are still held. Who has drained or failed has settled already.
      const cursors = heldBy(engine);
      endStreams(cursors, 'closed');
      for (const { abort } of cursors) abort.abort(new ConsumerClosedError('the consumer was unsubscribed'));
      startClosing(source, key, settle('unsubscribed'), table.moved, context.scheduler.now());
    }),
  );
}

function events(engine: Engine, settle: Settle, stopping: Observable<unknown>): Observable<PartitionEvent> {
  // groupBy errors its groups before the outer: a bare retry() on one would never let the error out. So streams complete first.
  const failing = (error: unknown): Observable<never> => {
    endStreams(heldBy(engine), 'failed');
    return settle('failed', asError(error)).pipe(mergeMap((end) => (end === undefined ? EMPTY : throwError(() => end))));
  };
  const living = merge(work(engine, stopping), startLimit(engine), attendance(engine), watch(engine)).pipe(catchError(failing));
  // Heartbeats and commits go on while it drains. `takeUntil` stands last, after every repeat and retry.
  return living.pipe(takeUntil(drained(engine, stopping, settle).pipe(catchError(failing))));
}

/** Emits when everything is done that is to be done before a graceful end; errors if not all of it got through. */
function drained(engine: Engine, stopping: Observable<unknown>, settle: Settle): Observable<unknown> {
  return merge(stopping.pipe(switchMap(() => drain(engine))), marksReached(engine).pipe(map(() => undefined))).pipe(
    take(1),
    tap(() => {
      engine.stopping = true;
    }),
    concatMap((why) => settle('drained', why)),
    endWith,
  );
}

/** Streams complete first, so that user buffers flush; then acks are awaited. What it emits first is what was missing at the end, or undefined. */
function drain(engine: Engine): Observable<Error | undefined> {
  return defer(() => {
    const { table, context, settings } = engine;
    const { drainTimeout } = settings;
    engine.stopping = true;
    const cursors = heldBy(engine);
    endStreams(cursors, 'stopping');
    const late = (): Error =>
      new DrainTimeoutError(
        heldBy(engine).reduce((sum, { unacked }) => sum + unacked, 0),
        drainTimeout,
      );
    return merge(allAcked(table, cursors).pipe(map(() => goneOf(engine, cursors))), timer(drainTimeout, context.scheduler).pipe(map(late)));
  });
}

/** The end that was settled: an error, or none. */
const endWith: OperatorFunction<Error | undefined, undefined> = mergeMap((end) =>
  end === undefined ? of(undefined) : throwError(() => end),
);
