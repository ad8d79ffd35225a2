import { count, map, merge, mergeMap, takeUntil, timer } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { telling } from '../telling.ts';

// regex ^t matches t1; t1 deleted: M{no t1} …

describe('franz-deleted-regex-topic-metadata-loop', () => {
  test(
    'a topic that a pattern found and that is gone is not looked for by its name: metadata is asked for as often as before',
    marble((kit) => {
      const { cluster, consume, play, told, expectObservable } = kit;
      cluster.topic('t1', 1, 1).topic('t2', 1, 1);
      const lost = told('lost').pipe(map(({ reason }) => `lost: ${reason}`));
      const { live, say } = telling(kit, 100_000, merge(lost, cluster.sent('SyncGroup')), [
        'sync m-1 in 1',
        ...['t1-0@0', 't2-0@0'],
        't1 is deleted',
        'lost: deleted',
        'sync m-1 in 2',
        't2-0@1',
      ]);
      const asked = cluster.sent('Metadata').pipe(takeUntil(timer(90_000)), count());
      expectObservable(asked).toBe('90s (t|)', { t: 6 });
      const mode = asMember({ topics: [], patterns: [/^t/] });
      const work = consume({ mode, metadataMaxAge: 30_000 }).pipe(
        mergeMap((stream) =>
          stream.pipe(
            ackEach(),
            map(({ offset }) => `${stream.key}@${offset}`),
          ),
        ),
      );
      live(work, '95s !');
      play('10s d 69s w', {
        d: () => {
          say('t1 is deleted');
          cluster.apply({ kind: 'deleteTopic', topic: 't1' });
        },
        w: () => cluster.append('t2', 0, 1),
      });
    }),
  );
});
