/** Somebody who waits for the answer to one request. */
export interface Waiter {
  /** The frame of the answer: it begins with the correlation id. */
  answer(frame: Buffer): void;
  /** The first `filled` bytes of the same frame are there. Called as it grows, before `answer`. */
  arriving?(frame: Buffer, filled: number): void;
  fail(error: Error): void;
}

const CORRELATION_ID = 4;
const LAST_ID = 0x7fffffff;

/**
 * The requests of one connection that are not answered yet.
 *
 * A broker answers in the order of the requests, so the id of each answer is known beforehand. Any other means that the two ends do not agree
 * on what was sent: nothing on this connection can be believed any more.
 */
export class Answers {
  readonly #waiters = new Map<number, Waiter>();
  #next: number;
  #due: number;
  #answered = false;

  constructor(firstId = 0) {
    this.#next = firstId;
    this.#due = firstId;
  }

  /** The correlation id of the next request. */
  get nextId(): number {
    return this.#next;
  }

  /** Whether something was asked, and nothing was ever answered. */
  get unanswered(): boolean {
    return !this.#answered && this.#next !== this.#due;
  }

  /** The request with `nextId` is on its way. Returns the id, to cancel with. */
  expect(waiter: Waiter): number {
    const id = this.#next;
    this.#next = following(id);
    this.#waiters.set(id, waiter);
    return id;
  }

  /** Nobody waits for it any more. The answer will come nevertheless, and is passed over. */
  cancel(id: number): void {
    this.#waiters.delete(id);
  }

  /** Who waits for this frame; undefined where that was cancelled. Throws if it is not the answer that is due. */
  take(frame: Buffer): Waiter | undefined {
    if (frame.length < CORRELATION_ID) throw new Error(`an answer of ${String(frame.length)} bytes is none`);
    const id = this.#expected(frame);
    this.#due = following(id);
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    return waiter;
  }

  /** Tells who waits for it of a frame that is still growing. Throws as `take` does. */
  arriving(frame: Buffer, filled: number): void {
    if (filled >= CORRELATION_ID) this.#waiters.get(this.#expected(frame))?.arriving?.(frame, filled);
  }

  /** The id of the answer that is due, which this is. */
  #expected(frame: Buffer): number {
    const id = frame.readInt32BE(0);
    if (this.#due === this.#next) throw new Error(`an answer came (correlation id ${String(id)}) and nothing was asked`);
    if (id !== this.#due) throw new Error(`the answer to request ${String(id)} came where that to ${String(this.#due)} was due`);
    this.#answered = true;
    return id;
  }

  /** Fails everybody who waits, in the order in which they asked. Who asks while being failed is not among them. */
  failAll(error: Error): void {
    const waiters = [...this.#waiters.values()];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.fail(error);
  }
}

function following(id: number): number {
  return id === LAST_ID ? 0 : id + 1;
}
