import { EMPTY, ignoreElements, map, mergeMap, retry, tap, timer, type Observable } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { marble, NEVER_ANSWERED, ofPartitions, type Marble } from '../../support/scripted/index.ts';
import { telling } from '../telling.ts';

// any per-partition state + leader move

/** What a partition is in the middle of when its leader changes, at 100 ms. */
interface Situation {
  readonly name: string;
  /** Its position by then. */
  readonly at: number | undefined;
  /** Brings it there, before it begins. */
  readonly prepare?: (marble: Marble) => void;
  /** How its stream is worked on. */
  readonly work?: (stream: PartitionStream, marble: Marble) => Observable<KafkaRecord>;
}

const situations: readonly Situation[] = [
  { name: 'a long poll', at: 1 },
  { name: 'a fetch whose answer is late', at: 0, prepare: ({ cluster }) => cluster.fail('Fetch', { delay: 300 }) },
  { name: 'a fetch that is never answered', at: 0, prepare: ({ cluster }) => cluster.fail('Fetch', NEVER_ANSWERED, { node: 1 }) },
  {
    name: 'a back-off',
    at: 0,
    prepare: ({ cluster }) => cluster.failPartition('orders', 0, ...Array.from({ length: 6 }, () => 'REQUEST_TIMED_OUT')),
  },
  { name: 'a look-up', at: undefined, prepare: ({ cluster }) => cluster.fail('ListOffsets', NEVER_ANSWERED, { node: 1 }) },
  {
    name: 'a full window',
    at: 1,
    work: (stream, { scheduler }) => {
      const taken: KafkaRecord[] = [];
      scheduler.schedule(() => taken.splice(0).forEach((record) => record.ack()), 600);
      return stream.pipe(
        tap((record) => {
          if (record.offset === 0) taken.push(record);
          else record.ack();
        }),
      );
    },
  },
  {
    name: 'a pause',
    at: 0,
    work: (stream, { scheduler }) => {
      const pause = stream.pause();
      scheduler.schedule(() => pause.unsubscribe(), 600);
      return stream.pipe(ackEach());
    },
  },
  {
    name: 'an error of its own',
    at: 0,
    prepare: ({ cluster }) => cluster.failPartition('orders', 0, 'TOPIC_AUTHORIZATION_FAILED'),
    work: (stream) => stream.pipe(ackEach(), retry({ delay: () => timer(400) })),
  },
];

describe('librdkafka-stuck-after-leader-change-reports', () => {
  test.each(situations)('the leader changes during $name: the partition goes on within seconds, and so does its neighbour', (situation) => {
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 2, 1, { replicationFactor: 2 });
      cluster.move('orders', 1, 1);
      situation.prepare?.(kit);
      const { work = (each: PartitionStream) => each.pipe(ackEach()) } = situation;
      const { live, say } = telling(kit, 20_000, EMPTY, [
        `the leader changes: the position is ${situation.at}`,
        'within ten seconds: 0@0 0@1 0@2 1@0 1@1 1@2 1@3',
      ]);
      const seen: string[] = [];
      let stream: PartitionStream | undefined;
      const records = consume({
        mode: ofPartitions(2),
        startFrom: 'earliest',
        metadataMaxAge: 1_000,
        requestTimeout: 3_000,
        window: { records: 1, bytes: 1e6 },
      }).pipe(
        mergeMap((each) => {
          if (each.partition !== 0) return each.pipe(ackEach());
          stream = each;
          return work(each, kit);
        }),
        map(({ partition, offset }) => seen.push(`${partition}@${offset}`)),
        ignoreElements(),
      );
      live(records, '20s !');
      play('100ms x 899ms w 4s w 4999ms e', {
        x: () => {
          say(`the leader changes: the position is ${stream?.position}`);
          cluster.move('orders', 0, 2);
          cluster.append('orders', 1, 1);
        },
        w: () => cluster.append('orders', 0, 1).append('orders', 1, 1),
        e: () => say(`within ten seconds: ${[...seen].sort().join(' ')}`),
      });
    }, 2)();
  });
});
