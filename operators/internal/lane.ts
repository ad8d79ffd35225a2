import type { Unsubscribable } from 'rxjs';
import type { PartitionStream } from '../../src/model/partitionStream.ts';
import { patienceOf, type Patience } from './patience.ts';

/** One partition over all subscriptions that a restart makes of it: the pause that is held on it, and its failures since the last ack. */
export class Lane {
  readonly partition: PartitionStream;
  readonly patience: Patience;
  /** Whether a handler is running. */
  busy = false;
  #failures = 0;
  /** The offset at which the last handler failed. */
  #failedAt: number | undefined;
  #pause: Unsubscribable | undefined;

  constructor(partition: PartitionStream) {
    this.partition = partition;
    this.patience = patienceOf(partition);
  }

  /** Which try the next one is. */
  get attempt(): number {
    return this.#failures + 1;
  }

  /** Holds the partition back; once, however often it is asked for. */
  hold(): void {
    this.#pause ??= this.partition.pause();
  }

  /** Lets the partition go on. Records may be delivered before this returns. */
  release(): void {
    const pause = this.#pause;
    this.#pause = undefined;
    pause?.unsubscribe();
  }

  handlerFailed(offset: number): void {
    this.#failedAt = offset;
  }

  /** Counts a failure, of a handler or of the stream. */
  failed(): void {
    this.#failures += 1;
  }

  acked(): void {
    this.#failures = 0;
    this.#failedAt = undefined;
  }

  /** The stream is back. Above the record that failed everything up to there is acked: by the handler itself, or a seek passed it. */
  resumedAt(offset: number): void {
    if (this.#failedAt !== undefined && offset > this.#failedAt) this.acked();
  }
}
