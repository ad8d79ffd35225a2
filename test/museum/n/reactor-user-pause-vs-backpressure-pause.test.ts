import { EMPTY, map, mergeMap, tap, timer, type Unsubscribable } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach, processRecords } from '../../../operators/index.ts';
import { cooperativeSticky } from '../../../src/group/assignors/cooperativeSticky.ts';
import { range } from '../../../src/group/assignors/range.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { telling } from '../telling.ts';

// backpressure on; U:pause(p0); backpressure off | p0 stays paused ; U:pause(p0) | A{p0}#2 | ? (documented policy)

describe('reactor-user-pause-vs-backpressure-pause', () => {
  test(
    'a window that empties does not end a pause of the user, nor does the end of that pause make room in a full window',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 6);
      const { live, say } = telling(kit, 1_000, EMPTY, [
        ...['0', '1'],
        ...['the window is full, and the user pauses', 'all is acked', 'resume'],
        ...['2', '3'],
        ...['the window is full, and the user pauses', 'resume', 'all is acked'],
        ...['4', '5'],
      ]);
      let stream: PartitionStream | undefined;
      let pause: Unsubscribable | undefined;
      const taken: KafkaRecord[] = [];
      const work = consume({ window: { records: 2, bytes: 1e6 } }).pipe(
        tap((each) => {
          stream = each;
        }),
        mergeMap((each) => each),
        tap((record) => taken.push(record)),
        map(({ offset }) => `${offset}`),
      );
      live(work, '1s !');
      play('20ms p 99ms a 99ms r 99ms p 99ms r 99ms a', {
        p: () => {
          say('the window is full, and the user pauses');
          pause = stream?.pause();
        },
        a: () => {
          say('all is acked');
          for (const record of taken) record.ack();
        },
        r: () => {
          say('resume');
          pause?.unsubscribe();
        },
      });
    }),
  );

  test(
    'the pause that an operator holds while its handler works is its own: its end leaves that of the user alone',
    marble((kit) => {
      const { scheduler, cluster, consume, play } = kit;
      cluster.topic('orders', 1, 2);
      const { live, say } = telling(kit, 1_000, EMPTY, [
        ...['handles 0', 'the user pauses', 'is done with 0'],
        'the user resumes',
        ...['handles 1', 'is done with 1'],
      ]);
      let stream: PartitionStream | undefined;
      let pause: Unsubscribable | undefined;
      const work = consume().pipe(
        tap((each) => {
          stream = each;
        }),
        processRecords(({ offset }) => {
          say(`handles ${offset}`);
          return timer(100, scheduler).pipe(map(() => `is done with ${offset}`));
        }),
      );
      live(work, '1s !');
      play('20ms p 499ms r', {
        p: () => {
          say('the user pauses');
          pause = stream?.pause();
        },
        r: () => {
          say('the user resumes');
          pause?.unsubscribe();
        },
      });
    }),
  );

  test.each([
    ['eager: a new stream, which is not paused', range, ['sync m-1 in 2', 'orders-0 begins', '0', 'resume']],
    ['cooperative: the same stream, which is still paused', cooperativeSticky, ['sync m-1 in 2', 'resume', '0']],
  ])('a pause is as old as its stream; over a rebalance: %s', (_, assignor, after) => {
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 1);
      const { live, say } = telling(kit, 1_000, cluster.sent('SyncGroup'), ['sync m-1 in 1', 'orders-0 begins', ...after]);
      let pause: Unsubscribable | undefined;
      const work = consume({ mode: asMember({ assignors: [assignor], heartbeatInterval: 20 }) }).pipe(
        mergeMap((stream) => {
          say(`${stream.key} begins`);
          pause ??= stream.pause();
          return stream.pipe(ackEach());
        }),
        map(({ offset }) => `${offset}`),
      );
      live(work, '1s !');
      play('100ms r 599ms u', {
        r: () => cluster.apply({ kind: 'rebalance' }),
        u: () => {
          say('resume');
          pause?.unsubscribe();
        },
      });
    })();
  });
});
