import { mergeMap } from 'rxjs';
import { expect, test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import { marble, offsets } from '../test/support/scripted/index.ts';

test.each(['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED'])('Kafka 2.1 with ACLs: OffsetForLeaderEpoch is refused (%s), and reading goes on', (error) => {
  const seen: string[] = [];
  marble((kit) => {
    const { cluster, consume, play } = kit;
    cluster.topic('orders', 1, 2, { replicationFactor: 2 });
    cluster.inject({ api: 'OffsetForLeaderEpoch', topic: 'orders', partition: 0, times: Infinity, kind: 'error', error });
    const live = consume().pipe(mergeMap((stream) => stream.pipe(ackEach())), offsets()).subscribe({ next: (o) => seen.push(o), error: (e: unknown) => seen.push(String(e)) });
    play('1s m 1s w 20s z', { m: () => cluster.move('orders', 0, 2), w: () => cluster.append('orders', 0, 1), z: () => live.unsubscribe() });
  }, { brokers: 2, kafka: '2.1' })();
  expect(seen).toEqual(['0', '1', '2']);
});
