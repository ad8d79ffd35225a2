import { Subject, type Observable, type SchedulerLike } from 'rxjs';
import type { NewBatch, NewRecord } from '../protocol/encodeBatch.ts';
import type { BrokerAddress, Connection, Connector } from '../transport/port.ts';
import { steadyScheduler } from '../transport/steadyScheduler.ts';
import { wordsOf } from './describe.ts';
import type { Fault } from './fault.ts';
import { happen, numbered, partitionOf } from './happen.ts';
import type { Happening } from './happening.ts';
import { checkFault } from './known.ts';
import { apiVersionsOf } from './model/admin/apiVersions.ts';
import type { KafkaVersion } from './model/admin/kafkaVersion.ts';
import { ClusterModel, type BrokerSettings } from './model/clusterModel.ts';
import { newBrokers, standardSettings } from './model/brokers.ts';
import type { Partition } from './model/topic.ts';
import type { Traffic } from './traffic.ts';
import { Faults } from './wire/faults.ts';
import { Parking } from './wire/parking.ts';
import { Switchboard } from './wire/switchboard.ts';

export interface SimulatedClusterOptions {
  /** Where its time comes from: give the consumer the same one. Default: real time. */
  readonly scheduler?: SchedulerLike;
  /** How many brokers, or the racks that they stand in. Default 1. They are 1, 2, … and listen at `b1:9092`, `b2:9092`, … */
  readonly brokers?: number | readonly (string | null)[];
  /** Which Kafka's API versions it speaks. Default `4.3`. */
  readonly kafka?: KafkaVersion;
  /** Ms that an answer is on its way, and that it takes to open a connection. Default 1. */
  readonly latency?: number;
  /** Settings of the brokers; see `BrokerSettings` for those that can be given. */
  readonly settings?: Partial<BrokerSettings>;
}

/** Records of one batch: so many, whose values are their offsets; or their values, `null` for none; or all of them. */
export type Appended = number | readonly (string | null)[] | readonly NewRecord[];

/**
 * A Kafka cluster in memory: a `Connector` for `fromKafka`, with a life that a test directs.
 *
 * It answers as Apache Kafka does, byte for byte over connections of its own, in the time of `scheduler`: with a TestScheduler or a
 * VirtualTimeScheduler half a minute of back-off takes no time at all. A request arrives at once, its answer `latency` ms after it was made.
 *
 * ```ts
 * const cluster = new SimulatedCluster({ scheduler }).topic('orders', 3, 100);
 * fromKafka(cluster, { groupId: 'billing', topics: ['orders'], scheduler })
 * ```
 */
export class SimulatedCluster implements Connector {
  readonly scheduler: SchedulerLike;
  /** The whole truth about it: logs, groups, leaders. */
  readonly model: ClusterModel;
  /** All that goes over the wire, as it happens. */
  readonly traffic: Observable<Traffic>;
  /** Ms. */
  latency: number;
  private readonly wire = new Subject<Traffic>();
  private readonly faults = new Faults();
  private readonly parking: Parking;
  private readonly switchboard: Switchboard;

  constructor({ scheduler = steadyScheduler, brokers = 1, kafka = '4.3', latency = 1, settings = {} }: SimulatedClusterOptions = {}) {
    this.scheduler = scheduler;
    this.latency = latency;
    this.model = new ClusterModel(newBrokers(brokers), { ...standardSettings, kafka, ...settings });
    this.parking = new Parking(this.model, scheduler);
    this.traffic = this.wire.asObservable();
    this.switchboard = new Switchboard({
      cluster: this.model,
      scheduler,
      versions: apiVersionsOf(kafka),
      faults: this.faults,
      parking: this.parking,
      latency: () => this.latency,
      tell: (traffic) => this.wire.next({ at: scheduler.now(), ...traffic }),
    });
  }

  /** Connections that are open now. */
  get open(): number {
    return this.switchboard.open;
  }

  connect(address?: BrokerAddress): Observable<Connection> {
    return this.switchboard.connect(address);
  }

  /** A topic, led by the brokers in turn; with one batch of so many records in each partition. */
  topic(topic: string, partitions = 1, records = 0, { replicationFactor = 1 }: { readonly replicationFactor?: number } = {}): this {
    this.apply({ kind: 'createTopic', topic, partitions, replicationFactor });
    for (let partition = 0; partition < partitions; partition++) this.apply({ kind: 'append', topic, partition, records });
    return this;
  }

  /** One more batch at the end of a partition's log, with the attributes of `batch`; `valueBytes` fills the values up to that length. */
  append(topic: string, partition: number, records: Appended, batch: NewBatch & { readonly valueBytes?: number } = {}): this {
    this.model.tick(this.scheduler.now());
    const { log, leaderEpoch } = this.partition(topic, partition);
    const { valueBytes = 0, ...attributes } = batch;
    const given = typeof records === 'number' ? numbered(records, log.end) : records.map(recordOf);
    const filled = given.map((record) => ({ ...record, value: filledUp(record.value ?? null, valueBytes) }));
    log.append(filled, { baseTimestamp: this.scheduler.now(), leaderEpoch, ...attributes });
    this.model.changed();
    this.parking.look();
    return this;
  }

  /** Throws RangeError if there is none. */
  partition(topic: string, partition: number): Partition {
    return partitionOf(this.model, { topic, partition });
  }

  /** What a group has committed; undefined: nothing. */
  committed(groupId: string, topic: string, partition: number): number | undefined {
    return this.model.groups.committed(groupId, topic, partition);
  }

  /** Makes something happen, now. */
  apply(happening: Happening): this {
    if (happening.kind === 'fault') this.inject(happening.fault);
    else {
      this.model.tick(this.scheduler.now()); // what was due is older
      happen(this.model, happening, this.scheduler.now(), this.switchboard);
      this.parking.look();
    }
    return this;
  }

  /** Arms a fault. Returns what takes it away. An error of a partition ends a fetch that waits there already; any other strikes what comes. */
  inject(fault: Fault): () => void {
    checkFault(this.model, fault);
    const remove = this.faults.inject(fault);
    if (fault.kind === 'error' && fault.topic !== undefined) this.switchboard.struck(fault);
    return remove;
  }

  /** No fault strikes any more. */
  heal(): void {
    this.faults.clear();
  }

  /** What is sent to the brokers in words, as it is sent, of these APIs or of all: `fetch orders/0@5`, `commit orders/0=3 in 1`; with several brokers also to whom: `metadata at b2`. */
  sent(...apis: readonly string[]): Observable<string> {
    return this.traffic.pipe(wordsOf(this.model, apis));
  }
}

function recordOf(given: string | null | NewRecord): NewRecord {
  return typeof given === 'object' && given !== null ? given : { value: given === null ? null : Buffer.from(given) };
}

function filledUp(value: Buffer | null, length: number): Buffer | null {
  return value === null || value.length >= length ? value : Buffer.concat([value, Buffer.alloc(length - value.length, ' ')]);
}
