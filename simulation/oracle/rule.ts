import { Violation, type Invariant } from './violation.ts';
import type { MemberShadow } from './shadow/memberShadow.ts';
import type { Seen } from './seen.ts';
import type { Truth } from './truth.ts';

/** What rules know. */
export interface World {
  readonly truth: Truth;
  readonly members: ReadonlyMap<string, MemberShadow>;
}

/** One invariant. Each of these throws a Violation where it does not hold. */
export interface Rule {
  /** Something was seen of a member; its shadow does not know of it yet. `at`: ms on the member's clock. */
  readonly see?: (seen: Seen, member: MemberShadow, at: number, world: World) => void;
  /** All that was to happen at this moment has happened: once for each moment at which something did. */
  readonly look?: (member: MemberShadow, at: number, world: World) => void;
  /** A log was cut to that end; nobody knows of it yet. */
  readonly cut?: (log: { readonly topic: string; readonly partition: number; readonly end: number }, world: World) => void;
  /** All faults are over, and all that was to be read was: nothing is to be missing. */
  readonly quiet?: (world: World, at: number) => void;
  /** Everything is over: nothing is to be left. */
  readonly end?: (member: MemberShadow, at: number, world: World) => void;
}

export function violated(invariant: Invariant, member: MemberShadow, sentence: string): never {
  throw new Violation(invariant, `${member.name}: ${sentence}`);
}
