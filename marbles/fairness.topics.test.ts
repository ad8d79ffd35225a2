import { map, mergeMap } from 'rxjs';
import { expect, test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import { marble } from '../test/support/scripted/index.ts';

function fail(error: unknown): never {
  throw error;
}

test.each([0, 1000])('with %i session slots: who got records last stands last, also across topics', (fetchSessionSlots) => {
  const seen: string[] = [];
  marble((kit) => {
    const { cluster, consume, play } = kit;
    cluster.topic('a', 2, 0);
    cluster.topic('b', 1, 0);
    for (let i = 0; i < 200; i++) cluster.append('a', 0, 1);
    for (let i = 0; i < 200; i++) cluster.append('b', 0, 1);
    const partitions = [{ topic: 'a', partition: 1 }, { topic: 'a', partition: 0 }, { topic: 'b', partition: 0 }];
    const live = consume({ mode: { kind: 'manual', partitions }, fetch: { minBytes: 1, maxWait: 500, maxBytes: 1, maxPartitionBytes: 1 } }).pipe(
      mergeMap((stream) => stream.pipe(ackEach(), map(() => stream.key)))).subscribe({ next: (o) => seen.push(o), error: fail });
    play('50ms z', { z: () => live.unsubscribe() });
  }, { brokers: 1, settings: { fetchSessionSlots } })();
  const n = (k: string): number => seen.filter((s) => s === k).length;
  expect(Math.abs(n('a-0') - n('b-0'))).toBeLessThan(3);
});
