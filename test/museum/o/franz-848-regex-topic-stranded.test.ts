import { map, mergeMap, type Observable } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { scripted } from '../kit.ts';
import { telling } from '../telling.ts';

// HB->assign{t9:p0} | M without t9 | M with t9. In the classic protocol, which we speak, it is the leader of the group that knows more than a member does.

/** The second member is given a partition that nobody has told it of. */
const farSighted = scripted(([first = '', second]) => (second === undefined ? { [first]: [0] } : { [first]: [0], [second]: [1] }));

describe('franz-848-regex-topic-stranded', () => {
  test(
    'a partition that is assigned before metadata tells of it is kept, and read as soon as it is known',
    marble((kit) => {
      const { cluster, consume, play, told } = kit;
      cluster.topic('orders', 1, 1);
      const assigned = told('assigned').pipe(map(({ partitions }) => `assigned ${partitions.map(({ partition }) => partition).join()}`));
      const { live, say } = telling(kit, 3_500, assigned, [
        ...['assigned 0', 'orders-0@0'],
        ...['assigned 0', 'assigned 1'],
        'metadata tells of it',
        'orders-1@0',
      ]);
      const mode = asMember({ assignors: [farSighted], heartbeatInterval: 100 });
      const read = (): Observable<string> =>
        consume({ mode }, {}).pipe(
          mergeMap((stream) =>
            stream.pipe(
              ackEach(),
              map(({ offset }) => `${stream.key}@${offset}`),
            ),
          ),
        );
      live(read(), '4s !');
      live(read(), '200ms ^ 3700ms !');
      play('100ms p 3s a', {
        p: () => {
          cluster.apply({ kind: 'staleMetadata', node: 1 });
          cluster.apply({ kind: 'addPartitions', topic: 'orders', partitions: 2 }).append('orders', 1, 1);
        },
        a: () => {
          say('metadata tells of it');
          cluster.apply({ kind: 'staleMetadata', node: 1, off: true });
        },
      });
    }),
  );
});
