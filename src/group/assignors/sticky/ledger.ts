import type { Pool } from './pools.ts';

/** The price where nothing can be handed on. */
export const IMPOSSIBLE = 2;

/** A member has none of a pool, or more than it holds. */
const EMPTY = 2;
const MORE = 1;

/**
 * How many partitions of each pool each member has, while shares are looked for, and what it would cost to hand one on. Members go by their
 * index.
 */
export class Ledger {
  /** How many partitions each member has, of all pools. */
  readonly loads: Int32Array;
  private readonly pools: readonly Pool[];
  /** By pool, by member. */
  private readonly shares: readonly Int32Array[];
  private readonly owned: readonly Int32Array[];
  /** The pools of each member. */
  private readonly poolsOf: readonly (readonly number[])[];
  /** By giver × taker: what it costs that the one hands a partition to the other, and out of which pool. */
  private readonly prices: Int8Array;
  private readonly from: Int32Array;
  /** Those whose prices may be others by now. */
  private readonly changed: Set<number>;

  /** Everybody has what it holds. */
  constructor(pools: readonly Pool[], members: number) {
    this.loads = new Int32Array(members);
    this.pools = pools;
    this.owned = pools.map(({ owned }) => Int32Array.from(this.loads, (_, member) => owned.get(member)?.length ?? 0));
    this.shares = this.owned.map((owned) => owned.slice());
    const subscribes = pools.map(({ subscribers }) => new Set(subscribers));
    this.poolsOf = Array.from(this.loads, (_, member) => [...pools.keys()].filter((pool) => subscribes[pool]?.has(member)));
    for (const owned of this.owned) owned.forEach((count, member) => this.load(member, count));
    this.prices = new Int8Array(members * members);
    this.from = new Int32Array(members * members);
    this.changed = new Set(this.loads.keys());
  }

  /** One partition more of a pool. */
  give(pool: number, member: number): void {
    this.change(pool, member, 1);
  }

  /** A partition goes from one member to another, at the price that `price` tells. */
  handOn(giver: number, taker: number): void {
    const pool = this.from[giver * this.loads.length + taker] ?? 0;
    this.change(pool, giver, -1);
    this.change(pool, taker, 1);
  }

  /** By how many more partitions change their holder if one goes from `giver` to `taker`: -1, 0 or 1, or IMPOSSIBLE. As it was at the last `reprice`. */
  price(giver: number, taker: number): number {
    return this.prices[giver * this.loads.length + taker] ?? IMPOSSIBLE;
  }

  /** Prices may be others than `price` tells. */
  get outdated(): boolean {
    return this.changed.size > 0;
  }

  /** Brings the prices up to date. */
  reprice(): void {
    for (const member of this.changed) {
      for (const other of this.loads.keys()) {
        this.repricePair(member, other);
        this.repricePair(other, member);
      }
    }
    this.changed.clear();
  }

  /** By pool, by member. */
  result(): readonly Int32Array[] {
    return this.shares;
  }

  private repricePair(giver: number, taker: number): void {
    const pair = giver * this.loads.length + taker;
    let best = IMPOSSIBLE;
    for (const pool of giver === taker ? [] : (this.poolsOf[giver] ?? [])) {
      const price = this.priceIn(pool, giver, taker);
      if (price >= best) continue;
      best = price;
      this.from[pair] = pool;
    }
    this.prices[pair] = best;
  }

  private priceIn(pool: number, giver: number, taker: number): number {
    if (this.pools[pool]?.owned.has(taker) !== true) return IMPOSSIBLE;
    const giving = this.standing(pool, giver);
    return giving === EMPTY ? IMPOSSIBLE : (this.isBack(pool, taker) ? 0 : 1) - (giving === MORE ? 1 : 0);
  }

  /** The next one that the member gets of this pool is one that it holds. */
  private isBack(pool: number, member: number): boolean {
    return (this.shares[pool]?.[member] ?? 0) < (this.owned[pool]?.[member] ?? 0);
  }

  /** Prices depend on this and on nothing else: most changes leave them as they are. */
  private standing(pool: number, member: number): number {
    const share = this.shares[pool]?.[member] ?? 0;
    return share === 0 ? EMPTY : Math.sign(share - (this.owned[pool]?.[member] ?? 0));
  }

  private change(pool: number, member: number, by: number): void {
    const before = this.standing(pool, member);
    const shares = this.shares[pool];
    if (shares !== undefined) shares[member] = (shares[member] ?? 0) + by;
    this.load(member, by);
    if (this.standing(pool, member) !== before) this.changed.add(member);
  }

  private load(member: number, by: number): void {
    this.loads[member] = (this.loads[member] ?? 0) + by;
  }
}
