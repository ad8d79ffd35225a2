/** How long one record may hold the commit back before it is said, and how often it is said again: ms. */
const PATIENCE = 60_000;

/** The record that holds the commit back. */
export interface Lowest {
  readonly offset: number;
  readonly positionEpoch: number;
}

export interface HeldBack extends Lowest {
  /** Since when, and when it was last said: ms on the scheduler's clock. */
  readonly since: number;
  readonly toldAt: number;
}

/** How long the commit has been held back after a further look at who does it, and whether that is to be said now. Pure. */
export function followCommit(
  before: HeldBack | undefined,
  lowest: Lowest | undefined,
  now: number,
): { readonly heldBack: HeldBack | undefined; readonly speaks: boolean } {
  if (lowest === undefined) return { heldBack: undefined, speaks: false };
  const { offset, positionEpoch } = lowest;
  const same = before?.offset === offset && before.positionEpoch === positionEpoch;
  const { since, toldAt } = same ? before : { since: now, toldAt: now };
  const speaks = now - toldAt >= PATIENCE;
  return { heldBack: { offset, positionEpoch, since, toldAt: speaks ? now : toldAt }, speaks };
}
