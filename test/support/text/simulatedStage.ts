import { filter, merge, mergeMap, Subject, type Observable, type SchedulerLike } from 'rxjs';
import { fromKafka } from '../../../src/fromKafka.ts';
import type { ConsumerEvent } from '../../../src/model/events.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import type { TopicPartition } from '../../../src/model/topicPartition.ts';
import { readOptions, type ConsumerOptions } from '../../../src/options.ts';
import { describeRequest } from '../../../src/testing/describe.ts';
import { SimulatedCluster } from '../../../src/testing/simulatedCluster.ts';
import type { Traffic } from '../../../src/testing/traffic.ts';
import { attach, type Attached } from '../../../simulation/oracle/attach.ts';
import type { Action } from './actions.ts';
import { consumerOptions, valueAt } from './consumerOptions.ts';
import { describeEvent } from './events.ts';
import type { Given } from './given.ts';
import { Member } from './member.ts';
import type { OpenStage, Seen, Stage } from './stage.ts';

/** The lanes in which a request stands; any other in that of requests. The first fetch begins the picture, so its own lane comes first. */
const lanesOf: Readonly<Record<string, readonly string[]>> = {
  Fetch: ['fetch', 'request'],
  OffsetCommit: ['commit', 'request'],
  Bootstrap: ['connect'],
  Connect: ['connect'],
  Disconnect: ['connect'],
};

/** A consumer of a simulated cluster, and another member of its group, which acks what it is given and is not seen. */
export const simulatedStage: OpenStage = (scheduler, given) => new SimulatedStage(scheduler, given);

class SimulatedStage implements Stage {
  readonly seen: Observable<Seen>;
  private readonly told = new Subject<Seen>();
  private readonly until = new Subject<void>();
  private readonly cluster: SimulatedCluster;
  private readonly oracle: Attached;
  private readonly member: Member;
  private readonly other: Member;
  /** Members by the names that the coordinator gave them; in a picture they are m1, m2, … */
  private readonly ids = new Map<string, string>();

  constructor(scheduler: SchedulerLike, given: Given) {
    const { brokers, latency } = given;
    this.cluster = new SimulatedCluster({ scheduler, brokers, latency });
    this.prepare(given);
    this.seen = merge(this.told, this.sent());
    const note = (seen: Seen): void => this.told.next(seen);
    this.oracle = attach(this.cluster, scheduler);
    const { until } = this;
    const events = (event: ConsumerEvent): void => note({ lane: 'event', words: describeEvent(event) });
    this.member = new Member(this.watched(consumerOptions(given, { scheduler, until, events })), given.work === 'ack', note);
    const silent = { scheduler, until: new Subject<void>(), events: () => undefined };
    this.other = new Member(this.watched(consumerOptions(given, silent)), true, () => undefined);
  }

  get open(): number {
    return this.cluster.open;
  }

  judge(): void {
    this.oracle.end();
  }

  start(): void {
    this.member.start();
  }

  end(): void {
    this.member.end();
    this.other.end();
  }

  drive(action: Action): void {
    switch (action.kind) {
      case 'append':
        this.append(action.place, action.records);
        break;
      case 'until':
        this.until.next();
        break;
      case 'unsubscribe':
        this.member.end();
        break;
      case 'join':
        this.other.start();
        break;
      case 'leave':
        this.other.end();
        break;
      case 'happens':
        this.cluster.apply(action.happening);
        break;
      default:
        this.member.drive(action);
    }
  }

  /** A consumer that the oracle watches. Each has a source of its own: of one source and group they would follow one another. */
  private watched(options: ConsumerOptions): Observable<PartitionStream> {
    return this.oracle.consume(readOptions(options), (connector, { events, until }) =>
      fromKafka(connector, { ...options, ...(events !== undefined && { events }), ...(until !== undefined && { until }) }),
    );
  }

  private prepare({ brokers, logs, leaders, committed, faults, options }: Given): void {
    const { cluster } = this;
    for (const topic of new Set(logs.map((log) => log.topic))) {
      const partitions = Math.max(...logs.filter((log) => log.topic === topic).map(({ partition }) => partition)) + 1;
      cluster.topic(topic, partitions, 0, { replicationFactor: brokers });
    }
    for (const { batches, ...place } of logs) for (const records of batches) this.append(place, records);
    for (const { topic, partition, node } of leaders) cluster.apply({ kind: 'move', topic, partition, leader: node });
    const groupId = String(options.get('groupId'));
    for (const place of committed) cluster.model.groups.offsets.commit(groupId, { ...place, leaderEpoch: -1, metadata: '' });
    for (const fault of faults) cluster.inject(fault);
  }

  private append({ topic, partition }: TopicPartition, records: number): void {
    const { end } = this.cluster.partition(topic, partition).log;
    const values = Array.from({ length: records }, (_, index) => valueAt(end + index));
    this.cluster.append(topic, partition, values);
  }

  private sent(): Observable<Seen> {
    return this.cluster.traffic.pipe(
      filter(({ kind }) => kind === 'connect' || kind === 'request' || kind === 'disconnect'),
      mergeMap((traffic) => {
        const words = this.wordsOf(traffic);
        return (lanesOf[traffic.api] ?? ['request']).map((lane) => ({ lane, words }));
      }),
    );
  }

  private wordsOf({ api, message, node }: Traffic): string {
    const several = this.cluster.model.brokers.size > 1;
    const words = describeRequest(api, message).replace(
      /^(join|sync|heartbeat|leave) (\S+)/,
      (_, verb: string, id: string) => `${verb} ${this.shortName(id)}`,
    );
    return `${words}${several ? ` at b${String(node)}` : ''}`;
  }

  private shortName(id: string): string {
    const name = this.ids.get(id) ?? `m${String(this.ids.size + 1)}`;
    this.ids.set(id, name);
    return name;
  }
}
