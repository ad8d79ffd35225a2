import { ignoreElements, map, merge, mergeMap, tap } from 'rxjs';
import { describe, test } from 'vitest';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { telling } from '../telling.ts';

// M{t id=A} pos 5 | M{t id=B} F(@5)->E:UNKNOWN_TOPIC_ID or OOR or none

describe('topic-recreated-under-the-consumer', () => {
  test.each([
    ['shorter than the old one', 2],
    ['longer than it', 8],
  ])('a topic that is deleted and created again, %s: the stream is lost, and the new one is read from its beginning', (_, length) => {
    marble((kit) => {
      const { cluster, consume, play, told } = kit;
      cluster.topic('orders', 1, 5);
      const lost = told('lost').pipe(map(({ reason }) => `lost: ${reason}`));
      const positioned = told('positioned').pipe(map(({ to, reason }) => `positioned at ${to}: ${reason}`));
      const { live, say } = telling(kit, 16_000, merge(lost, positioned, cluster.sent('OffsetCommit')), [
        ...['positioned at 5: start', 'commit orders/0=5 in 1'],
        ...[5, 6, 7, 8, 9].map((offset) => `orders-0@${offset} in epoch 1`),
        'deleted and created again',
        ...['epoch 1 ends', 'lost: recreated'],
        ...['positioned at 0: recreated', 'commit orders/0=0 in 1'],
        ...Array.from({ length }, (__, offset) => `orders-0@${offset} in epoch 2`),
        `commit orders/0=${length} in 1`,
        'an ack of the old topic',
      ]);
      const old: KafkaRecord[] = [];
      const work = consume({ mode: asMember(), autoOffsetReset: 'latest', startFrom: undefined }).pipe(
        mergeMap((stream) =>
          stream.pipe(
            tap({
              next: (record) => {
                say(`${stream.key}@${record.offset} in epoch ${stream.assignmentEpoch}`);
                if (stream.assignmentEpoch === 1 && record.offset === 4) old.push(record);
                else record.ack();
              },
              complete: () => say(`epoch ${stream.assignmentEpoch} ends`),
            }),
            ignoreElements(),
          ),
        ),
      );
      live(work, '17s !');
      play('500ms p 499ms x 8s a', {
        p: () => cluster.append('orders', 0, 5),
        x: () => {
          say('deleted and created again');
          cluster.apply({ kind: 'deleteTopic', topic: 'orders' }).topic('orders', 1, length);
        },
        a: () => {
          say('an ack of the old topic');
          old[0]?.ack();
        },
      });
    })();
  });
});
