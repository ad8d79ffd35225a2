import type { SchedulerLike } from 'rxjs';
import { SimulatedCluster, type Fault, type SimulatedClusterOptions } from '../../../src/testing/index.ts';

/** Breaks the connection. */
export const RESET = 'reset';
/** Is never answered; nor is what stands behind it on the same connection. */
export const NEVER_ANSWERED = 'never';

/** What is done to a request: an error by Kafka's name, a broken connection, no answer; or an answer so many ms later. */
type Blow = string | { readonly delay: number };

/** What the cluster is made of: so many brokers; or their racks, which Kafka they are, and their settings. */
export type Made = number | Pick<SimulatedClusterOptions, 'brokers' | 'kafka' | 'settings'>;

/** The simulated cluster with short words for what marbles do to it. Its groups take sessions of any length, and begin at once. */
export class ScriptedCluster extends SimulatedCluster {
  private readonly refusals = new Map<number, () => void>();

  constructor(scheduler: SchedulerLike, made: Made = 1, initialDelay = 0) {
    const { settings = {}, ...rest }: Exclude<Made, number> = typeof made === 'number' ? { brokers: made } : made;
    super({ scheduler, ...rest, settings: { groupMinSessionTimeout: 1, groupInitialRebalanceDelay: initialDelay, ...settings } });
  }

  /** The next `times` requests of an API, to one broker or any. */
  fail(api: string, blow: Blow, { times = 1, node }: { readonly times?: number; readonly node?: number } = {}): void {
    this.inject({ ...effectOf(blow), api, times, ...(node !== undefined && { node }) });
  }

  /** The next fetches of a partition are answered with these errors for it, one each, and as ever for the others. */
  failPartition(topic: string, partition: number, ...errors: readonly string[]): void {
    for (const error of errors) this.inject({ api: 'Fetch', topic, partition, kind: 'error', error });
  }

  /** Connections to a broker are refused from now on. */
  refuse(node: number, error = 'CONNECTION_FAILED'): void {
    this.refusals.set(node, this.inject({ api: 'Connect', node, times: Infinity, kind: 'error', error }));
  }

  accept(node: number): void {
    this.refusals.get(node)?.();
  }

  /** Breaks all connections to a broker. */
  cut(node: number): void {
    this.apply({ kind: 'cut', node });
  }

  move(topic: string, partition: number, leader: number): void {
    this.apply({ kind: 'move', topic, partition, leader });
  }
}

function effectOf(blow: Blow): Fault {
  if (typeof blow === 'object') return { kind: 'latency', delay: blow.delay };
  if (blow === RESET) return { kind: 'reset', when: 'before' };
  return blow === NEVER_ANSWERED ? { kind: 'noAnswer' } : { kind: 'error', error: blow };
}
