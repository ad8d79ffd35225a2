import type { Context } from '../src/cluster/context.ts';
import type { Marble } from '../test/support/scripted/marble.ts';

/** What a room of a consumer is given, where a marble is drawn of that room alone. Nothing is told. */
export function contextOf({ cluster: connector, scheduler }: Marble, overrides: Partial<Context> = {}): Context {
  return {
    ...{ connector, scheduler, random: () => 0.5, backoff: { initial: 100, max: 10_000, jitter: 0.2 } },
    ...{ requestTimeout: 30_000, metadataMaxAge: 300_000, tell: () => undefined },
    ...overrides,
  };
}
