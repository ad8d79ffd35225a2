import { defer, tap, type Observable, type SchedulerLike } from 'rxjs';
import { untilOf } from '../../src/consumer/until.ts';
import type { EventSink } from '../../src/options/types.ts';
import type { PartitionStream } from '../../src/model/partitionStream.ts';
import type { Settings } from '../../src/options/settings.ts';
import type { SimulatedCluster } from '../../src/testing/simulatedCluster.ts';
import type { Connector } from '../../src/transport/port.ts';
import { Oracle, type Watched } from './oracle.ts';
import { truthOf } from './truth.ts';

/** An oracle beside a cluster on any scheduler. */
export interface Attached {
  readonly oracle: Oracle;
  /**
   * A consumer that is watched; each subscription is another one. `make`: makes it of the connector and the settings that it is to have instead of
   * its own. One whose events are told to nobody is as it is, since it would be another one with them: it warns the process.
   */
  consume<S extends Settings>(
    settings: S,
    make: (connector: Connector, settings: S) => Observable<PartitionStream>,
  ): Observable<PartitionStream>;
  /** Throws what was violated so far. */
  check(): void;
  /** All have come to their ends: throws what was violated, or what is left of them. */
  end(): void;
}

/**
 * Watches consumers of a cluster on a scheduler that does not say when a moment is over, as a TestScheduler: the oracle looks when the first thing
 * is seen of the next one.
 */
export function attach(cluster: SimulatedCluster, scheduler: SchedulerLike): Attached {
  const oracle = new Oracle(truthOf(cluster.model));
  let at = scheduler.now();
  let count = 0;
  oracle.onSeen = () => {
    const now = scheduler.now();
    if (now !== at) oracle.look();
    at = now;
  };
  return {
    oracle,
    consume: (settings, make) =>
      defer(() => {
        if (settings.events === undefined) return make(cluster, settings);
        const watched = oracle.member(`m${String(++count)}`, settings, cluster, scheduler);
        const events: EventSink = (event) => {
          watched.events(event);
          tell(settings.events, event);
        };
        return watched.watch(make(watched.connector, { ...settings, ...untilTold(settings, watched), events }));
      }),
    check: () => oracle.check(),
    end() {
      oracle.look();
      oracle.end();
    },
  };
}

function untilTold({ until }: Settings, watched: Watched): Pick<Settings, 'until'> {
  if (until === undefined) return {};
  return { until: untilOf(until).pipe(tap({ next: () => watched.stopped(), error: (error: unknown) => watched.stopFailed(error) })) };
}

function tell(sink: EventSink | undefined, event: Parameters<Extract<EventSink, (...args: never[]) => void>>[0]): void {
  if (typeof sink === 'function') sink(event);
  else sink?.next(event);
}
