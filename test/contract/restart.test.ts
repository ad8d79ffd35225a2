import { catchError, defer, EMPTY, mergeMap, retry, tap, timer, type Observable } from 'rxjs';
import { beforeAll, expect, test } from 'vitest';
import { eachPartition, processRecords } from '../../operators/index.ts';
import { fromKafka, type ConsumerOptions, type PartitionStream } from '../../src/index.ts';
import { ended } from '../support/consume.ts';
import { uniqueTopic } from '../support/kafka.ts';
import { describeGrounds } from './grounds/describeGrounds.ts';

const partitions = 3;
const perPartition = 40;
const bad = { partition: 1, offset: 17 };

/** What was delivered, in order; and a handler that throws the first time that it sees the bad record. */
function scene(): {
  readonly seen: [partition: number, offset: number][];
  readonly handle: (record: { partition: number; offset: number }) => void;
} {
  const seen: [number, number][] = [];
  let thrown = false;
  return {
    seen,
    handle: ({ partition, offset }) => {
      seen.push([partition, offset]);
      if (thrown || partition !== bad.partition || offset !== bad.offset) return;
      thrown = true;
      throw new Error('once');
    },
  };
}

const offsetsOf = (seen: readonly (readonly [number, number])[], partition: number): readonly number[] =>
  seen.filter(([from]) => from === partition).map(([, offset]) => offset);

const upTo = (end: number): readonly number[] => Array.from({ length: end }, (_, index) => index);

await describeGrounds('a handler that throws once on record k', (ground) => {
  let topic = '';

  beforeAll(async () => {
    topic = await ground.createTopic('restart', { partitions });
    await ground.produce({ topic, partitions, count: partitions * perPartition, batchSize: 1_000 });
  });

  const options = (): ConsumerOptions => ({ groupId: uniqueTopic('restart-group'), topics: [topic], stopAt: 'end' });
  /** One partition fails and goes on at k; the others have seen each record once. */
  const expectOnlyThatPartition = (seen: readonly (readonly [number, number])[]): void => {
    expect(offsetsOf(seen, 0)).toEqual(upTo(perPartition));
    expect(offsetsOf(seen, 2)).toEqual(upTo(perPartition));
    expect(offsetsOf(seen, 1)).toEqual([...upTo(bad.offset + 1), ...upTo(perPartition).slice(bad.offset)]);
  };

  test('with `restart` the next delivery is k, and the other partitions have not restarted', async () => {
    const { seen, handle } = scene();
    const streams: PartitionStream[] = [];
    await ended(
      fromKafka(ground.source(), options()).pipe(
        tap((partition) => streams.push(partition)),
        processRecords(handle, { restart: () => timer(20) }),
      ),
    );
    expectOnlyThatPartition(seen);
    expect(streams).toHaveLength(partitions);
  });

  test('so it is with `retry` inside `eachPartition`', async () => {
    const { seen, handle } = scene();
    const work = (partition: PartitionStream): Observable<unknown> =>
      partition.pipe(
        tap((record) => {
          handle(record);
          record.ack();
        }),
        retry({ delay: 20 }),
      );
    await ended(fromKafka(ground.source(), options()).pipe(eachPartition(work)));
    expectOnlyThatPartition(seen);
  });

  test('with `retry()` on the whole, delivery goes on from the commit', async () => {
    const { seen, handle } = scene();
    const lives: [number, number][][] = [];
    const source = fromKafka(ground.source(), options());
    await ended(
      defer(() => {
        lives.push([]);
        return source;
      }).pipe(
        processRecords((record) => {
          lives.at(-1)?.push([record.partition, record.offset]);
          handle(record);
        }),
        retry(),
      ),
    );
    expect(lives).toHaveLength(2);
    // All that was acked in the first life was committed at its end: the second begins behind it, with k in its partition.
    for (let partition = 0; partition < partitions; partition++) {
      const [first = [], second = []] = lives.map((life) => offsetsOf(life, partition));
      const acked = partition === bad.partition ? first.length - 1 : first.length;
      expect(second).toEqual(upTo(perPartition).slice(acked));
    }
    expect(offsetsOf(seen, bad.partition).filter((offset) => offset === bad.offset)).toHaveLength(2);
  });

  test('`catchError(() => EMPTY)` on one stream leaves the others alone', async () => {
    const { seen, handle } = scene();
    const enough = new AbortController();
    await ended(
      fromKafka(ground.source(), {
        groupId: uniqueTopic('restart-group'),
        topics: [topic],
        until: enough.signal,
        drainTimeout: 100,
      }).pipe(
        mergeMap((partition) =>
          partition.pipe(
            tap((record) => {
              handle(record);
              record.ack();
              if (offsetsOf(seen, 0).length + offsetsOf(seen, 2).length === 2 * perPartition) enough.abort();
            }),
            catchError(() => EMPTY),
          ),
        ),
      ),
    ).catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'DRAIN_TIMED_OUT', unacked: 1 });
    });
    expect(offsetsOf(seen, 0)).toEqual(upTo(perPartition));
    expect(offsetsOf(seen, 2)).toEqual(upTo(perPartition));
  });
});
