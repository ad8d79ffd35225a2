import { filter, map, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { telling } from '../telling.ts';
import { marble, ofPartitions } from '../../support/scripted/index.ts';

// concurrent F(b1),F(b2) both ->RST

describe('kafkajs-unhandled-rejections', () => {
  test(
    'two connections that break at once: each is an event, nothing is thrown, and both partitions go on',
    marble((kit) => {
      const { cluster, consume, play, told } = kit;
      cluster.topic('orders', 2, 1);
      const { live } = telling(
        kit,
        800,
        told('disconnected').pipe(map(({ broker, error }) => `disconnected ${broker} ${String(error !== undefined)}`)),
        [...['orders-0@0', 'orders-1@0'], ...['disconnected b1:9092 true', 'disconnected b2:9092 true'], ...['orders-0@1', 'orders-1@1']],
      );
      live(
        consume({ mode: ofPartitions(2) }).pipe(
          mergeMap((stream) =>
            stream.pipe(
              ackEach(),
              map(({ offset }) => `${stream.key}@${offset}`),
            ),
          ),
        ),
        '900ms !',
      );
      play('100ms x 399ms w', {
        x: () => {
          cluster.cut(1);
          cluster.cut(2);
        },
        w: () => {
          cluster.append('orders', 0, 1);
          cluster.append('orders', 1, 1);
        },
      });
    }, 2),
  );

  test(
    'both cannot be healed: one error notification',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 2, 1);
      const refused = cluster.traffic.pipe(
        filter(({ kind }) => kind === 'refused'),
        map(({ node }) => `refused at ${node}`),
      );
      const { live } = telling(kit, 1_000, refused, [...['orders-0@0', 'orders-1@0'], 'refused at 2', 'error TLS_FAILED']);
      live(
        consume({ mode: ofPartitions(2) }).pipe(
          mergeMap((stream) =>
            stream.pipe(
              ackEach(),
              map(({ offset }) => `${stream.key}@${offset}`),
            ),
          ),
        ),
        '900ms !',
      );
      play('100ms x', {
        x: () => {
          for (const node of [1, 2]) cluster.refuse(node, 'TLS_FAILED');
          cluster.cut(1);
          cluster.cut(2);
        },
      });
    }, 2),
  );
});
