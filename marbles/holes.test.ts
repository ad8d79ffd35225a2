import { mergeAll, mergeMap, tap } from 'rxjs';
import { expect, test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import { marble, offsets, type Marble } from '../test/support/scripted/index.ts';

/**
 * Offsets 0 and 1, and then nothing up to the last stable offset, 4: what was aborted there is compacted away (Kafka 3.9 leaves it so, Kafka 4.3 puts a
 * batch without records in its place). At 4 a transaction is open. A broker answers a read_committed fetch from 2 on with no bytes, again and again.
 */
function holeUpToStableEnd({ cluster }: Marble): void {
  const place = { topic: 'orders', partition: 0 };
  cluster.topic('orders', 1, 2);
  cluster.apply({ kind: 'transaction', ...place, records: 2, ends: 'open', producerId: 1 });
  cluster.apply({ kind: 'transaction', ...place, records: 1, ends: 'open', producerId: 2 });
  cluster.apply({ kind: 'transaction', ...place, records: 1, ends: 'open', producerId: 1 });
  cluster.apply({ kind: 'endTransaction', ...place, ends: 'abort', producerId: 1 });
  cluster.apply({ kind: 'compact', ...place, before: 4 });
  expect(cluster.partition('orders', 0).log.lastStableOffset).toBe(4);
}

function fail(error: unknown): never {
  throw error;
}

test('stopAt ends a stream whose log ends in a hole, at the last stable offset', () => {
  const seen: string[] = [];
  marble((kit) => {
    const { consume, play } = kit;
    holeUpToStableEnd(kit);
    const consumed = consume({ stopAt: 'end' }).pipe(mergeMap((stream) => stream.pipe(ackEach())), offsets());
    const live = consumed.subscribe({ next: (offset) => seen.push(offset), error: fail, complete: () => seen.push('complete') });
    play('10s z', { z: () => live.unsubscribe() });
  })();
  expect(seen).toEqual(['0', '1', 'complete']);
});

test('the position passes a hole, acked or not; nothing spins there; and the log goes on behind it when the transaction is over', () => {
  const seen: string[] = [];
  let fetches = 0;
  marble((kit) => {
    const { cluster, consume, play } = kit;
    holeUpToStableEnd(kit);
    cluster.sent('Fetch').subscribe({ next: () => fetches++, error: fail });
    const streams: PartitionStream[] = [];
    const kept: { ack(): void }[] = [];
    const consumed = consume().pipe(tap((stream) => streams.push(stream)), mergeAll(), tap((record) => kept.push(record)), offsets());
    const live = consumed.subscribe({ next: (offset) => seen.push(offset), error: fail });
    const look = (): number => seen.push(`at ${String(streams[0]?.position)}, lag ${String(streams[0]?.lag)}`);
    play('5s a 4999ms b 999ms c 999ms z', {
      a: look,
      b: () => {
        for (const record of kept) record.ack();
        cluster.apply({ kind: 'endTransaction', topic: 'orders', partition: 0, ends: 'commit', producerId: 2 });
      },
      c: look,
      z: () => live.unsubscribe(),
    });
  })();
  expect(seen).toEqual(['0', '1', 'at 4, lag 0', '4', 'at 8, lag 0']);
  expect(fetches).toBeLessThan(35);
});

test.each([
  ['a hole in which the leader changed is passed, and is no truncation', 2],
  ['the same, but the hole begins inside the old epoch and the new one begins in the hole', 1],
])('%s', (_, old) => {
  const seen: string[] = [];
  const positions: string[] = [];
  marble((kit) => {
    const { cluster, consume, told, play } = kit;
    const place = { topic: 'orders', partition: 0 };
    cluster.topic('orders', 1, 2, { replicationFactor: 2 });
    // 0 and 1; `old` aborted records in epoch 0; the rest in epoch 1: it is aborted too, but for the transaction that is open at 4.
    cluster.apply({ kind: 'transaction', ...place, records: old, ends: 'open', producerId: 1 });
    cluster.move('orders', 0, 2);
    if (old === 1) cluster.apply({ kind: 'transaction', ...place, records: 1, ends: 'open', producerId: 1 });
    cluster.apply({ kind: 'transaction', ...place, records: 1, ends: 'open', producerId: 2 });
    cluster.apply({ kind: 'transaction', ...place, records: 1, ends: 'open', producerId: 1 });
    cluster.apply({ kind: 'endTransaction', ...place, ends: 'abort', producerId: 1 });
    cluster.apply({ kind: 'compact', ...place, before: 4 });
    expect(cluster.partition('orders', 0).log.lastStableOffset).toBe(4);
    told('positioned').subscribe({ next: ({ from, to, reason }) => positions.push(`${String(from)}-${String(to)} ${reason}`), error: fail });
    const live = consume().pipe(mergeMap((stream) => stream.pipe(ackEach())), offsets()).subscribe({ next: (o) => seen.push(o), error: fail });
    play('10s e 5s z', { e: () => cluster.apply({ kind: 'endTransaction', ...place, ends: 'commit', producerId: 2 }), z: () => live.unsubscribe() });
  }, 2)();
  expect(positions).toEqual(['undefined-0 start']);
  expect(seen).toEqual(['0', '1', '4']);
});
