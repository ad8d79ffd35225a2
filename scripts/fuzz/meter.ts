/** What was allocated since it was last set to 0, in buffers and typed arrays: bytes that were asked for, whether or not they are touched. */
export class Meter {
  bytes = 0;
  largest = 0;

  reset(): void {
    this.bytes = this.largest = 0;
  }

  add(bytes: number): void {
    this.bytes += bytes;
    this.largest = Math.max(this.largest, bytes);
  }
}

type Maker = abstract new (...args: never[]) => object;

/**
 * Counts what this process allocates from now on. Memory that is asked for and never touched is not in the figures of the system: so whoever asks is asked.
 * To be called before anything else is loaded.
 */
export function installMeter(): Meter {
  const meter = new Meter();
  for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow'] as const) {
    const allocate = Buffer[name].bind(Buffer);
    Reflect.set(Buffer, name, (size: number, ...rest: []) => {
      meter.add(size);
      return allocate(size, ...rest);
    });
  }
  for (const type of [ArrayBuffer, Uint8Array, Uint16Array, Int32Array, Uint32Array] as const) {
    const each = 'BYTES_PER_ELEMENT' in type ? type.BYTES_PER_ELEMENT : 1;
    const counted = new Proxy<Maker>(type, {
      construct: (target, args: readonly unknown[], newTarget) => {
        if (typeof args[0] === 'number') meter.add(args[0] * each);
        return Reflect.construct(target, args, newTarget) as object;
      },
    });
    Reflect.set(globalThis, type.name, counted);
  }
  return meter;
}
