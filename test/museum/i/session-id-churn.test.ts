import { filter, map, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { marble, ofPartitions } from '../../support/scripted/index.ts';
import { sessions } from '../sessions.ts';
import { telling } from '../telling.ts';

// inspect requests: `(0,0)` more than once per connection

describe('session-id-churn', () => {
  test(
    'one session at a broker, however many polls; also after its connections broke, and none is left there when we go',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 3, 1);
      const held = (): string => `the broker holds ${cluster.model.brokers.get(1)?.sessions.size ?? 0}`;
      const opened = sessions(cluster).pipe(filter((line) => line.includes('epoch 0')));
      let polls = 0;
      sessions(cluster).subscribe(() => polls++);
      const { live, say } = telling(kit, 10_000, opened.pipe(map((line) => line.replace(/:.*/, ''))), [
        'session 0, epoch 0',
        'after more than 8 polls the broker holds 1',
        'its connections break',
        'session 1000001, epoch 0',
        'after more than 16 polls the broker holds 1',
      ]);
      const work = consume({ mode: ofPartitions(3) }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        mergeMap(() => []),
      );
      live(work, '10s !');
      const look = (atLeast: number): void => say(`after ${polls > atLeast ? 'more than ' : ''}${atLeast} polls ${held()}`);
      play('500ms w 499ms v 499ms w 2500ms a 99ms c 4s b', {
        w: () => cluster.append('orders', 0, 1),
        v: () => cluster.append('orders', 2, 1),
        a: () => look(8),
        b: () => look(16),
        c: () => {
          say('its connections break');
          cluster.cut(1);
        },
      });
    }),
  );
});
