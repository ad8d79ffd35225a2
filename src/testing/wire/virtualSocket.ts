import type { SocketLike, SocketListeners } from '../../transport/socket.ts';

/** What stands at the other end of it. */
export interface Peer {
  /** Bytes have arrived. */
  readonly received: (bytes: Buffer) => void;
  /** The client has closed it. */
  readonly closed: () => void;
}

type Sets = { readonly [E in keyof SocketListeners]: Set<SocketListeners[E]> };

/** The client's end of a connection that exists in memory only. What is written is there at once; when something comes is up to the peer. */
export class VirtualSocket implements SocketLike {
  destroyed = false;
  private readonly peer: Peer;
  private readonly listeners: Sets = { data: new Set(), end: new Set(), error: new Set(), close: new Set() };
  private paused = false;
  private readonly waiting: Buffer[] = [];

  constructor(peer: Peer) {
    this.peer = peer;
  }

  write(bytes: Buffer): void {
    if (!this.destroyed) this.peer.received(bytes);
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.waiting.length = 0;
    this.peer.closed();
    for (const listener of [...this.listeners.close]) listener();
  }

  setNoDelay(): this {
    return this;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    while (this.waiting.length > 0 && this.reads) this.emit(this.waiting.shift() ?? Buffer.alloc(0));
  }

  on<E extends keyof SocketListeners>(event: E, listener: SocketListeners[E]): void {
    this.of(event).add(listener);
  }

  off<E extends keyof SocketListeners>(event: E, listener: SocketListeners[E]): void {
    this.of(event).delete(listener);
  }

  /** The peer has sent this. */
  deliver(chunk: Buffer): void {
    if (this.destroyed) return;
    if (this.paused) this.waiting.push(chunk);
    else this.emit(chunk);
  }

  /** The peer has closed the connection. */
  hangUp(): void {
    if (this.destroyed) return;
    for (const listener of [...this.listeners.end]) listener();
  }

  private get reads(): boolean {
    return !this.destroyed && !this.paused;
  }

  private emit(chunk: Buffer): void {
    for (const listener of [...this.listeners.data]) listener(chunk);
  }

  private of<E extends keyof SocketListeners>(event: E): Set<SocketListeners[E]> {
    return this.listeners[event];
  }
}
