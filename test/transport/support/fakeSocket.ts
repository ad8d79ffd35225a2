import { EventEmitter } from 'node:events';
import type { SocketLike } from '../../../src/transport/socket.ts';

/** A socket without a network: what was written is kept, what arrives is emitted by the test. */
export class FakeSocket extends EventEmitter implements SocketLike {
  destroyed = false;
  noDelay = false;
  paused = false;
  readonly written: Buffer[] = [];

  write(bytes: Buffer): boolean {
    this.written.push(bytes);
    return true;
  }

  destroy(): this {
    this.destroyed = true;
    return this;
  }

  setNoDelay(noDelay: boolean): this {
    this.noDelay = noDelay;
    return this;
  }

  pause(): this {
    this.paused = true;
    return this;
  }

  resume(): this {
    this.paused = false;
    return this;
  }

  arrive(...chunks: readonly Buffer[]): void {
    for (const chunk of chunks) this.emit('data', chunk);
  }

  /** How many listeners are on it, of any event. */
  get listening(): number {
    return this.eventNames().reduce((sum, event) => sum + this.listenerCount(event), 0);
  }
}
