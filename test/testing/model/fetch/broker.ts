import { kafkaErrorOf } from '../../../../src/errors/table.ts';
import type { Api } from '../../../../src/protocol/api.ts';
import type { FetchableTopicResponse, FetchPartition, FetchResponse, PartitionData } from '../../../../src/protocol/apis/fetch.ts';
import { fetchApiAll, type FetchRequestAll, type FetchTopicAll } from '../../../../src/protocol/apis/fetchAll.ts';
import { Reader } from '../../../../src/protocol/reader.ts';
import { STRIDE, indexRecords } from '../../../../src/protocol/recordIndex.ts';
import { splitBatches } from '../../../../src/protocol/splitBatches.ts';
import { Writer } from '../../../../src/protocol/writer.ts';
import { newBrokers, standardSettings } from '../../../../src/testing/model/brokers.ts';
import { ClusterModel, type BrokerSettings } from '../../../../src/testing/model/clusterModel.ts';
import { fetchServices } from '../../../../src/testing/model/fetch/services.ts';
import type { Reply } from '../../../../src/testing/model/reply.ts';
import type { Partition } from '../../../../src/testing/model/topic.ts';

export const NO_ID: string = '0'.repeat(32);

export function clusterOf(racks: number | readonly (string | null)[] = 1, settings: Partial<BrokerSettings> = {}): ClusterModel {
  return new ClusterModel(newBrokers(racks), { ...standardSettings, ...settings });
}

export function partitionOf(cluster: ClusterModel, topic: string, partition: number): Partition {
  const found = cluster.find(topic, partition);
  if (found === undefined) throw new Error(`no partition ${topic}/${String(partition)}`);
  return found;
}

/** One batch, whose records have their offsets as values and as many bytes more as asked for. */
export function write(
  cluster: ClusterModel,
  topic: string,
  partition: number,
  count: number,
  of: { bytes?: number; producerId?: number } = {},
): void {
  const { log, leaderEpoch } = partitionOf(cluster, topic, partition);
  const records = Array.from({ length: count }, (_, i) => ({ value: Buffer.from(String(log.end + i).padEnd(of.bytes ?? 0, ' ')) }));
  const transactional = of.producerId === undefined ? {} : { isTransactional: true, producerId: of.producerId, producerEpoch: 0 };
  log.append(records, { leaderEpoch, ...transactional });
  cluster.changed();
}

export function end(cluster: ClusterModel, topic: string, partition: number, producerId: number, ends: 'commit' | 'abort'): void {
  const { log, leaderEpoch } = partitionOf(cluster, topic, partition);
  log.endTransaction(producerId, 0, ends, 0, leaderEpoch);
  cluster.changed();
}

export interface How {
  readonly version?: number;
  readonly node?: number;
  readonly now?: number;
  readonly refusal?: (topic?: string, partition?: number) => string | undefined;
}

/** Sends a request as its bytes, and reads the answer from its bytes. */
export function send<Q, R>(cluster: ClusterModel, api: Api<Q, R>, request: Q, how: How = {}): Reply<R> {
  const { version = api.versions[1], node = 1, now = 0, refusal = () => undefined } = how;
  const served = fetchServices.find((each) => each.api.key === api.key);
  if (served === undefined) throw new Error(`${api.name} is not served`);
  const reply = served.service({ cluster, node, version, request: through(api.request, request, version), now, clientId: 'c', refusal });
  const read = (response: unknown): R => (response === undefined ? (undefined as R) : through(api.response, response as R, version));
  if (reply.kind === 'now') return { kind: 'now', response: read(reply.response) };
  if (reply.kind !== 'later') return reply;
  return {
    ...reply,
    ready: (at) => {
      const response = reply.ready(at);
      return response === undefined ? undefined : read(response);
    },
  };
}

export function answered<R>(reply: Reply<R>): R {
  if (reply.kind !== 'now') throw new Error(`not answered at once: ${reply.kind}`);
  return reply.response;
}

function through<T>(schema: Api<T, T>['request'], value: T, version: number): T {
  const writer = new Writer();
  schema.write(writer, value, version);
  const reader = new Reader(writer.finish());
  const read = schema.read(reader, version);
  if (reader.remaining > 0) throw new Error(`${String(reader.remaining)} bytes left`);
  return read;
}

/** `orders/0@5`: partition and offset. */
export type Ask = Partial<FetchPartition> & {
  readonly topic?: string;
  readonly id?: string;
  readonly partition: number;
  readonly fetchOffset: number;
};

export function at(place: string, more: Partial<FetchPartition> & { readonly id?: string } = {}): Ask {
  const [, topic = '', partition = '', offset = ''] = /^(.*)\/(\d+)@(-?\d+)$/.exec(place) ?? [];
  return { topic, partition: Number(partition), fetchOffset: Number(offset), ...more };
}

export function fetchRequest(asks: readonly Ask[], of: Partial<Omit<FetchRequestAll, 'topics'>> = {}): FetchRequestAll {
  const topics = asks.map(({ topic = '', id = NO_ID, ...asked }): FetchTopicAll => ({
    topic,
    topicId: id,
    partitions: [
      {
        currentLeaderEpoch: -1,
        lastFetchedEpoch: -1,
        logStartOffset: -1,
        partitionMaxBytes: 1_048_576,
        replicaDirectoryId: NO_ID,
        highWatermark: 2 ** 63,
        ...asked,
      },
    ],
  }));
  return {
    clusterId: null,
    replicaId: -1,
    replicaState: { replicaId: -1, replicaEpoch: -1 },
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 0x7fffffff,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    forgottenTopicsData: [],
    rackId: '',
    ...of,
    topics,
  };
}

type FetchOptions = Partial<Omit<FetchRequestAll, 'topics'>> & How;

/** Version 12 unless given. */
export function fetch(cluster: ClusterModel, asks: readonly Ask[], options: FetchOptions = {}): Reply<FetchResponse> {
  const { version = 12, node, now, refusal, ...of } = options;
  const how = {
    version,
    ...(node === undefined ? {} : { node }),
    ...(now === undefined ? {} : { now }),
    ...(refusal === undefined ? {} : { refusal }),
  };
  return send(cluster, fetchApiAll, fetchRequest(asks, of), how);
}

/** `orders/0 0..3 hw 4`, `orders/0 OFFSET_OUT_OF_RANGE`: what an answer says, partition by partition. */
export function told(response: FetchResponse): readonly string[] {
  return response.responses.flatMap(({ topic, partitions }: FetchableTopicResponse) =>
    partitions.map((data) => `${topic}/${String(data.partitionIndex)} ${inWords(data)}`),
  );
}

function inWords(data: PartitionData): string {
  if (data.errorCode !== 0) return kafkaErrorOf(data.errorCode).name;
  const offsets = offsetsIn(data.records ?? Buffer.alloc(0));
  return `${offsets.length === 0 ? 'nothing' : offsets.join(' ')} hw ${String(data.highWatermark)}`;
}

/** The offsets of the records in whole batches. */
export function offsetsIn(records: Buffer): readonly number[] {
  return splitBatches(records).batches.flatMap((batch) => {
    if (!batch.crcIsGood()) throw new Error('a bad CRC');
    const index = indexRecords(batch.body, batch.recordCount, batch.lastOffsetDelta);
    return Array.from({ length: batch.recordCount }, (_, i) => batch.baseOffset + (index[i * STRIDE] ?? 0));
  });
}

export function only(response: FetchResponse): PartitionData {
  const data = response.responses[0]?.partitions[0];
  if (data === undefined) throw new Error('no partition in the answer');
  return data;
}
