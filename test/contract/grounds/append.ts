import type { NewBatch, NewRecord } from '../../../src/protocol/encodeBatch.ts';
import type { SimulatedCluster } from '../../../src/testing/index.ts';
import { expectedRecord, type ExpectedRecord, type Produced } from '../../support/kafka.ts';
import { producedOf } from '../../support/kafka/producer.ts';
import { deflateOf } from './deflate.ts';
import type { Plan } from './ground.ts';

/** Bytes around the content of a record, more or less. */
const AROUND = 20;

/** Writes to the logs of the simulated cluster what `produceWithJava` writes to those of a real one. */
export function append(cluster: SimulatedCluster, plan: Plan): Produced {
  const { topic, partitions, from = 0, count, valueSize = 100, timestamp = Date.now() - count, batchSize = 16_384 } = plan;
  const record = (i: number): ExpectedRecord => expectedRecord(i, { partitions, valueSize, timestamp });
  const batch = batchOf(plan);
  const ranges = Array.from({ length: partitions }, (_, partition) => {
    const { log, leaderEpoch } = cluster.partition(topic, partition);
    const numbers = Array.from({ length: count }, (__, i) => from + i).filter((i) => i % partitions === partition);
    const firstOffset = log.end;
    for (const records of batches(numbers.map(record), batchSize))
      cluster.append(topic, partition, records, { ...batch, baseTimestamp: records[0]?.timestamp ?? 0 });
    const lastOffset = log.end - 1;
    if (plan.transaction !== undefined && batch.producerId !== undefined)
      log.endTransaction(batch.producerId, 0, plan.transaction, timestamp + count, leaderEpoch);
    return numbers.length === 0 ? { firstOffset: -1, lastOffset: -1, count: 0 } : { firstOffset, lastOffset, count: numbers.length };
  });
  cluster.model.changed();
  return producedOf({ topic, partitions, from, record, ranges });
}

let producers = 900_000;

function batchOf({ compression = 'none', transaction }: Plan): NewBatch {
  const deflate = deflateOf(compression);
  return {
    compression,
    ...(deflate !== undefined && { deflate }),
    ...(transaction !== undefined && { isTransactional: true, producerId: ++producers, producerEpoch: 0 }),
  };
}

/** In batches of so many bytes, as far as one record has not more. */
function batches(records: readonly ExpectedRecord[], batchSize: number): readonly (readonly NewRecord[])[] {
  const all: NewRecord[][] = [];
  let size = Infinity;
  for (const expected of records) {
    const record = newRecord(expected);
    const bytes = AROUND + (record.key?.length ?? 0) + (record.value?.length ?? 0) + AROUND * expected.headers.length;
    if (size + bytes > batchSize) {
      all.push([]);
      size = 0;
    }
    size += bytes;
    all.at(-1)?.push(record);
  }
  return all;
}

const bytesOf = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text));

function newRecord({ timestamp, key, value, headers }: ExpectedRecord): NewRecord {
  return {
    timestamp,
    key: bytesOf(key),
    value: bytesOf(value),
    headers: headers.map(([name, content]) => [name, bytesOf(content)] as const),
  };
}
