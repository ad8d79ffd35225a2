import { IMPOSSIBLE, Ledger } from './ledger.ts';
import type { Pool } from './pools.ts';

/**
 * How many partitions of each pool each member gets where not all subscribe to the same: as even as the subscriptions allow, and among all
 * ways to get there one that takes the fewest partitions away.
 *
 * It is a flow of least cost. At first everybody keeps what it holds, and what is free goes where the least is. Then, as long as there is
 * somebody with more than another, partitions are handed on along the cheapest chain between them: a to b, b to c, and c is the one that
 * has less, even if a and c have no topic in common. The first state is the cheapest one for its loads, and the cheapest chain leads to the
 * cheapest one for the new loads: so no chain ever runs in a circle at a gain, and when no chain improves anything there is nothing better.
 */
export function fairShares(pools: readonly Pool[], members: number): readonly Int32Array[] {
  const ledger = new Ledger(pools, members);
  giveFree(pools, ledger);
  do ledger.reprice();
  while (improve(ledger));
  return ledger.result();
}

/** What few subscribe to goes first: what many subscribe to makes up for it. */
function giveFree(pools: readonly Pool[], ledger: Ledger): void {
  const fewestFirst = [...pools.entries()].sort(([, a], [, b]) => a.subscribers.length - b.subscribers.length);
  for (const [index, { subscribers, free }] of fewestFirst) {
    const least = (a: number, b: number): number => (loadOf(ledger, b) < loadOf(ledger, a) ? b : a);
    for (const _ of free) ledger.give(index, subscribers.reduce(least));
  }
}

/** Lets one partition less be with one of those who have the most, or one partition more stay where it is. False: there is nothing to improve. */
function improve(ledger: Ledger): boolean {
  const mostFirst = [...ledger.loads.keys()].sort((a, b) => loadOf(ledger, b) - loadOf(ledger, a));
  for (const giver of mostFirst) {
    const chains = chainsFrom(ledger, giver);
    const taker = worthwhile(ledger, giver, chains);
    if (taker === undefined) continue;
    carry(ledger, chains, giver, taker);
    return true;
  }
  return false;
}

/** To each member: the price of the cheapest chain, and who comes before it in that chain; -1: nobody. */
interface Chains {
  readonly prices: Float64Array;
  readonly before: Int32Array;
}

/** By Bellman and Ford, for a hand may be worth something: a partition comes back to its holder. */
function chainsFrom(ledger: Ledger, giver: number): Chains {
  const size = ledger.loads.length;
  const prices = new Float64Array(size).fill(Infinity);
  const before = new Int32Array(size).fill(-1);
  prices[giver] = 0;
  let reached = [giver];
  while (reached.length > 0) {
    const nearer = new Set<number>();
    for (const from of reached) {
      for (let to = 0; to < size; to++) {
        const hand = ledger.price(from, to);
        const price = (prices[from] ?? 0) + hand;
        if (hand === IMPOSSIBLE || price >= (prices[to] ?? 0)) continue;
        prices[to] = price;
        before[to] = from;
        nearer.add(to);
      }
    }
    reached = [...nearer];
  }
  return { prices, before };
}

/** The one with the least, if a chain to it makes things better: more even, or as even and with fewer partitions that change their holder. */
function worthwhile(ledger: Ledger, giver: number, { prices }: Chains): number | undefined {
  let best: number | undefined;
  for (const [taker, price] of prices.entries()) {
    const less = loadOf(ledger, giver) - loadOf(ledger, taker);
    if (price === Infinity || less < 1 || (less === 1 && price >= 0)) continue;
    if (best === undefined || loadOf(ledger, taker) < loadOf(ledger, best)) best = taker;
  }
  return best;
}

/**
 * At least one partition. As long as no price changes the chain is the cheapest one, so it is used again for what the one has above the
 * mean and the other below it: that saves looking for it as many times.
 */
function carry(ledger: Ledger, { before }: Chains, first: number, last: number): void {
  const mean = ledger.loads.reduce((sum, load) => sum + load, 0) / ledger.loads.length;
  do {
    for (let taker = last; taker !== first; taker = before[taker] ?? first) ledger.handOn(before[taker] ?? first, taker);
  } while (!ledger.outdated && loadOf(ledger, first) - 1 >= mean && loadOf(ledger, last) + 1 <= mean);
}

function loadOf({ loads }: Ledger, member: number): number {
  return loads[member] ?? 0;
}
