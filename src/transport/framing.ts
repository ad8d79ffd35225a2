/** The longest frame that is believed, in bytes: 128 MiB. A fetch answer is a few MiB; one oversized batch may be as long as the broker's `message.max.bytes`. */
export const MAX_FRAME_LENGTH: number = 128 * 1024 * 1024;

const PREFIX = 4;

/** A length that no frame can have. Nothing after it can be read: where the next frame begins is unknown. */
export class FramingError extends Error {
  readonly length: number;
  constructor(length: number, max: number) {
    super(`a frame of ${String(length)} bytes was announced, of 0 to ${String(max)} possible`);
    this.name = 'FramingError';
    this.length = length;
  }
}

/**
 * Collects chunks of a byte stream into Kafka's frames: a length (int32), and as many bytes.
 *
 * A frame that lies within one chunk is a view of the chunk; any other is copied once, into a buffer allocated when its length is known and was
 * found to be possible. So the work is linear in the bytes, however they are cut.
 */
export class FrameCollector {
  readonly #max: number;
  readonly #prefix = Buffer.alloc(PREFIX);
  #prefixFilled = 0;
  #frame: Buffer | undefined;
  #filled = 0;

  constructor(max: number = MAX_FRAME_LENGTH) {
    this.#max = max;
  }

  /**
   * Emits each frame that ends in this chunk, without its length. Throws FramingError, after the frames before it; the collector is of no use then.
   *
   * `grew`: a frame that goes on after this chunk has its first `filled` bytes; it will be emitted as the same buffer.
   */
  push(chunk: Buffer, emit: (frame: Buffer) => void, grew?: (frame: Buffer, filled: number) => void): void {
    let at = 0;
    while (at < chunk.length) {
      at = this.#frame === undefined ? this.#begin(chunk, at, emit) : this.#go(this.#frame, chunk, at, emit);
    }
    if (this.#frame !== undefined) grew?.(this.#frame, this.#filled);
  }

  #begin(chunk: Buffer, at: number, emit: (frame: Buffer) => void): number {
    const taken = chunk.copy(this.#prefix, this.#prefixFilled, at);
    this.#prefixFilled += taken;
    if (this.#prefixFilled < PREFIX) return at + taken;
    this.#prefixFilled = 0;
    const length = this.#prefix.readInt32BE(0);
    if (length < 0 || length > this.#max) throw new FramingError(length, this.#max);
    const start = at + taken;
    if (start + length > chunk.length) {
      this.#frame = Buffer.allocUnsafeSlow(length);
      this.#filled = 0;
      return start;
    }
    emit(chunk.subarray(start, start + length));
    return start + length;
  }

  #go(frame: Buffer, chunk: Buffer, at: number, emit: (frame: Buffer) => void): number {
    const taken = chunk.copy(frame, this.#filled, at);
    this.#filled += taken;
    if (this.#filled === frame.length) {
      this.#frame = undefined;
      emit(frame);
    }
    return at + taken;
  }
}
