import { filter, map, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { marble, NEVER_ANSWERED, offsets } from '../../support/scripted/index.ts';
import { telling } from '../telling.ts';

// LO(b1)->hang | M{leader b2} | expect LO(b2) at once

describe('librdkafka-offset-wait-on-dead-leader', () => {
  test(
    'a look-up that hangs at a leader which is none any more is made again at the new one as soon as that is known',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 2, { replicationFactor: 2 });
      cluster.fail('ListOffsets', NEVER_ANSWERED, { node: 1 });
      const lines = cluster.sent('ListOffsets', 'Metadata').pipe(filter((line) => !line.startsWith('metadata at b1')));
      const { live } = telling(kit, 2_000, lines, [
        'listOffsets orders/0@earliest at b1',
        '503 metadata at b2',
        '504 listOffsets orders/0@earliest at b2',
        ...['record 0', 'record 1'],
      ]);
      const work = consume({ startFrom: 'earliest', metadataMaxAge: 500, requestTimeout: 60_000 }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        offsets(),
        map((offset) => `record ${offset}`),
      );
      live(work, '2s !');
      play('100ms x', { x: () => cluster.move('orders', 0, 2) });
    }, 2),
  );
});
