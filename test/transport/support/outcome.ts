import type { Observable } from 'rxjs';

/** All that an Observable emitted, its error last, once it has ended. */
export function outcome(source: Observable<unknown>): Promise<readonly unknown[]> {
  return new Promise((resolve) => {
    const all: unknown[] = [];
    source.subscribe({
      next: (value) => all.push(value),
      error: (error: unknown) => {
        all.push(error);
        resolve(all);
      },
      complete: () => resolve(all),
    });
  });
}
