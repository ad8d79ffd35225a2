import { catchError, filter, map, Subject, throwError, type Observable } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { expect } from 'vitest';
import { KafkaRxError } from '../../../src/errors/index.ts';
import type { ConsumerEvent } from '../../../src/model/events.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import { attach } from '../../../simulation/oracle/attach.ts';
import { Violation, type Invariant } from '../../../simulation/oracle/violation.ts';
import { ScriptedCluster, type Made } from './cluster.ts';
import { consumerOf, settings, type Overrides } from './settings.ts';

/** What a marble is drawn with: virtual time in frames of 1 ms, a cluster, and consumers of it. */
export interface Marble extends RunHelpers {
  readonly scheduler: TestScheduler;
  readonly cluster: ScriptedCluster;
  /** A consumer of the cluster: see `settings` for what it does if nothing else is said. Its events go to `told`. */
  readonly consume: (overrides?: Overrides, source?: object) => Observable<PartitionStream>;
  /** What the consumers tell, of one kind. */
  readonly told: <K extends ConsumerEvent['kind']>(kind: K) => Observable<ConsumerEvent & { readonly kind: K }>;
  /** Does what the letters stand for, at their time. */
  readonly play: (marbles: string, actions: Readonly<Record<string, () => void>>) => void;
}

/** Invariants that do not hold in a marble, and why that is meant. The oracle says nothing more from then on. */
export type Breaks = { readonly [I in Invariant]?: string };

/** By then everything has come to its end: ms. */
const END_OF_TIME = 72 * 3_600_000;

/**
 * A test in virtual time. `initialDelay`: for how long an empty group waits for more members, ms. The picture is compared frame by frame; at the end
 * no timer may be armed and no connection open. The oracle watches the consumers: every invariant holds at every moment, but for `breaks`.
 */
export function marble(draw: (marble: Marble) => void, made: Made = 1, initialDelay = 0, breaks: Breaks = {}): () => void {
  return () => {
    const scheduler = new TestScheduler((actual, expected) => expect(lines(actual)).toEqual(lines(expected)));
    const cluster = new ScriptedCluster(scheduler, made, initialDelay);
    const watched = attach(cluster, scheduler);
    scheduler.run((helpers) => {
      scheduler.schedule(() => {
        if (scheduler.actions.some(({ closed }) => !closed)) throw new Error('a timer is armed after everything was unsubscribed');
      }, END_OF_TIME);
      const events = new Subject<ConsumerEvent>();
      draw({
        ...helpers,
        scheduler,
        cluster,
        consume: (overrides, source = cluster) =>
          watched
            .consume(settings(scheduler, { events, ...overrides }), (connector, given) => consumerOf(connector, given, source))
            .pipe(named()),
        told: (kind) => events.pipe(filter((event): event is Extract<ConsumerEvent, { kind: typeof kind }> => event.kind === kind)),
        play: (marbles, actions) => {
          helpers.hot(marbles).subscribe((letter) => actions[letter]?.());
        },
      });
    });
    expect(cluster.open).toBe(0);
    judge(watched.end, breaks);
  };
}

/** What does not hold, and does not have to; one that is said not to hold does not. */
function judge(end: () => void, breaks: Breaks): void {
  let broken: Invariant | undefined;
  try {
    end();
  } catch (error) {
    if (!(error instanceof Violation) || breaks[error.invariant] === undefined) throw error;
    broken = error.invariant;
  }
  expect(broken === undefined ? [] : [broken]).toEqual(Object.keys(breaks));
}

/** Errors by their codes, for `#` in a marble. */
export function named<T>(): (source: Observable<T>) => Observable<T> {
  return (source) => source.pipe(catchError((error: unknown) => throwError(() => codeOf(error))));
}

/** Its code; what has none, as it is. */
export function codeOf(error: unknown): unknown {
  return KafkaRxError.is(error) ? error.code : error;
}

/** Each record by its offset; of several partitions, by partition and offset. */
export function offsets(): (source: Observable<{ readonly offset: number }>) => Observable<string> {
  return map(({ offset }) => String(offset));
}

interface Message {
  readonly frame: number;
  readonly notification: { readonly kind: string; readonly value?: unknown; readonly error?: unknown };
}

/** `12 fetch orders/0@0`: one line for each thing that happened, so that a difference can be read. */
function lines(messages: unknown): unknown {
  if (!Array.isArray(messages)) return messages;
  return (messages as readonly Message[]).map(({ frame, notification: { kind, value, error } }) => {
    const what = kind === 'N' ? String(value) : kind === 'E' ? `error ${String(error)}` : 'complete';
    return `${frame} ${what}`;
  });
}
