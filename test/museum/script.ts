import { concatMap, filter, map, mergeMap, type Observable, type OperatorFunction } from 'rxjs';
import { ackEach } from '../../operators/index.ts';
import { kafkaErrorOf } from '../../src/errors/table.ts';
import type { PartitionStream } from '../../src/model/partitionStream.ts';
import type { FetchResponse, PartitionData } from '../../src/protocol/apis/fetch.ts';
import type { FetchRequestAll } from '../../src/protocol/apis/fetchAll.ts';
import type { FetchPart } from '../../src/protocol/fetchParts.ts';
import type { BatchView } from '../../src/protocol/recordBatch.ts';
import { splitBatches } from '../../src/protocol/splitBatches.ts';
import type { ClusterModel, Partition } from '../../src/testing/index.ts';
import type { ScriptedCluster } from '../support/scripted/index.ts';

/** Long polls that are longer than a script. */
export const patient = { minBytes: 1, maxWait: 60_000, maxBytes: 1_000_000, maxPartitionBytes: 1_000_000 } as const;

/** Each record acked, as `orders-0@5`. */
export function delivered(): OperatorFunction<PartitionStream, string> {
  return mergeMap((stream) =>
    stream.pipe(
      ackEach(),
      map(({ offset }) => `${stream.key}@${String(offset)}`),
    ),
  );
}

/** `F(orders/0@5)`: each partition that is fetched from another offset than before, whether or not the request leaves out what has not changed; those of one request by name. */
export function asked({ traffic, model }: ScriptedCluster): Observable<string> {
  const last = new Map<string, number>();
  return traffic.pipe(
    filter(({ kind, api }) => kind === 'request' && api === 'Fetch'),
    mergeMap(({ message }) =>
      (message as FetchRequestAll).topics
        .flatMap(({ topic, topicId, partitions }) =>
          partitions.map(({ partition, fetchOffset }) => ({ place: `${nameOf(model, topic, topicId)}/${String(partition)}`, fetchOffset })),
        )
        .sort((a, b) => a.place.localeCompare(b.place)),
    ),
    filter(({ place, fetchOffset }) => {
      const isNew = last.get(place) !== fetchOffset;
      last.set(place, fetchOffset);
      return isNew;
    }),
    map(({ place, fetchOffset }) => `F(${place}@${String(fetchOffset)})`),
  );
}

/** What is answered to fetches, as museum scripts have it: `-> orders/0 ok[10..11] ctl[12]`, `-> orders/0 E:NOT_LEADER_OR_FOLLOWER`. What brings nothing is not told. */
export function brought(cluster: ScriptedCluster): Observable<string> {
  return answered(cluster).pipe(
    map(({ place, errorCode, records }) => ({ place, what: errorCode === 0 ? batchesIn(records) : `E:${kafkaErrorOf(errorCode).name}` })),
    filter(({ what }) => what !== ''),
    map(({ place, what }) => `-> ${place} ${what}`),
  );
}

/** What is answered to fetches for each partition. */
export function answered({
  traffic,
  model,
}: ScriptedCluster): Observable<PartitionData & { readonly place: string; readonly records: Buffer }> {
  return traffic.pipe(
    filter(({ kind, api }) => kind === 'answer' && api === 'Fetch'),
    mergeMap(({ message }) => (message as FetchResponse).responses),
    mergeMap(({ topic, topicId, partitions }) =>
      partitions.map((each) => ({
        ...each,
        place: `${nameOf(model, topic, topicId)}/${String(each.partitionIndex)}`,
        records: each.records ?? Buffer.alloc(0),
      })),
    ),
  );
}

function nameOf(model: ClusterModel, topic: string, topicId: string): string {
  return topic === '' ? (model.findById(topicId)?.name ?? topicId) : topic;
}

function batchesIn(records: Buffer): string {
  const { batches, corrupt } = splitBatches(records);
  const whole = batches.reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0);
  const tail = corrupt !== undefined ? [`bad: ${corrupt.reason}`] : whole < records.length ? ['cut'] : [];
  return [...batches.map(wordOf), ...tail].join(' ');
}

function wordOf(batch: BatchView): string {
  const { baseOffset, lastOffset, recordCount, isControl, isTransactional } = batch;
  if (isControl) return `ctl[${String(baseOffset)}]`;
  const range = `[${String(baseOffset)}..${String(lastOffset)}]`;
  if (!batch.crcIsGood()) return `crc-bad${range}`;
  if (recordCount === 0) return `hole${range}`;
  const some = recordCount === lastOffset - baseOffset + 1 ? '' : `:${String(recordCount)}`;
  return `${isTransactional ? 'txn' : 'ok'}${range}${some}`;
}

/** Its broker cuts the first batch as well where the limit falls, as all did before KIP-74. */
export function beforeKip74({ log }: Partition): void {
  const whole = log.read.bind(log);
  log.read = (offset, limits) => whole(offset, { ...limits, atLeastOne: true }).subarray(0, limits.maxBytes);
}

/** What its brokers answer to fetches from now on is what `change` makes of it, part by part. */
export function tamper(cluster: ScriptedCluster, change: (part: FetchPart) => readonly FetchPart[]): void {
  const connect = cluster.connect.bind(cluster);
  cluster.connect = (address) =>
    connect(address).pipe(
      map((connection) => ({ ...connection, fetch: (request) => connection.fetch(request).pipe(concatMap((part) => change(part))) })),
    );
}
