import { mergeMap, tap } from 'rxjs';
import { expect, test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import { marble, offsets } from '../test/support/scripted/index.ts';

function fail(error: unknown): never {
  throw error;
}

test('reset to latest under read_committed is the last stable offset', () => {
  const seen: string[] = [];
  const positions: string[] = [];
  marble((kit) => {
    const { cluster, consume, told, play } = kit;
    const place = { topic: 'orders', partition: 0 };
    cluster.topic('orders', 1, 2);
    cluster.apply({ kind: 'transaction', ...place, records: 2, ends: 'open', producerId: 1 });
    told('positioned').subscribe({ next: ({ from, to, reason }) => positions.push(`${String(from)}-${String(to)} ${reason}`), error: fail });
    const live = consume({ startFrom: { offset: 50 }, autoOffsetReset: 'latest' }).pipe(mergeMap((stream) => stream.pipe(ackEach())), offsets()).subscribe({ next: (o) => seen.push(o), error: fail });
    play('3s e 5s z', { e: () => cluster.apply({ kind: 'endTransaction', ...place, ends: 'commit', producerId: 1 }), z: () => live.unsubscribe() });
  })();
  expect(positions).toEqual(['undefined-50 start', '50-2 reset']);
  expect(seen).toEqual(['2', '3']);
});

test('stopAt: the log was cut below a position that is out of range since: the stream ends where the log does', () => {
  const seen: string[] = [];
  marble((kit) => {
    const { cluster, consume, play } = kit;
    cluster.topic('orders', 1, 0);
    for (let i = 0; i < 6; i++) cluster.append('orders', 0, 1);
    const live = consume({ startFrom: { offset: 5 }, stopAt: 'end' }).pipe(
      tap(() => cluster.apply({ kind: 'truncate', topic: 'orders', partition: 0, end: 3 })),
      mergeMap((stream) => stream.pipe(ackEach())), offsets()).subscribe({ next: (o) => seen.push(o), error: fail, complete: () => seen.push('complete') });
    play('100s z', { z: () => live.unsubscribe() });
  })();
  expect(seen).toEqual(['0', '1', '2', 'complete']);
});
