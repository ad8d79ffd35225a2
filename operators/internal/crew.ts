import { Subject, defer, filter, of, type Observable } from 'rxjs';
import { usual, type Patience } from './patience.ts';

/** One that waits for slots and can be told to stop. */
export interface Worker {
  /** A slot is yours. */
  run(): void;
  /** What you do no longer counts: stop it and give the slot back. */
  abort(): void;
}

/** The error that an operator ends with, and how long it waits for what runs: ms on the scheduler's clock. */
export interface Verdict {
  readonly error: unknown;
  readonly deadline: number;
}

/** All that one subscription of an operator does: who has a slot, who waits for one, and whether anything may still be started. */
export class Crew {
  readonly #concurrency: number;
  readonly #waiting: Worker[] = [];
  readonly #workers = new Set<Worker>();
  readonly #given = new Subject<void>();
  #running = 0;
  #handing = false;
  #verdict: Verdict | undefined;
  /** Of the consumer, as far as a stream of it was seen. */
  patience: Patience = usual;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** Whether the error that the operator ends with is known: from then on nothing is started. */
  get ending(): boolean {
    return this.#verdict !== undefined;
  }

  get idle(): boolean {
    return this.#running === 0;
  }

  enlist(worker: Worker): void {
    this.#workers.add(worker);
  }

  leave(worker: Worker): void {
    this.#workers.delete(worker);
    const index = this.#waiting.indexOf(worker);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  /** Whether a slot is free, which is then taken. Otherwise the worker runs when it is its turn. */
  take(worker: Worker): boolean {
    if (this.#verdict === undefined && this.#running < this.#concurrency && this.#waiting.length === 0) {
      this.#running += 1;
      return true;
    }
    this.#waiting.push(worker);
    return false;
  }

  /** Gives a slot back: to the one that has waited longest. */
  give(): void {
    this.#running -= 1;
    if (this.#waiting.length > 0) this.#hand();
    if (this.#given.observed) this.#given.next();
  }

  /** The operator is to end with this error. The first one counts, and so does its deadline. */
  end(error: unknown): Verdict {
    const { drainTimeout, scheduler } = this.patience;
    this.#verdict ??= { error, deadline: scheduler.now() + drainTimeout };
    return this.#verdict;
  }

  abort(): void {
    for (const worker of this.#workers) worker.abort();
  }

  /** Emits as soon as it holds: at once, or after a handler has settled, and then perhaps again. */
  when(condition: () => boolean): Observable<void> {
    return defer(() => (condition() ? of(undefined) : this.#given.pipe(filter(condition))));
  }

  /** A worker whose handler is done at once comes back here from inside of `run`: then the outer loop goes on, and the stack does not grow. */
  #hand(): void {
    if (this.#handing) return;
    this.#handing = true;
    while (this.#verdict === undefined && this.#running < this.#concurrency) {
      const worker = this.#waiting.shift();
      if (worker === undefined) break;
      this.#running += 1;
      worker.run();
    }
    this.#handing = false;
  }
}
