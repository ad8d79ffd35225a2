import { concat, defer, filter, map, mergeMap, take, throwError, timer, VirtualTimeScheduler } from 'rxjs';
import { expect, test } from 'vitest';
import { ConnectionError } from '../../src/errors/index.ts';
import type { Connection, Connector } from '../../src/transport/port.ts';
import { consumerOf, ScriptedCluster, settings } from '../support/scripted/index.ts';

/** The first fetch breaks off after that many parts. */
function breaking(cluster: ScriptedCluster, clock: VirtualTimeScheduler, parts: number): Connector {
  let first = true;
  const lost = new ConnectionError('CONNECTION_LOST', 'in the middle of an answer', { broker: 'b1:9092' });
  return {
    connect: (broker) =>
      cluster.connect(broker).pipe(
        map((connection): Connection => ({
          broker: connection.broker,
          version: (api) => connection.version(api),
          send: (api, request) => connection.send(api, request),
          fetch: (request) =>
            defer(() => {
              const answer = connection.fetch(request);
              if (!first) return answer;
              first = false;
              return concat(answer.pipe(take(parts)), timer(5, clock).pipe(mergeMap(() => throwError(() => lost))));
            }),
        })),
      ),
  };
}

// head, header, batches of one record each.
test.each([1, 2, 3, 4, 5])(
  'an answer that breaks off after %i parts: its records are kept, and those behind them are asked for',
  (parts) => {
    const clock = new VirtualTimeScheduler(undefined, 30_000);
    const cluster = new ScriptedCluster(clock).topic('orders');
    for (let i = 0; i < 5; i++) cluster.append('orders', 0, 1);
    const log: string[] = [];
    cluster
      .sent('Fetch')
      .pipe(filter(() => log.length < 30))
      .subscribe((text) => log.push(`${clock.now()} ${text}`));
    const offsets: number[] = [];
    const subscription = consumerOf(breaking(cluster, clock, parts), settings(clock))
      .pipe(mergeMap((partition) => partition))
      .subscribe((record) => {
        offsets.push(record.offset);
        record.ack();
      });
    clock.schedule(() => subscription.unsubscribe(), 10_000);
    clock.flush();
    expect(offsets).toEqual([0, 1, 2, 3, 4]);
    const kept = Math.max(0, parts - 2);
    expect(log[0]).toContain('orders/0@0');
    expect(log[1]).toContain(`orders/0@${kept}`);
    const [began = 0, again = 0] = log.map((line) => Number(line.split(' ')[0]));
    expect(again - began).toBeGreaterThanOrEqual(100);
  },
);
