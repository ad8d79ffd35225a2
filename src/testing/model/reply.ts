/**
 * What a broker does with a request: it answers now, or later, or never, or hangs up.
 *
 * `later`: `ready` is asked again whenever something in the cluster has changed, and at `until` (ms on the cluster's clock), when it has to answer.
 * It must change nothing while it answers undefined.
 */
export type Reply<R> =
  | { readonly kind: 'now'; readonly response: R }
  | { readonly kind: 'later'; readonly until: number; readonly ready: (now: number) => R | undefined }
  | { readonly kind: 'never' }
  | { readonly kind: 'close' };

export function now<R>(response: R): Reply<R> {
  return { kind: 'now', response };
}

export function later<R>(until: number, ready: (now: number) => R | undefined): Reply<R> {
  return { kind: 'later', until, ready };
}
