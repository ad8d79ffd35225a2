import type { Observable, SchedulerLike } from 'rxjs';
import { expect } from 'vitest';
import type { Assignor, GroupMember } from '../../src/group/assignor.ts';

/**
 * What is told until then (ms) is these lines, and no others. A line that begins with a number came at that ms; of the others only the order
 * counts.
 */
export function story(scheduler: SchedulerLike, told: Observable<string>, until: number, expected: readonly string[]): void {
  const seen: { readonly at: number; readonly line: string }[] = [];
  const subscription = told.subscribe((line) => seen.push({ at: scheduler.now(), line }));
  scheduler.schedule(() => {
    subscription.unsubscribe();
    expect(seen.map(({ at, line }, index) => (isTimed(expected[index]) ? `${at} ${line}` : line))).toEqual(expected);
  }, until);
}

function isTimed(line = ''): boolean {
  return /^\d+ /.test(line);
}

/** An assignor as a script: who gets which partitions of `orders`. `members`: their ids, in the order in which they came. */
export function scripted(
  assign: (members: readonly string[], partitions: number) => Readonly<Record<string, readonly number[]>>,
): Assignor {
  return {
    name: 'scripted',
    protocol: 'eager',
    assign(members: readonly GroupMember[], counts) {
      const given = assign(members.map(({ memberId }) => memberId).sort(), counts.get('orders') ?? 0);
      return new Map(Object.entries(given).map(([id, own]) => [id, own.map((partition) => ({ topic: 'orders', partition }))]));
    },
  };
}

/** All to the member that came last. */
export const toTheLast: Assignor = scripted((members, partitions) => ({
  [members.at(-1) ?? '']: Array.from({ length: partitions }, (_, index) => index),
}));
