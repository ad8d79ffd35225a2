import {
  concat,
  concatMap,
  defer,
  finalize,
  ignoreElements,
  merge,
  NEVER,
  type Observable,
  of,
  Subject,
  throwError,
  timer,
  VirtualTimeScheduler,
} from 'rxjs';
import type { Context } from '../../src/cluster/context.ts';
import { ConnectionError } from '../../src/errors/index.ts';
import type { Happening } from '../../src/model/events.ts';
import type { FoundCoordinator } from '../../src/protocol/apis/findCoordinator.ts';
import type { MetadataResponse, MetadataResponsePartition } from '../../src/protocol/apis/metadata.ts';
import type { BrokerAddress, Connection, Connector } from '../../src/transport/port.ts';

/** What a scripted broker answers to a request: a response, an error, or nothing at all (undefined). */
export type Respond = (call: Call) => object | undefined;

export interface Call {
  /** `host:port`, or `bootstrap`. */
  readonly broker: string;
  readonly api: string;
  readonly request: Record<string, unknown>;
}

export function partition(partitionIndex: number, leaderId: number, leaderEpoch = 0): MetadataResponsePartition {
  return { errorCode: 0, partitionIndex, leaderId, leaderEpoch, replicaNodes: [], isrNodes: [], offlineReplicas: [] };
}

type TopicOf = MetadataResponse['topics'][number];

export function topic(name: string, partitions: readonly MetadataResponsePartition[], rest: Partial<TopicOf> = {}): TopicOf {
  return { errorCode: 0, name, topicId: '1'.repeat(32), isInternal: false, partitions, topicAuthorizedOperations: 0, ...rest };
}

/** Brokers 0, 1, … at `b0:9092`, `b1:9092`, …; a number names a broker, a pair says where it listens. */
export function metadata(
  brokers: readonly (number | readonly [nodeId: number, host: string])[],
  topics: readonly TopicOf[] = [],
): MetadataResponse {
  return {
    throttleTimeMs: 0,
    brokers: brokers.map((one) => {
      const [nodeId, host] = typeof one === 'number' ? [one, `b${String(one)}`] : one;
      return { nodeId, host, port: 9092, rack: null };
    }),
    clusterId: 'c',
    controllerId: 0,
    topics,
    clusterAuthorizedOperations: 0,
  };
}

/** FindCoordinator's answer as it is from version 4 on. */
export function coordinatorAt(nodeId: number, rest: Partial<FoundCoordinator> = {}): object {
  const found = { key: 'g', nodeId, host: `b${String(nodeId)}`, port: 9092, errorCode: 0, errorMessage: null, ...rest };
  return { throttleTimeMs: 0, errorCode: 0, errorMessage: null, nodeId: 0, host: '', port: 0, coordinators: [found] };
}

/**
 * Brokers that follow a script, in virtual time. Connecting takes 1 ms, every answer too. What happens is logged: `at what`.
 */
export class Brokers {
  readonly clock: VirtualTimeScheduler = new VirtualTimeScheduler();
  readonly log: string[] = [];
  readonly told: Happening[] = [];
  readonly context: Context;
  /** Hosts that refuse connections. */
  readonly down: Set<string> = new Set();
  /** Hosts that take connections and do not come to an end with them. */
  readonly hung: Set<string> = new Set();
  /** What connecting ends with where a host is down. */
  refusal: Error = new ConnectionError('CONNECTION_FAILED', 'connection refused');
  open = 0;
  /** The host of the bootstrap broker, once that is to be known; until then it has none. */
  bootstrap: string | undefined = undefined;
  readonly #cuts = new Subject<string>();

  constructor(respond: Respond, settings: Partial<Context> = {}) {
    const connector: Connector = { connect: (address) => this.#connect(respond, address) };
    this.context = {
      connector,
      scheduler: this.clock,
      random: () => 0.5,
      backoff: { initial: 100, max: 10_000, jitter: 0.2 },
      requestTimeout: 30_000,
      metadataMaxAge: 300_000,
      tell: (happening) => this.told.push(happening),
      ...settings,
    };
  }

  to(ms: number): this {
    this.clock.maxFrames = ms;
    this.clock.schedule(() => undefined, ms - this.clock.now());
    this.clock.flush();
    return this;
  }

  at(ms: number, action: () => void): this {
    this.clock.schedule(action, ms - this.clock.now());
    return this;
  }

  note(what: string): void {
    this.log.push(`${String(this.clock.now())} ${what}`);
  }

  /** Cuts all connections to a broker. */
  cut(broker: string): void {
    this.#cuts.next(broker);
  }

  /** Subscribes and logs what comes. */
  watch(name: string, source: Observable<unknown>): { unsubscribe(): void } {
    return source.subscribe({
      next: () => this.note(`${name} answered`),
      error: (error: unknown) =>
        this.note(`${name} failed: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`),
    });
  }

  /** Nothing is left to do: no timer is armed and no connection open. */
  get idle(): boolean {
    return this.open === 0 && this.clock.actions.every(({ closed }) => closed);
  }

  #connect(respond: Respond, address: BrokerAddress | undefined): Observable<Connection> {
    return defer(() => {
      const broker = address === undefined ? this.#bootstrapBroker : `${address.host}:${String(address.port)}`;
      this.note(`connect ${broker}`);
      if (this.down.has(broker)) return this.#later(throwError(() => this.refusal));
      if (this.hung.has(broker)) return NEVER;
      this.open++;
      const gone = new Subject<void>();
      const lost = this.#cuts.pipe(
        concatMap((cut) => (cut === broker ? throwError(() => new ConnectionError('CONNECTION_LOST', 'cut')) : [])),
      );
      const connection: Connection = {
        broker,
        version: () => 0,
        send: (api, request) =>
          defer(() => {
            this.note(`${api.name} to ${broker}`);
            const response = respond({ broker, api: api.name, request: request as Record<string, unknown> });
            if (response === undefined)
              return gone.pipe(concatMap(() => throwError(() => new ConnectionError('CONNECTION_LOST', 'the connection is gone'))));
            return this.#later(response instanceof Error ? throwError(() => response) : (of(response) as Observable<never>));
          }),
        fetch: () => NEVER,
      };
      return merge(lost, concat(this.#later(of(connection)), NEVER)).pipe(
        finalize(() => {
          this.open--;
          gone.next();
        }),
      );
    });
  }

  get #bootstrapBroker(): string {
    return this.bootstrap === undefined ? 'bootstrap' : `${this.bootstrap}:9092`;
  }

  #later<T>(then: Observable<T>): Observable<T> {
    return concat(timer(1, this.clock).pipe(ignoreElements()), then);
  }
}
