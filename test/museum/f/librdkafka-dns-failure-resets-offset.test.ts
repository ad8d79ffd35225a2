import { filter, first, map, merge, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { Fault } from '../../../src/testing/index.ts';
import { marble, offsets } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// leader epoch bump → OLE->ENOTFOUND | expect retry, same position

const failures: readonly (readonly [name: string, fault: Fault, fails: readonly string[]])[] = [
  [
    'the new leader is not found',
    { api: 'Connect', node: 2, kind: 'error', error: 'CONNECTION_FAILED', times: 3 },
    ['it fails', 'b2 is not found', 'it fails', 'b2 is not found', 'it fails', 'b2 is not found', 'it fails'],
  ],
  [
    'the connection to it is closed',
    { api: 'OffsetForLeaderEpoch', node: 2, kind: 'reset', when: 'before', times: 3 },
    ['it fails', 'it fails', 'it fails'],
  ],
];

describe('librdkafka-dns-failure-resets-offset', () => {
  test.each(failures)(
    '%s while it is asked whether its log is the one that was read: it is asked again, and the position stays',
    (_, fault, fails) => {
      marble(
        (kit) => {
          const { cluster, consume, play, told } = kit;
          cluster.topic('orders', 1, 5, { replicationFactor: 2 });
          const positioned = told('positioned').pipe(map(({ to, reason }) => `positioned at ${to}: ${reason}`));
          const failed = told('retryScheduled').pipe(
            filter(({ api, error }) => error.name === 'ConnectionError' && api === 'OffsetForLeaderEpoch'),
            map(() => 'it fails'),
          );
          const refused = cluster.traffic.pipe(
            filter(({ kind, node }) => kind === 'refused' && node === 2),
            map(() => 'b2 is not found'),
          );
          const answers = cluster.traffic.pipe(
            filter(({ api, kind, node }) => api === 'OffsetForLeaderEpoch' && kind === 'answer' && node === 2),
            map(() => 'it is answered'),
          );
          const { live, say } = telling(
            kit,
            10_000,
            merge(fetching(cluster), positioned, cluster.sent('ListOffsets'), failed, refused, answers),
            [
              ...['positioned at 0: start', 'fetch orders/0@0 at b1', 'answer orders/0: 0..4 at b1', 'record 0'],
              'fetch orders/0@5 at b1',
              'the leader changes',
              'answer orders/0: FENCED_LEADER_EPOCH at b1',
              ...['fetch orders/0@5 at b2', 'answer orders/0: 5..5 at b2'],
              ...fails,
              'it is answered',
              ...['fetch orders/0@5 at b2', 'answer orders/0: 5..5 at b2', 'record 5', 'fetch orders/0@6 at b2'],
            ],
          );
          if (fault.api !== 'Connect') cluster.inject(fault);
          else {
            cluster.traffic.pipe(first(({ api, node }) => api === 'OffsetForLeaderEpoch' && node === 2)).subscribe(() => {
              cluster.inject(fault);
              cluster.cut(2);
            });
          }
          const work = consume().pipe(
            mergeMap((stream) => stream.pipe(ackEach())),
            filter(({ offset }) => offset === 0 || offset >= 5),
            offsets(),
            map((offset) => `record ${offset}`),
          );
          live(work, '10s !');
          play('500ms x', {
            x: () => {
              say('the leader changes');
              cluster.move('orders', 0, 2);
              cluster.append('orders', 0, 1);
            },
          });
        },
        { brokers: 2, kafka: '2.1' },
      )();
    },
  );
});
