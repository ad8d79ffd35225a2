import { Observable, type SchedulerLike } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

/** How long it is looked whether something comes behind the last thing that is drawn: ms. */
const AFTERMATH = 1_000;

/** When a run ends: what is expected of it without an end of its own is unsubscribed then. */
export class Ending {
  private readonly given: number | undefined;
  private last = 0;
  private readonly ends = new Set<() => void>();

  /** `given`: ms; undefined: a second after the last thing that is drawn. */
  constructor(given: number | undefined) {
    this.given = given;
  }

  get at(): number {
    return this.given ?? this.last + AFTERMATH;
  }

  /** An expectation was drawn. */
  drawn(marbles: string): void {
    for (const { frame } of TestScheduler.parseMarbles(marbles, undefined, undefined, false, true)) this.last = Math.max(this.last, frame);
  }

  /** Unsubscribed at the end: it does not complete. */
  unsubscribes<T>(source: Observable<T>): Observable<T> {
    return new Observable((subscriber) => {
      const subscription = source.subscribe(subscriber);
      const end = (): void => subscription.unsubscribe();
      this.ends.add(end);
      subscription.add(() => this.ends.delete(end));
      return subscription;
    });
  }

  /** All expectations are drawn. */
  arm(scheduler: SchedulerLike): void {
    scheduler.schedule(() => {
      for (const end of [...this.ends]) end();
    }, this.at);
  }
}
