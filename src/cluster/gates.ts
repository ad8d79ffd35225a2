import { createGate, type Gate } from '../transport/health.ts';
import { backoffDelay } from './backoff.ts';
import type { Context } from './context.ts';

/** The gate of a broker, by `host:port`: the same one each time. */
export type Gates = (broker: string) => Gate;

/** By address: all connections to one broker back off together, and a broker that moved begins anew. */
export function createGates({ scheduler, backoff, random }: Context): Gates {
  const gates = new Map<string, Gate>();
  return (broker) => {
    const gate = gates.get(broker) ?? createGate(scheduler, (failures) => backoffDelay(backoff, failures, random));
    gates.set(broker, gate);
    return gate;
  };
}

/** The longest that an attempt to connect may take, ms: as others wait for it, no longer than an answer may. */
export function connectTimeout({ requestTimeout }: Pick<Context, 'requestTimeout'>): number {
  return Math.min(10_000, requestTimeout);
}
