import { filter, map, merge, mergeMap, tap } from 'rxjs';
import { describe, test } from 'vitest';
import { marble, ofPartitions } from '../../support/scripted/index.ts';
import { ackEach } from '../../../operators/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// leader p0 b1→b2 | F(b2:p0@1100)->E:OFFSET_OUT_OF_RANGE (once; log is 0..5000)

describe('kafkajs-oor-silent-jump', () => {
  test.each(['earliest', 'latest'] as const)(
    'a new leader that says once, wrongly, that the position is out of range: the log is looked up first, and the position stays (%s)',
    (autoOffsetReset) => {
      marble((kit) => {
        const { cluster, consume, play, told } = kit;
        cluster.topic('orders', 1, 110, { replicationFactor: 2 });
        cluster.inject({ api: 'Fetch', node: 2, topic: 'orders', partition: 0, kind: 'error', error: 'OFFSET_OUT_OF_RANGE' });
        const positioned = told('positioned').pipe(map(({ to, reason }) => `positioned at ${to}: ${reason}`));
        const lines = merge(fetching(cluster), positioned).pipe(filter((line) => !/NOT_LEADER|FENCED/.test(line)));
        const { live, say } = telling(kit, 5_000, lines, [
          'positioned at 109: committed',
          ...['fetch orders/0@109 at b1', 'answer orders/0: 0..109 at b1', '109'],
          'fetch orders/0@110 at b1',
          'the leader is another one, and more is written',
          'fetch orders/0@110 at b2',
          'answer orders/0: OFFSET_OUT_OF_RANGE at b2',
          'fetch orders/0@110 at b2',
          'answer orders/0: 110..499 at b2',
          '110, and so on',
          'fetch orders/0@500 at b2',
        ]);
        cluster.apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 0, offset: 109 });
        const work = consume({ mode: ofPartitions(1, 'g'), autoOffsetReset, startFrom: undefined }).pipe(
          mergeMap((stream) => stream.pipe(ackEach())),
          filter(({ offset }) => offset <= 110),
          tap(({ offset }) => say(offset === 110 ? '110, and so on' : `${offset}`)),
          mergeMap(() => []),
        );
        live(work, '5s !');
        play('200ms x', {
          x: () => {
            say('the leader is another one, and more is written');
            cluster.move('orders', 0, 2);
            cluster.append('orders', 0, 390);
          },
        });
      }, 2)();
    },
  );
});
