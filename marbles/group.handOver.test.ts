import { catchError, concat, defer, EMPTY, ignoreElements, mergeMap, tap } from 'rxjs';
import { test } from 'vitest';
import type { KafkaRecord } from '../src/model/record.ts';
import { asMember, marble } from '../test/support/scripted/index.ts';

test('commit: false: a commit by hand of what a hand-over flushes is waited for, and where it is refused the hand-over goes on', marble(({ cluster, consume, play, told, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('OffsetCommit', 'OFFSET_METADATA_TOO_LARGE');
  const script =  '----------x';
  const sent =    '-----jks-- 8ms ckt';
  const stop =    '500ms !';

  const lines = { j: 'join', k: 'join m-1', s: 'sync m-1 in 1', t: 'sync m-1 in 2', c: 'commit orders/0=1 in 1' };
  const consumed = consume({ mode: asMember({ heartbeatInterval: 10 }), commit: false }).pipe(
    mergeMap((stream) => {
      const taken: KafkaRecord[] = [];
      const flushed = defer(() => {
        for (const record of taken) record.ack();
        return stream.commit().pipe(catchError(() => EMPTY));
      });
      return concat(stream.pipe(tap((record) => taken.push(record)), ignoreElements()), flushed);
    }),
  );
  expectObservable(told('retryScheduled'), stop).toBe('');
  expectObservable(cluster.sent('JoinGroup', 'SyncGroup', 'OffsetCommit'), stop).toBe(sent, lines);
  expectObservable(consumed, stop).toBe('');
  play(script, { x: () => { cluster.apply({ kind: 'rebalance' }); } });
}));
