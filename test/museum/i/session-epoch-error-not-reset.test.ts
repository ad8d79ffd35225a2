import { filter, map, merge, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { Fault } from '../../../src/testing/index.ts';
import { marble, offsets } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { sessions } from '../sessions.ts';
import { telling } from '../telling.ts';

// F(s1,e5)->E!:INVALID_FETCH_SESSION_EPOCH | expect F(full); same with FETCH_SESSION_ID_NOT_FOUND and after RST

const blows: readonly (readonly [name: string, fault: Fault])[] = [
  ['an epoch that the broker does not expect', { kind: 'error', error: 'INVALID_FETCH_SESSION_EPOCH' }],
  ['a session that it does not know', { kind: 'error', error: 'FETCH_SESSION_ID_NOT_FOUND' }],
  ['a session of the other kind', { kind: 'error', error: 'FETCH_SESSION_TOPIC_ID_ERROR' }],
  ['a connection that breaks before the request is served', { kind: 'reset', when: 'before' }],
  ['a connection that breaks in the middle of the answer', { kind: 'reset', when: 'inside' }],
  ['an answer that never comes', { kind: 'noAnswer' }],
  ['an answer that cannot be read', { kind: 'corrupt', at: 4, length: 4 }],
];

describe('session-epoch-error-not-reset', () => {
  test.each(blows)(
    'after %s the session is opened anew, with everything in it: nothing is lost, and the user is not told of an error',
    (_, fault) => {
      marble((kit) => {
        const { cluster, consume, play, told } = kit;
        cluster.topic('orders', 1, 1);
        const failed = told('failed').pipe(map(() => 'the stream fails'));
        const full = sessions(cluster).pipe(
          filter((line) => !line.endsWith('as before')),
          map((line) => line.replace(/(session 1000002), epoch [1-9][0-9]*/, '$1 goes on')),
        );
        const errors = fetching(cluster).pipe(filter((line) => line.startsWith('answer Fetch')));
        const { live, say } = telling(kit, 30_000, merge(full, errors, failed), [
          ...['session 0, epoch 0: orders/0@0', 'record 0', 'session 1000001, epoch 1: orders/0@1'],
          ...['a record is written', 'record 1', 'session 1000001, epoch 2: orders/0@2'],
          ...['a record is written, and the blow falls on the next request', 'record 2', 'session 1000001, epoch 3: orders/0@3'],
          ...(fault.kind === 'error' ? [`answer Fetch: ${fault.error}`] : []),
          'session 1000001, epoch 0: orders/0@3',
          ...['a record is written', 'record 3', 'session 1000002 goes on: orders/0@4'],
        ]);
        const fetch = { minBytes: 1, maxWait: 10_000, maxBytes: 1e6, maxPartitionBytes: 1e6 };
        const work = consume({ fetch, requestTimeout: 1_000 }).pipe(
          mergeMap((stream) => stream.pipe(ackEach())),
          offsets(),
          map((offset) => `record ${offset}`),
        );
        live(work, '30s !');
        play('100ms w 99ms x 19s w', {
          w: () => {
            say('a record is written');
            cluster.append('orders', 0, 1);
          },
          x: () => {
            say('a record is written, and the blow falls on the next request');
            cluster.inject({ ...fault, api: 'Fetch' }); // not on the one that waits already
            cluster.append('orders', 0, 1);
          },
        });
      })();
    },
  );
});
