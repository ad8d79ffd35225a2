import { describe, test } from 'vitest';
import { asMember, marble } from '../../support/scripted/index.ts';
import { delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// HB->hang +timeout while poll holds the coordinator lock

describe('kafka-python-heartbeat-timeout-deadlock', () => {
  test(
    'a heartbeat that is not answered: records go on meanwhile, and when its time is over there is another heartbeat, and commits',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 1);
      cluster.inject({ api: 'Heartbeat', kind: 'noAnswer', after: 1 });
      const { live } = telling(kit, 2_000, cluster.sent('Heartbeat', 'FindCoordinator', 'OffsetCommit', 'JoinGroup'), [
        'findCoordinator',
        'join',
        'join m-1',
        'commit orders/0=0 in 1',
        'orders-0@0',
        'heartbeat m-1 in 1',
        '408 heartbeat m-1 in 1',
        '501 orders-0@1',
        '702 orders-0@2',
        '710 commit orders/0=3 in 1',
        '1008 findCoordinator',
        '1009 heartbeat m-1 in 1',
        '1203 orders-0@3',
        '1210 heartbeat m-1 in 1',
        '1411 heartbeat m-1 in 1',
        'commit orders/0=4 in 1',
      ]);
      const mode = asMember({ heartbeatInterval: 200, sessionTimeout: 10_000 });
      live(
        consume({ mode, fetch: patient, requestTimeout: 500, commit: { interval: 700, records: Infinity } }).pipe(delivered()),
        '1500ms !',
      );
      play('500ms w 200ms w 500ms w', { w: () => cluster.append('orders', 0, 1) });
    }),
  );
});
