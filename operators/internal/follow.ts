import { isObservable, type Observable } from 'rxjs';
import type { Emitted } from '../handler.ts';

/** What a handler may return. */
export type Returned<R> = Observable<R> | PromiseLike<R> | R;

/** Only Observables and thenables are followed: a string, an array, an iterable is a value. */
export function isFollowed<R>(returned: Returned<R>): returned is Observable<R> | PromiseLike<R> {
  if ((typeof returned !== 'object' && typeof returned !== 'function') || returned === null) return false;
  return isObservable(returned) || ('then' in returned && typeof returned.then === 'function');
}

/** All values but `undefined` are emitted. */
export function isEmitted<R>(value: R): value is Emitted<R> {
  return value !== undefined;
}
