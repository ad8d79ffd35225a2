import { of, type Observable, type OperatorFunction } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';
import { ackEach, eachPartition, processBatches, processRecords } from '../../operators/index.ts';
import type { PartitionStream } from '../../src/model/partitionStream.ts';
import type { KafkaRecord } from '../../src/model/record.ts';

type Processed<R> = OperatorFunction<PartitionStream, R>;

describe('types of the operators', () => {
  it("a handler's values come out, without undefined and void", () => {
    expectTypeOf(processRecords((record) => record.offset)).toEqualTypeOf<Processed<number>>();
    expectTypeOf(processRecords(() => undefined)).toEqualTypeOf<Processed<never>>();
    expectTypeOf(processRecords(() => {})).toEqualTypeOf<Processed<never>>();
    expectTypeOf(processRecords(async () => {})).toEqualTypeOf<Processed<never>>();
    expectTypeOf(processRecords(async (record) => record.topic)).toEqualTypeOf<Processed<string>>();
    expectTypeOf(processRecords(() => of(1, undefined))).toEqualTypeOf<Processed<number>>();
    expectTypeOf(processRecords((record) => (record.offset > 1 ? 'one' : undefined))).toEqualTypeOf<Processed<'one'>>();
    expectTypeOf(processRecords(() => ['a', 'b'])).toEqualTypeOf<Processed<string[]>>();
    expectTypeOf(processRecords(() => null)).toEqualTypeOf<Processed<null>>();
    expectTypeOf(processBatches((batch) => [...batch].length)).toEqualTypeOf<Processed<number>>();
  });

  it('what a handler and a restart are given', () => {
    processRecords(
      (record, context) => {
        expectTypeOf(record).toEqualTypeOf<KafkaRecord>();
        expectTypeOf(context.attempt).toEqualTypeOf<number>();
        expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
      },
      {
        restart: (error, attempt, partition) => {
          expectTypeOf(error).toEqualTypeOf<unknown>();
          expectTypeOf(attempt).toEqualTypeOf<number>();
          expectTypeOf(partition).toEqualTypeOf<PartitionStream>();
          return of(0);
        },
      },
    );
  });

  it('ackEach and eachPartition', () => {
    expectTypeOf(eachPartition((partition) => partition.pipe(ackEach()))).toEqualTypeOf<Processed<KafkaRecord>>();
    expectTypeOf(eachPartition(() => [1, 2])).toEqualTypeOf<Processed<number>>();
    const numbers: Observable<number> = of(1);
    // @ts-expect-error a number cannot be acked
    void numbers.pipe(ackEach());
  });
});
