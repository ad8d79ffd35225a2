import { concatMap, defer, filter, map, Subject, throwError, timer, type Observable, type SchedulerLike } from 'rxjs';
import { ConnectionError } from '../../../src/errors/index.ts';
import type { BrokerAddress, Connection, Connector } from '../../../src/transport/port.ts';
import { openConnection } from './connection.ts';
import { describeRequest } from './describe.ts';
import { ScriptedGroup } from './group.ts';
import { ScriptedLog, type Appended } from './log.ts';
import { nameOf, type Fault, type Line, type ScriptedPartition } from './model.ts';

interface Pending {
  readonly fault: Fault;
  readonly node: number | undefined;
  times: number;
}

/**
 * A cluster that lives wholly on a scheduler, and does what its script says.
 *
 * Brokers 1, 2, … listen at `b1:9092`, …; what they answer arrives `latency` ms later. Left alone they behave as Kafka does.
 */
export class ScriptedCluster implements Connector {
  readonly scheduler: SchedulerLike;
  readonly brokers: number[];
  readonly partitions: Map<string, ScriptedPartition> = new Map();
  /** What the group has committed, by `orders/0`. */
  readonly offsets: Map<string, number> = new Map();
  readonly group: ScriptedGroup;
  /** Milliseconds. */
  latency = 1;
  /** Where the group's coordinator is. */
  coordinator = 1;
  /** Connections that are open now. */
  open = 0;
  readonly changed: Observable<unknown>;
  readonly cuts: Observable<number>;
  private readonly changes = new Subject<void>();
  private readonly cutting = new Subject<number>();
  private readonly lines = new Subject<Line>();
  private readonly faults = new Map<string, Pending[]>();
  private readonly refusals = new Map<number, Error>();
  private bootstraps = 0;

  constructor(scheduler: SchedulerLike, brokers = 1) {
    this.scheduler = scheduler;
    this.brokers = Array.from({ length: brokers }, (_, index) => index + 1);
    this.group = new ScriptedGroup(scheduler);
    this.changed = this.changes;
    this.cuts = this.cutting;
  }

  /** A topic with so many partitions, led by the brokers in turn, each with one batch of so many records. */
  topic(topic: string, partitions = 1, records = 0): this {
    for (let partition = 0; partition < partitions; partition++) {
      const leader = this.brokers[partition % this.brokers.length] ?? -1;
      this.partitions.set(`${topic}/${partition}`, { topic, partition, leader, epoch: 0, log: new ScriptedLog(), errors: [] });
      if (records > 0) this.append(topic, partition, records);
    }
    return this;
  }

  readonly find = (topic: string, partition: number): ScriptedPartition | undefined => this.partitions.get(`${topic}/${partition}`);

  partition(topic: string, partition: number): ScriptedPartition {
    const found = this.find(topic, partition);
    if (found === undefined) throw new RangeError(`no partition ${topic}/${partition}`);
    return found;
  }

  /** One more batch. Long polls that wait for it are answered. */
  append(topic: string, partition: number, records: Appended, batch: Parameters<ScriptedLog['append']>[1] = {}): this {
    this.partition(topic, partition).log.append(records, { baseTimestamp: this.scheduler.now(), ...batch });
    this.changes.next();
    return this;
  }

  /** Another broker leads from now on, in a new epoch. */
  move(topic: string, partition: number, leader: number): void {
    const moved = this.partition(topic, partition);
    moved.leader = leader;
    moved.epoch++;
    this.changes.next();
  }

  /** The next `times` requests of an API, to one broker or any, are answered with a fault. */
  fail(api: string, fault: Fault, { times = 1, node }: { readonly times?: number; readonly node?: number } = {}): void {
    const pending = this.faults.get(api) ?? [];
    this.faults.set(api, [...pending, { fault, node, times }]);
  }

  /** The next fetches of a partition are answered with these errors for it, one each, and as ever for the others. */
  failPartition(topic: string, partition: number, ...errors: readonly string[]): void {
    this.partition(topic, partition).errors.push(...errors);
    this.changes.next();
  }

  /** Connections to a broker are refused from now on. */
  refuse(node: number, error: Error = new ConnectionError('CONNECTION_FAILED', `connection to ${nameOf(node)} refused`)): void {
    this.refusals.set(node, error);
  }

  accept(node: number): void {
    this.refusals.delete(node);
  }

  /** Breaks all connections to a broker. */
  cut(node: number): void {
    this.cutting.next(node);
  }

  /** What goes over the wire, as it is sent. Of these APIs; of all. */
  sent(...apis: readonly string[]): Observable<string> {
    return this.lines.pipe(
      filter(({ api }) => apis.length === 0 || apis.includes(api)),
      map(({ text, node }) => (this.brokers.length === 1 ? text : `${text} at ${nameOf(node)}`)),
    );
  }

  connect(address?: BrokerAddress): Observable<Connection> {
    return defer(() => {
      const node = address === undefined ? (this.brokers[this.bootstraps++ % this.brokers.length] ?? 1) : Number(address.host.slice(1));
      const [text, api] = address === undefined ? ['bootstrap', 'Bootstrap'] : ['connect', 'Connect'];
      this.lines.next({ text, api, node, request: address });
      return timer(this.latency, this.scheduler).pipe(
        concatMap(() => {
          const refusal = this.refusals.get(node);
          if (refusal !== undefined) return throwError(() => refusal);
          this.open++;
          return openConnection(this, node);
        }),
      );
    });
  }

  // What its connections need.

  note(api: string, node: number, request: unknown): void {
    this.lines.next({ text: describeRequest(api, request), api, node, request });
  }

  closed(node: number): void {
    this.open--;
    this.lines.next({ text: 'disconnect', api: 'Disconnect', node, request: undefined });
  }

  faultFor(api: string, node: number): Fault | undefined {
    const pending = this.faults.get(api)?.find((each) => each.times > 0 && (each.node ?? node) === node);
    if (pending === undefined) return undefined;
    pending.times--;
    return pending.fault;
  }
}
