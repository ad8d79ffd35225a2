import { Observable, type Subscriber } from 'rxjs';

/**
 * Emits at the moment `out` is closed.
 *
 * A source that emits inside of `subscribe` has handed out no subscription yet that could be ended; `takeUntil(gone(out))` ends it there
 * and then, and costs nothing per item.
 */
export function gone(out: Pick<Subscriber<unknown>, 'add' | 'remove'>): Observable<void> {
  return new Observable<void>((notice) => {
    const leave = (): void => notice.next();
    out.add(leave);
    return () => out.remove(leave);
  });
}
