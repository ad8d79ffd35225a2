import { filter, map, mergeMap, takeUntil, timer, type Observable, type Observer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { expect, test } from 'vitest';
import { ackEach, processRecords } from '../../../operators/index.ts';
import { consumer } from '../../../src/consumer/consumer.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { readOptions } from '../../../src/options.ts';
import { SimulatedCluster } from '../../../src/testing/index.ts';
import type { Connector } from '../../../src/transport/port.ts';
import { attach } from '../../../simulation/oracle/attach.ts';

/** Ten records of one partition, read by a consumer that may be tampered with; what the oracle says of that. */
function watched(
  tamper: (consumer: Observable<PartitionStream>) => Observable<PartitionStream> = (as) => as,
  acks = true,
): { said: string | undefined; read: string[] } {
  const scheduler = new TestScheduler(() => undefined);
  const read: string[] = [];
  let said: string | undefined;
  scheduler.run(() => {
    const cluster = new SimulatedCluster({ scheduler }).topic('orders', 1, 10);
    const oracle = attach(cluster, scheduler);
    const settings = readOptions({
      groupId: 'g',
      topics: ['orders'],
      scheduler,
      random: () => 0.5,
      sessionTimeout: 10_000,
      events: () => undefined,
    });
    const source: Connector = { connect: (broker) => cluster.connect(broker) };
    const consumed = oracle.consume(settings, (connector, given) => tamper(consumer(connector, source, given)));
    const work = acks
      ? processRecords((record: KafkaRecord) => String(record.value))
      : mergeMap((stream: PartitionStream) =>
          stream.pipe(
            ackEach(),
            map(({ offset }) => String(offset)),
          ),
        );
    consumed.pipe(work, takeUntil(timer(30_000, scheduler))).subscribe((value) => read.push(value));
    scheduler.flush();
    said = oracle.oracle.violation?.message;
  });
  return { said, read };
}

test('a consumer on a TestScheduler goes on as it would, and the oracle finds nothing', () => {
  expect(watched()).toEqual({ said: undefined, read: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] });
});

test('a consumer that leaves a record out is found, with what happened before it', () => {
  const { said } = watched(
    map((stream) => tampered(stream, (records) => records.pipe(filter(({ offset }) => offset !== 4)))),
    false,
  );
  expect(said).toMatch(/^NOLOSS: m1: orders-0 delivered 5 and left out 4\n/);
  expect(said).toMatch(/m1 sends +[a-zA-Z-]+\n/);
  expect(said).toContain('orders-0 delivers 3');
});

/** The same stream, but for its records. */
function tampered(stream: PartitionStream, change: (records: Observable<KafkaRecord>) => Observable<KafkaRecord>): PartitionStream {
  const changed = change(stream);
  return new Proxy(stream, {
    get: (target, name) =>
      name === 'subscribe'
        ? (observer: Observer<KafkaRecord>) => changed.subscribe(observer)
        : (Reflect.get(target, name, target) as unknown),
  });
}
