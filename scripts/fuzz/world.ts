import type { Dice } from '../../simulation/lives/dice.ts';
import { SimulationScheduler } from '../../simulation/simulationScheduler.ts';
import { fetchApiAll } from '../../src/protocol/apis/forTesting.ts';
import { compressions } from '../../src/protocol/compression.ts';
import type { NewBatch, NewRecord } from '../../src/protocol/encodeBatch.ts';
import type { VersionRange } from '../../src/protocol/versions.ts';
import { SimulatedCluster } from '../../src/testing/index.ts';
import { apiVersionsOf } from '../../src/testing/model/admin/apiVersions.ts';
import { deflate } from './codecs.ts';

/** A record that is in a log. */
interface Written {
  readonly value: string | null;
  /** Of a transaction, and whether that was aborted. */
  readonly isTransactional: boolean;
  readonly isAborted: boolean;
}

/** What is true of one partition. */
export interface TruePartition {
  readonly topic: string;
  readonly partition: number;
  /** By their offsets; markers are none. */
  readonly records: ReadonlyMap<number, Written>;
  /** By their base offsets. */
  readonly batches: ReadonlyMap<number, Buffer>;
}

/** A cluster with short logs of all kinds of batches. */
export interface World {
  readonly scheduler: SimulationScheduler;
  readonly cluster: SimulatedCluster;
  readonly versions: ReadonlyMap<number, VersionRange>;
  readonly partitions: readonly TruePartition[];
}

const TOPIC = 'orders';
const FETCH = 1;

export function worldOf(dice: Dice): World {
  const scheduler = new SimulationScheduler();
  const cluster = new SimulatedCluster({ scheduler, brokers: dice.pick(1, 1, 2) });
  const versions = new Map([...apiVersionsOf('4.3'), [FETCH, [4, dice.int(...fetchApiAll.versions)]] as const]);
  const count = dice.int(1, 3);
  cluster.topic(TOPIC, count);
  const partitions = Array.from({ length: count }, (_, partition) => {
    const values = new Map<number, Written>();
    for (let left = dice.int(2, 7); left > 0; left--) write(cluster, partition, values, dice);
    return { topic: TOPIC, partition, ...truthOf(cluster, partition, values, dice) };
  });
  return { scheduler, cluster, versions, partitions };
}

function write(cluster: SimulatedCluster, partition: number, values: Map<number, Written>, dice: Dice): void {
  const { log } = cluster.partition(TOPIC, partition);
  const isTransactional = dice.chance(0.3);
  const isAborted = isTransactional && dice.chance(0.5);
  const codec = dice.pick(0, 0, 0, 1, 2, 3, 4);
  const producerId = dice.int(1, 4);
  const base = log.end;
  const records = Array.from({ length: dice.int(1, 4) }, (_, index): NewRecord => {
    const value = dice.chance(0.05) ? null : `${TOPIC}/${partition}@${base + index}${' '.repeat(dice.pick(0, 0, dice.int(0, 300)))}`;
    values.set(base + index, { value, isTransactional, isAborted });
    return { key: dice.chance(0.5) ? null : Buffer.from(`k${dice.int(0, 3)}`), value: value === null ? null : Buffer.from(value) };
  });
  const words: NewBatch = {
    compression: compressions[codec],
    deflate: (body) => deflate(codec, body, false),
    ...(isTransactional && { isTransactional, producerId, producerEpoch: 0, baseSequence: 0 }),
  };
  cluster.append(TOPIC, partition, records, words);
  if (isTransactional) cluster.apply({ kind: 'endTransaction', topic: TOPIC, partition, ends: isAborted ? 'abort' : 'commit', producerId });
}

function truthOf(
  cluster: SimulatedCluster,
  partition: number,
  values: ReadonlyMap<number, Written>,
  dice: Dice,
): Pick<TruePartition, 'records' | 'batches'> {
  const { log } = cluster.partition(TOPIC, partition);
  if (dice.chance(0.3)) cluster.apply({ kind: 'compact', topic: TOPIC, partition, before: dice.int(0, log.end) });
  const kept = new Set([...log.entries()].map(({ offset }) => offset));
  const batches = new Map<number, Buffer>();
  const all = log.read(0, { maxBytes: 1e9, upTo: Infinity, atLeastOne: true });
  for (let at = 0; at < all.length;) {
    const end = at + 12 + all.readInt32BE(at + 8);
    const batch = all.subarray(at, end);
    batches.set(Number(batch.readBigInt64BE(0)), batch);
    at = end;
  }
  return { records: new Map([...values].filter(([offset]) => kept.has(offset))), batches };
}
