import { Observable, type Subscriber } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { gone } from '../../../operators/internal/gone.ts';

type Teardown = Parameters<Subscriber<unknown>['add']>[0];

/** A subscriber that shows what hangs on it. */
function subscriber(): { readonly add: (one: Teardown) => void; readonly remove: (one: unknown) => void; readonly held: Set<unknown> } {
  const held = new Set<unknown>();
  return { held, add: (one) => held.add(one), remove: (one) => held.delete(one) };
}

describe('gone', () => {
  it('emits at the moment the subscriber is closed, or at once if it is', () => {
    const log: string[] = [];
    const source = new Observable<never>((out) => {
      gone(out).subscribe(() => log.push(`gone, closed: ${out.closed}`));
      log.push('subscribed');
      out.complete();
      gone(out).subscribe(() => log.push('gone already'));
    });
    source.subscribe();
    expect(log).toEqual(['subscribed', 'gone, closed: true', 'gone already']);
  });

  it('leaves nothing on the subscriber: there is one per handler', () => {
    const out = subscriber();
    const subscription = gone(out).subscribe();
    expect(out.held.size).toBe(1);
    subscription.unsubscribe();
    expect(out.held.size).toBe(0);
  });
});
