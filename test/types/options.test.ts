import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { ConsumerOptions } from '../../src/options.ts';

const taken = (...options: readonly ConsumerOptions[]): number => options.length;
const partitions = [{ topic: 'orders', partition: 0 }];

describe('types of the options', () => {
  it('a group or partitions', () => {
    const group = { groupId: 'g', topics: ['a', /b/] } as const;
    expect(
      taken(
        group,
        { partitions },
        { partitions, groupId: 'g' },
        { ...group, delivery: 'at-most-once' },
        { ...group, delivery: 'at-least-once', commit: false },
        { ...group, commit: { interval: 1_000 } },
        { ...group, topics: of('a') },
        { ...group, startFrom: ({ partition }) => of({ offset: partition }), stopAt: { timestamp: 0 } },
        { ...group, until: new AbortController().signal },
      ),
    ).toBe(9);
  });

  it('not both, not half, not what excludes each other', () => {
    const group = { groupId: 'g', topics: 'a' } as const;
    // @ts-expect-error a group needs topics
    taken({ groupId: 'g' });
    // @ts-expect-error topics need a group
    taken({ topics: 'a' });
    // @ts-expect-error one or the other
    taken({ ...group, partitions });
    // @ts-expect-error members have sessions
    taken({ partitions, sessionTimeout: 6_000 });
    // @ts-expect-error at-most-once commits before it delivers
    taken({ ...group, delivery: 'at-most-once', commit: false });
    // @ts-expect-error there is no such place
    taken({ ...group, startFrom: { offset: 1, nothing: 3 } });
    // @ts-expect-error no such option
    taken({ ...group, groupID: 'g' });
  });
});
