import { mergeMap, tap } from 'rxjs';
import { expect, test } from 'vitest';
import { asMember, marble, offsets } from '../test/support/scripted/index.ts';

function fail(error: unknown): never {
  throw error;
}

test('a truncated log under latest: what is in it still and not acked is delivered again, and no commit passes it', () => {
  const seen: string[] = [];
  const commits: string[] = [];
  marble((kit) => {
    const { cluster, consume, told, play } = kit;
    cluster.topic('orders');
    for (let i = 0; i < 6; i++) cluster.append('orders', 0, 1);
    told('committed').subscribe({ next: ({ offsets: all }) => commits.push(all.map(({ offset }) => offset).join()), error: fail });
    const live = consume({ mode: asMember(), autoOffsetReset: 'latest', startFrom: 'earliest' }).pipe(
      mergeMap((stream) => stream.pipe(tap((r) => { if (r.offset < 2) r.ack(); }), offsets()))).subscribe({ next: (o) => seen.push(o), error: fail });
    play('100ms x 10s z', { x: () => { cluster.apply({ kind: 'truncate', topic: 'orders', partition: 0, end: 4 }); for (let i = 0; i < 4; i++) cluster.append('orders', 0, 1); }, z: () => live.unsubscribe() });
  })();
  expect(commits.map(Number).every((c) => c <= 2)).toBe(true);
  expect(seen.join()).toBe('0,1,2,3,4,5,2,3,4,5,6,7');
});
