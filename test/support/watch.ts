import type { Observable } from 'rxjs';

export interface Watched<T> {
  readonly values: T[];
  /** Values as strings, `|` for completion, the message of an error. */
  readonly log: string[];
  /** The error, once there is one. */
  readonly error: () => unknown;
  /** Resolves when it has completed or errored. */
  readonly ended: Promise<void>;
  unsubscribe(): void;
}

/** Subscribes and writes down what comes. */
export function watch<T>(source: Observable<T>): Watched<T> {
  const values: T[] = [];
  const log: string[] = [];
  let failure: unknown;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const subscription = source.subscribe({
    next: (value) => {
      values.push(value);
      log.push(String(value));
    },
    error: (error: unknown) => {
      failure = error;
      log.push(String(error));
      end();
    },
    complete: () => {
      log.push('|');
      end();
    },
  });
  return { values, log, error: () => failure, ended, unsubscribe: () => subscription.unsubscribe() };
}
