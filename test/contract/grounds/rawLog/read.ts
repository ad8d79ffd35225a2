import { kafkajsConnector } from '../../../../src/transport/kafkajs/kafkajsConnector.ts';
import { kafkaErrorOf } from '../../../../src/errors/table.ts';
import { fetchApiAll } from '../../../../src/protocol/apis/forTesting.ts';
import type { FetchRequestAll } from '../../../../src/protocol/apis/fetchAll.ts';
import type { BatchView } from '../../../../src/protocol/recordBatch.ts';
import { splitBatches } from '../../../../src/protocol/splitBatches.ts';
import { kafkajsFor, type HasBrokers } from '../../../support/kafka.ts';
import { Line } from '../transactions/producer.ts';

const NO_ID = '0'.repeat(32);

/** A partition as the broker keeps it. */
export interface RawLog {
  readonly start: number;
  readonly stable: number;
  readonly end: number;
  readonly batches: readonly RawBatch[];
}

/** What the header of a batch says. */
export interface RawBatch {
  readonly first: number;
  readonly last: number;
  readonly records: number;
  readonly bytes: number;
  readonly kind: 'plain' | 'transactional' | 'control';
  readonly codec: BatchView['compression'];
  readonly hasDeleteHorizon: boolean;
  readonly isLogAppendTime: boolean;
}

/** Reads the headers of all batches by plain fetches (version 12), one after the other. */
export async function rawLogs(kafka: HasBrokers, wanted: readonly { topic: string; partition: number }[]): Promise<readonly RawLog[]> {
  const line = new Line(kafkajsConnector(kafkajsFor(kafka)));
  try {
    const logs: RawLog[] = [];
    for (const { topic, partition } of wanted) logs.push(await rawLog(line, topic, partition));
    return logs;
  } finally {
    line.close();
  }
}

async function rawLog(line: Line, topic: string, partition: number): Promise<RawLog> {
  const batches: RawBatch[] = [];
  for (let offset = 0; ;) {
    const { responses } = await line.ask(fetchApiAll, 12, fetchRequest(topic, partition, offset));
    const answer = responses[0]?.partitions[0];
    if (answer?.errorCode !== 0) throw new Error(`${topic}-${partition} at ${offset}: ${kafkaErrorOf(answer?.errorCode ?? -1).name}`);
    const { logStartOffset: start, lastStableOffset: stable, highWatermark: end, records } = answer;
    const views = records === null ? [] : splitBatches(records).batches;
    batches.push(...views.map(rawBatch));
    offset = views.at(-1)?.nextOffset ?? end;
    if (offset >= end) return { start, stable, end, batches };
  }
}

function rawBatch(view: BatchView): RawBatch {
  return {
    first: view.baseOffset,
    last: view.lastOffset,
    records: view.recordCount,
    bytes: view.sizeInBytes,
    kind: view.isControl ? 'control' : view.isTransactional ? 'transactional' : 'plain',
    codec: view.compression,
    hasDeleteHorizon: view.hasDeleteHorizon,
    isLogAppendTime: view.timestampType === 'LogAppendTime',
  };
}

function fetchRequest(topic: string, partition: number, fetchOffset: number): FetchRequestAll {
  const asked = { partition, fetchOffset, currentLeaderEpoch: -1, lastFetchedEpoch: -1, logStartOffset: -1, partitionMaxBytes: 4_000_000 };
  return {
    ...{ clusterId: null, replicaId: -1, replicaState: { replicaId: -1, replicaEpoch: -1 }, rackId: '' },
    ...{ maxWaitMs: 0, minBytes: 0, maxBytes: 4_000_000, isolationLevel: 0, sessionId: 0, sessionEpoch: -1, forgottenTopicsData: [] },
    topics: [{ topic, topicId: NO_ID, partitions: [{ ...asked, replicaDirectoryId: NO_ID, highWatermark: 2 ** 63 }] }],
  };
}
