import { filter, map, scan, type OperatorFunction } from 'rxjs';
import type { ConsumerEvent } from '../model/events.ts';
import { failingAfter, warningOf, type Failing, type Warning } from './warning.ts';

/** Of one cause it is warned no more often: ms. */
const PACE = 60_000;

interface Heard {
  readonly failing: Failing;
  /** When it was last warned of a cause, ms on the scheduler's clock. */
  readonly warnedAt: ReadonlyMap<string, number>;
  readonly warning: Warning | undefined;
}

const nothing: Heard = { failing: new Map(), warnedAt: new Map(), warning: undefined };

/** What has to be said where nobody listens to events: one warning per cause and minute. */
export function warnings(): OperatorFunction<ConsumerEvent, Warning> {
  return (events) =>
    events.pipe(
      scan(hear, nothing),
      map(({ warning }) => warning),
      filter((warning) => warning !== undefined),
    );
}

function hear({ failing: before, warnedAt }: Heard, event: ConsumerEvent): Heard {
  const failing = failingAfter(before, event);
  const warning = warningOf(event, failing);
  if (warning === undefined || event.at - (warnedAt.get(warning.cause) ?? -Infinity) < PACE)
    return { failing, warnedAt, warning: undefined };
  const recent = [...warnedAt].filter(([, at]) => event.at - at < PACE);
  return { failing, warnedAt: new Map([...recent, [warning.cause, event.at]]), warning };
}
