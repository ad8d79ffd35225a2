import type { FetchRequest } from '../../protocol/apis/fetch.ts';
import type { Effect, Fault } from '../fault.ts';

interface Armed {
  readonly fault: Fault;
  left: number;
  /** How many that fit it lets pass. */
  passing: number;
}

/** A request, as far as a fault may ask about it. */
export interface Target {
  readonly api: string;
  readonly node: number;
  readonly request: unknown;
}

/** The faults that are waiting to strike, in the order in which they were injected. */
export class Faults {
  private readonly armed = new Set<Armed>();

  /** Returns what takes it away again. */
  inject(fault: Fault): () => void {
    const armed: Armed = { fault, left: fault.times ?? 1, passing: fault.after ?? 0 };
    this.armed.add(armed);
    return () => {
      this.armed.delete(armed);
    };
  }

  clear(): void {
    this.armed.clear();
  }

  /** The first one that fits strikes; it may be its last time. */
  strike(target: Target): Fault | undefined {
    for (const each of this.armed) if (fits(each.fault, target) && this.strikes(each)) return each.fault;
    return undefined;
  }

  /** The same with that fault alone. */
  strikeWith(fault: Fault, target: Target): Fault | undefined {
    for (const each of this.armed) if (each.fault === fault && fits(fault, target) && this.strikes(each)) return fault;
    return undefined;
  }

  private strikes(armed: Armed): boolean {
    if (armed.passing > 0) {
      armed.passing--;
      return false;
    }
    if (--armed.left <= 0) this.armed.delete(armed);
    return true;
  }
}

/** What an error fault answers for a place of the request; see `Call.refusal`. */
export function refusalOf(
  fault: (Fault & { readonly kind: 'error' }) | undefined,
): (topic?: string, partition?: number) => string | undefined {
  if (fault === undefined) return () => undefined;
  return (topic, partition) => {
    if (topic === undefined) return fault.topic === undefined ? fault.error : undefined;
    if (fault.topic === undefined || fault.topic !== topic) return undefined;
    return fault.partition === undefined || fault.partition === partition ? fault.error : undefined;
  };
}

export function isKind<K extends Effect['kind']>(fault: Fault | undefined, kind: K): fault is Fault & { readonly kind: K } {
  return fault?.kind === kind;
}

function fits({ api, node, topic, partition }: Fault, target: Target): boolean {
  if (api === undefined ? target.api === 'Connect' : api !== target.api) return false;
  if (node !== undefined && node !== target.node) return false;
  return topic === undefined || names(target.request, topic, partition);
}

/** The shapes in which requests name partitions. */
interface Naming {
  readonly topics?:
    | FetchRequest['topics']
    | readonly { readonly name?: string; readonly partitions?: unknown; readonly partitionIndexes?: readonly number[] }[]
    | null;
  readonly groups?: readonly Naming[];
}

function names(request: unknown, topic: string, partition: number | undefined): boolean {
  if (typeof request !== 'object' || request === null) return false;
  const { topics, groups } = request as Naming;
  if (groups?.some((group) => names(group, topic, partition)) === true) return true;
  return (topics ?? []).some((each) => {
    const name = 'topic' in each ? each.topic : each.name;
    return name === topic && (partition === undefined || indexesOf(each).includes(partition));
  });
}

function indexesOf(topic: object): readonly number[] {
  const { partitionIndexes, partitions } = topic as {
    readonly partitionIndexes?: readonly number[];
    readonly partitions?: readonly unknown[];
  };
  if (partitionIndexes !== undefined) return partitionIndexes;
  return (partitions ?? []).map((each) => {
    if (typeof each === 'number') return each;
    const { partition, partitionIndex } = each as { readonly partition?: number; readonly partitionIndex?: number };
    return partition ?? partitionIndex ?? -1;
  });
}
