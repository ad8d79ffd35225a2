import { VirtualTimeScheduler } from 'rxjs';
import type { Context } from '../../src/cluster/context.ts';
import type { BrokerView, ClusterView, PartitionView } from '../../src/cluster/view.ts';
import type { Happening } from '../../src/model/events.ts';
import type { KafkaRecord } from '../../src/model/record.ts';
import { partitionKey } from '../../src/model/topicPartition.ts';
import { encodeBatch, withCrc, type NewBatch, type NewRecord } from '../../src/protocol/encodeBatch.ts';
import { BatchView } from '../../src/protocol/recordBatch.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import { Table, type TableLimits } from '../../src/table/table.ts';

/** A batch; by a number: that many records with the values `v<offset>`. */
export function batchOf(baseOffset: number, records: number | readonly NewRecord[], rest: NewBatch = {}): BatchView {
  const list =
    typeof records === 'number'
      ? Array.from({ length: records }, (_, i) => ({ value: Buffer.from(`v${String(baseOffset + i)}`) }))
      : records;
  return new BatchView(encodeBatch(list, { baseOffset, ...rest }));
}

/** A batch whose bytes are not in the codec that its header names, or in one that Kafka has not given out. */
export function unreadable(baseOffset: number, codec: 'gzip' | 'codec 5', lastOffsetDelta = 1): BatchView {
  const deflate = (): Buffer => Buffer.from('not in that codec');
  const records = [{ value: null }, { value: null }];
  const bytes = encodeBatch(records, { baseOffset, compression: 'gzip', lastOffsetDelta, deflate });
  if (codec === 'codec 5') bytes.writeInt16BE(5, 21);
  return new BatchView(withCrc(bytes));
}

/** A table without limits, but for those given. `passed`: `key first-next count` of each batch that delivery has passed. */
export function tableOf(limits: Partial<TableLimits> = {}): { readonly table: Table; readonly passed: string[] } {
  const passed: string[] = [];
  const none = { records: Infinity, bytes: Infinity };
  const table = new Table(
    { window: none, maxBuffered: 1 << 20, commitEvery: Infinity, delivery: 'at-least-once', ...limits },
    ({ topic, partition }, batch) => {
      passed.push(`${partitionKey(topic, partition)} ${String(batch.firstOffset)}-${String(batch.nextOffset)} ${String(batch.count)}`);
    },
  );
  return { table, passed };
}

/** A partition that goes on at that position, subscribed if not told otherwise. */
export function working(
  table: Table,
  position: number,
  { topic = 't', partition = 0, mark, attached = true }: { topic?: string; partition?: number; mark?: number; attached?: boolean } = {},
): Cursor {
  const cursor = table.assign({ topic, partition }, { kind: 'locating', target: { kind: 'place', at: 'earliest' }, reason: 'start' }, mark);
  if (attached) cursor.delivery.attach();
  cursor.locate(position);
  return cursor;
}

/** Takes what can be taken. */
export function takeAll(cursor: Cursor): KafkaRecord[] {
  const taken: KafkaRecord[] = [];
  for (let record = cursor.delivery.take(); record !== undefined; record = cursor.delivery.take()) taken.push(record);
  return taken;
}

export function offsets(records: Iterable<KafkaRecord>): number[] {
  return [...records].map(({ offset }) => offset);
}

/** Brokers 0, 1, … and who leads what: `{ 't-0': [leader, epoch] }`. */
export function viewOf(
  brokers: readonly number[],
  leaders: Readonly<Record<string, readonly [leader: number, epoch: number]>>,
  id = '1',
): ClusterView {
  const topics = new Map<string, Map<number, PartitionView>>();
  for (const [key, [leader, leaderEpoch]] of Object.entries(leaders)) {
    const cut = key.lastIndexOf('-');
    const topic = key.slice(0, cut);
    const partitions = topics.get(topic) ?? new Map<number, PartitionView>();
    topics.set(topic, partitions.set(Number(key.slice(cut + 1)), { leader, leaderEpoch }));
  }
  return {
    brokers: new Map(
      brokers.map((nodeId): [number, BrokerView] => [nodeId, { nodeId, host: `b${String(nodeId)}`, port: 9092, rack: null }]),
    ),
    topics: new Map([...topics].map(([name, partitions]) => [name, { name, id: id.repeat(32), internal: false, partitions }])),
    errors: new Map(),
    at: 0,
  };
}

/** All partitions led by broker 0, in epoch 5. */
export function ledByZero(table: Table): void {
  const keys = [...table.cursors.values()].map(({ topic, partition }) => partitionKey(topic, partition));
  table.reroute(viewOf([0], Object.fromEntries(keys.map((key) => [key, [0, 5] as const]))));
}

/** A clock that stands still, and what is told on it. Back-off: 100 ms doubled up to 10 s, without jitter. */
export class Clock {
  readonly scheduler: VirtualTimeScheduler = new VirtualTimeScheduler();
  readonly told: Happening[] = [];
  readonly context: Context;

  constructor(settings: Partial<Context> = {}) {
    this.context = {
      connector: {
        connect: () => {
          throw new Error('nothing connects here');
        },
      },
      scheduler: this.scheduler,
      random: () => 0.5,
      backoff: { initial: 100, max: 10_000, jitter: 0.2 },
      requestTimeout: 30_000,
      metadataMaxAge: 300_000,
      tell: (happening) => this.told.push(happening),
      ...settings,
    };
  }

  get now(): number {
    return this.scheduler.now();
  }

  /** Lets the time pass up to there. */
  to(ms: number): this {
    this.scheduler.maxFrames = ms;
    this.scheduler.schedule(() => undefined, ms - this.now);
    this.scheduler.flush();
    return this;
  }

  by(ms: number): this {
    return this.to(this.now + ms);
  }

  /** Whether nothing is scheduled any more. */
  get idle(): boolean {
    return this.scheduler.actions.every(({ closed }) => closed);
  }

  toldOf<K extends Happening['kind']>(kind: K): Extract<Happening, { kind: K }>[] {
    return this.told.filter((happening): happening is Extract<Happening, { kind: K }> => happening.kind === kind);
  }
}
