import { filter, ignoreElements, map, merge, mergeMap, Subject, tap } from 'rxjs';
import { test } from 'vitest';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { cooperativeSticky } from '../../../src/group/assignors/cooperativeSticky.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// A{p0,p1}#1 revoke p1#2 | p1 regained & buffered | a later rebalance: assigned({}) | what is buffered is delivered

test(
  'pekko-stale-revoked-set-wipes-kept-buffers: what a rebalance took once is not taken again by the next ones',
  marble(({ scheduler, cluster, consume, told, expectObservable }) => {
    cluster.topic('orders', 2, 6);
    const said = new Subject<string>();
    const taken: KafkaRecord[] = [];
    const mode = asMember({ assignors: [cooperativeSticky], heartbeatInterval: 10, rebalanceTimeout: 2_100 });
    const member = (name: string, work: (record: KafkaRecord) => void) =>
      consume(
        { mode, fetch: { minBytes: 1, maxWait: 20, maxBytes: 1e6, maxPartitionBytes: 1e6 }, window: { records: 2, bytes: 1e6 } },
        {},
      ).pipe(
        mergeMap((stream) =>
          stream.pipe(
            filter(({ partition }) => partition === 1),
            tap((record) => {
              said.next(`${name}, epoch ${stream.assignmentEpoch}: ${record.offset}`);
              work(record);
            }),
          ),
        ),
        ignoreElements(),
      );

    const changes = merge(told('assigned'), told('revoked')).pipe(
      map(({ kind, partitions }) => `${kind} ${partitions.map(({ partition }) => partition).join() || 'nothing'}`),
    );
    const fetches = cluster.sent('Fetch').pipe(
      filter((line) => /orders\/1@[0-5]/.test(line)),
      map(() => 'orders-1 is fetched'),
    );
    story(scheduler, merge(said, changes, cluster.sent('LeaveGroup'), fetches), 800, [
      'assigned 0,1',
      'orders-1 is fetched',
      'm1, epoch 2: 0',
      'm1, epoch 2: 1',
      'assigned nothing',
      'assigned nothing',
      'revoked 1',
      'assigned nothing',
      'assigned 1',
      'orders-1 is fetched',
      'm2, epoch 1: 0',
      'm2, epoch 1: 1',
      'leave m-2',
      'assigned 1',
      'orders-1 is fetched',
      'm1, epoch 3: 0',
      'm1, epoch 3: 1',
      'assigned nothing',
      'm1, epoch 3: 2',
      'm1, epoch 3: 3',
      'm1, epoch 3: 4',
      'm1, epoch 3: 5',
    ]);
    expectObservable(
      member('m1', (record) => {
        taken.push(record);
      }),
      '800ms !',
    ).toBe('');
    expectObservable(
      member('m2', () => undefined),
      '20ms ^ 180ms !',
    ).toBe('');
    scheduler.schedule(() => cluster.apply({ kind: 'rebalance' }), 400);
    scheduler.schedule(() => {
      for (const record of taken) record.ack();
    }, 600);
  }),
);
