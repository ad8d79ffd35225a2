/** What a partition's share is cut from. */
export interface ShareHost {
  /** Bytes that one partition may hold. */
  slice(): number;
  /** Bytes that all together may still hold; not above 0: none, but for one batch of each partition that holds nothing. */
  readonly left: number;
  /** One of them holds so many bytes more. */
  holds(bytes: number): void;
}

/** From that part of its slice on a partition is full: what is left is hardly worth a request. */
const FULL = 15 / 16;

/**
 * How much one partition may hold. It is asked for until it holds its slice, and then not before it holds less than half of it; and only while there is
 * something left for all: slices grow when subscribers leave, and what their partitions hold stays.
 *
 * A request for the rest of a slice is answered by whole batches, and leaves less than one. To ask for that as well, in a request of its own, would bring
 * one too many.
 */
export class Share {
  private readonly host: ShareHost;
  private filling = true;
  /** What the host knows that it holds. */
  private counted = 0;

  constructor(host: ShareHost) {
    this.host = host;
  }

  get isFull(): boolean {
    return !this.filling;
  }

  /** Bytes that may still be asked for, by one that holds so many; one batch always may. 0: it is full. */
  room(bytes: number): number {
    return this.filling ? Math.max(1, Math.min(this.host.slice() - bytes, this.host.left)) : 0;
  }

  /** The slice, or what it holds, has changed. Whether it was full and is so no more. */
  balance(bytes: number): boolean {
    const more = bytes - this.counted;
    this.counted = bytes;
    if (more !== 0) this.host.holds(more);
    const slice = this.host.slice();
    const was = this.filling;
    this.filling = bytes < slice * (was ? FULL : 1 / 2) && (bytes === 0 || this.host.left > 0);
    return this.filling && !was;
  }
}
