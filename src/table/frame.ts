/** Something that lies in a frame and would keep all of it in memory. */
export interface Tenant {
  /** Goes on with a copy of its own bytes. */
  moveOut(): void;
}

/** Below that share of a frame its last tenants move out. */
const SPARSE = 1 / 4;

/**
 * The memory that an answer came in, and the batches that are still views of it.
 *
 * A batch that waits for its acks keeps the whole frame alive, of which only the batch itself is counted as held. Beside busy partitions a
 * slow one would so pin a frame with every few bytes that it gets. When most of a frame is not needed any more the rest is copied out of it.
 */
export class Frame {
  private static readonly known = new WeakMap<ArrayBufferLike, Frame>();
  private readonly size: number;
  private readonly tenants = new Map<Tenant, number>();
  private live = 0;
  /** More may come out of it: what is little now is not what will be left. */
  private arriving = false;

  private constructor(size: number) {
    this.size = size;
  }

  /** The frame that these bytes lie in. */
  static of(memory: ArrayBufferLike): Frame {
    const known = Frame.known.get(memory);
    if (known !== undefined) return known;
    const frame = new Frame(memory.byteLength);
    Frame.known.set(memory, frame);
    return frame;
  }

  enter(tenant: Tenant, bytes: number): void {
    this.tenants.set(tenant, bytes);
    this.live += bytes;
  }

  /** It needs the frame no more. Idempotent. */
  leave(tenant: Tenant): void {
    const bytes = this.tenants.get(tenant);
    if (bytes === undefined) return;
    this.tenants.delete(tenant);
    this.live -= bytes;
    if (!this.arriving) this.settle();
  }

  /** Nobody moves out before it is settled. */
  arrives(): void {
    this.arriving = true;
  }

  /** All that is to come out of the frame has come: if little of it is needed, that little moves out. */
  settle(): void {
    this.arriving = false;
    if (this.tenants.size === 0 || this.live >= this.size * SPARSE) return;
    const last = [...this.tenants.keys()];
    this.tenants.clear();
    this.live = 0;
    for (const tenant of last) tenant.moveOut();
  }
}
