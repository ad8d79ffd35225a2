import { from, Observable, take, type ObservableInput } from 'rxjs';

/** The graceful stop as an Observable: emits at most once. To end without a value is no stop: who waits for one has to look at values alone. */
export function untilOf(until: ObservableInput<unknown> | AbortSignal | undefined): Observable<unknown> {
  const never = new Observable<never>();
  if (until === undefined) return never;
  return isSignal(until) ? aborted(until) : from(until).pipe(take(1));
}

function isSignal(until: ObservableInput<unknown> | AbortSignal): until is AbortSignal {
  return 'aborted' in until && 'addEventListener' in until;
}

/** An AbortSignal is a level: one that is aborted already stops at once. */
function aborted(signal: AbortSignal): Observable<unknown> {
  return new Observable((out) => {
    const stop = (): void => {
      out.next(signal.reason);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    return () => {
      signal.removeEventListener('abort', stop);
    };
  });
}
