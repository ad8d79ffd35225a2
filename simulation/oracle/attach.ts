import type { Observable, SchedulerLike } from 'rxjs';
import type { EventSink } from '../../src/options/types.ts';
import type { PartitionStream } from '../../src/model/partitionStream.ts';
import type { Settings } from '../../src/options/settings.ts';
import type { SimulatedCluster } from '../../src/testing/simulatedCluster.ts';
import type { Connector } from '../../src/transport/port.ts';
import { Oracle } from './oracle.ts';
import { truthOf } from './truth.ts';

/** An oracle beside a cluster on any scheduler. */
export interface Attached {
  readonly oracle: Oracle;
  /** A consumer that is watched. `make`: makes it of the connector and the settings that it is to have instead of its own. */
  consume(settings: Settings, make: (connector: Connector, settings: Settings) => Observable<PartitionStream>): Observable<PartitionStream>;
  /** Throws what was violated so far. */
  check(): void;
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
    consume(settings, make) {
      const watched = oracle.member(`m${String(++count)}`, settings, cluster, scheduler);
      const events: EventSink = (event) => {
        watched.events(event);
        tell(settings.events, event);
      };
      return watched.watch(make(watched.connector, { ...settings, events }));
    },
    check: () => oracle.check(),
  };
}

function tell(sink: EventSink | undefined, event: Parameters<Extract<EventSink, (...args: never[]) => void>>[0]): void {
  if (typeof sink === 'function') sink(event);
  else sink?.next(event);
}
