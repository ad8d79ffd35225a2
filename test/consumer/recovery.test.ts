import { dematerialize, filter, map, materialize, mergeMap, tap, VirtualTimeScheduler, type Observable } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { ConsumerSettings } from '../../src/consumer/settings.ts';
import type { Connection, Connector } from '../../src/transport/port.ts';
import { asMember, consumerOf, ofPartitions, ScriptedCluster, settings } from '../support/scripted/index.ts';
import { seeded } from '../support/seeded.ts';

const backoff = { initial: 100, max: 10_000, jitter: 0.2 };
/** One step of the back-off with its jitter, and some round trips. */
const promised = 12_000 + 2_000;

interface Outage {
  readonly mode: ConsumerSettings['mode'];
  /** When it begins, and how long it lasts: ms. */
  readonly at: number;
  readonly length: number;
  readonly requestTimeout: number;
  /** What becomes of requests meanwhile. */
  readonly how: 'refused' | 'swallowed';
  readonly seed: number;
}

interface Outcome {
  /** From the end of the outage to the first record that was written after it: ms. */
  readonly waited: number;
  readonly offsets: readonly number[];
  /** From each attempt to connect during the outage to the next one: ms. */
  readonly gaps: readonly number[];
}

/** While `silent`, what was sent is never answered, and no connection comes about. */
function swallowing(connector: Connector, silent: () => boolean): Connector {
  const swallow = <T>(source: Observable<T>): Observable<T> =>
    source.pipe(
      materialize(),
      filter(({ kind }) => kind === 'E' || !silent()),
      dematerialize(),
    );
  return {
    connect: (broker) =>
      swallow(connector.connect(broker)).pipe(
        map((connection): Connection => ({
          broker: connection.broker,
          version: (api) => connection.version(api),
          send: (api, request) => swallow(connection.send(api, request)),
          fetch: (request) => swallow(connection.fetch(request)),
        })),
      ),
  };
}

function lived({ mode, at, length, requestTimeout, how, seed }: Outage): Outcome {
  const clock = new VirtualTimeScheduler(undefined, at + length + 60_000);
  const cluster = new ScriptedCluster(clock).topic('orders', 1, 3);
  const offsets: number[] = [];
  const attempts: number[] = [];
  let waited = Infinity;
  let silent = false;
  const end = at + length;
  cluster.sent('Bootstrap', 'Connect').subscribe(() => {
    if (clock.now() > at && clock.now() < end) attempts.push(clock.now());
  });
  const subscription = consumerOf(
    swallowing(cluster, () => silent),
    settings(clock, { mode, backoff, requestTimeout, random: seeded(seed), events: () => undefined }),
  )
    .pipe(
      mergeMap((partition) => partition),
      tap((record) => {
        record.ack();
        offsets.push(record.offset);
        if (record.offset === 3) waited = clock.now() - end;
      }),
    )
    .subscribe();
  clock.schedule(() => {
    if (how === 'refused') {
      cluster.refuse(1, 'CONNECTION_FAILED');
      cluster.cut(1);
    } else silent = true;
  }, at);
  clock.schedule(() => {
    cluster.accept(1);
    silent = false;
    cluster.append('orders', 0, 1);
  }, end);
  clock.schedule(() => subscription.unsubscribe(), end + 20_000);
  clock.flush();
  expect(cluster.open).toBe(0);
  return { waited, offsets, gaps: attempts.slice(1).map((time, index) => time - (attempts[index] ?? 0)) };
}

const modes = { 'by itself': ofPartitions(1), 'with a group that it commits to': ofPartitions(1, 'g'), 'as a member': asMember() };

/** Outages of all lengths, which end in all phases of the back-off. */
const lengths = Array.from({ length: 48 }, (_, index) => 50 + index * 1_873);

describe.each(Object.entries(modes))('the only broker is away from a consumer %s', (_, mode) => {
  test.each([30_000, 2_000])(
    'and refuses: records flow within a step of the back-off of its return, whenever that is (requestTimeout %i)',
    (requestTimeout) => {
      for (const [seed, length] of lengths.entries()) {
        const { waited, offsets } = lived({ mode, at: 5_000 + 37 * seed, length, requestTimeout, how: 'refused', seed });
        expect(offsets).toEqual([0, 1, 2, 3]);
        expect(waited, `after ${String(length)} ms`).toBeLessThan(promised);
      }
    },
  );

  test('and refuses: one attempt in each step', () => {
    const { gaps } = lived({ mode, at: 5_000, length: 120_000, requestTimeout: 30_000, how: 'refused', seed: 1 });
    expect(gaps.length).toBeGreaterThan(12);
    gaps.forEach((gap, index) => {
      expect(gap).toBeGreaterThanOrEqual(0.8 * Math.min(backoff.max, backoff.initial * 2 ** index));
    });
  });

  test('and swallows what it is sent: records flow within a time-out and a step', () => {
    for (const [seed, length] of lengths.entries()) {
      if (seed % 3 > 0) continue;
      const { waited, offsets } = lived({ mode, at: 5_000 + 37 * seed, length, requestTimeout: 2_000, how: 'swallowed', seed });
      expect(offsets).toEqual([0, 1, 2, 3]);
      expect(waited, `after ${String(length)} ms`).toBeLessThan(2_500 + promised);
    }
  });
});
