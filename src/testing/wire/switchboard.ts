import { defer, filter, finalize, mergeMap, NEVER, of, Subject, take, throwError, timer, type Observable } from 'rxjs';

import type { BrokerAddress, Connection } from '../../transport/port.ts';
import { socketConnection } from '../../transport/socketConnection.ts';
import type { Fault } from '../fault.ts';
import type { Network } from '../happen.ts';
import type { Broker } from '../model/clusterModel.ts';
import { BrokerConnection, type Site } from './brokerConnection.ts';
import { isKind } from './faults.ts';
import { refusedConnection } from './refusedConnection.ts';

/** All connections to the brokers of a cluster. */
export class Switchboard implements Network {
  private readonly site: Site;
  private readonly connections = new Set<BrokerConnection>();
  private readonly frozen = new Set<number>();
  private readonly thawed = new Subject<void>();
  private bootstraps = 0;
  private count = 0;

  constructor(site: Omit<Site, 'isFrozen'>) {
    this.site = { ...site, isFrozen: (node) => this.frozen.has(node) };
  }

  get open(): number {
    return this.connections.size;
  }

  connect(address: BrokerAddress | undefined): Observable<Connection> {
    return defer(() => {
      const broker = address === undefined ? this.nextBootstrap() : this.at(address);
      const id = ++this.count;
      const node = broker?.id ?? -1;
      const api = address === undefined ? 'Bootstrap' : 'Connect';
      const tell = (kind: 'connect' | 'refused' | 'open'): void =>
        this.site.tell({ node, connection: id, kind, api, version: -1, message: address });
      tell('connect');
      const fault = this.site.faults.strike({ api: 'Connect', node, request: undefined });
      if (isKind(fault, 'noAnswer')) return NEVER;
      const late = isKind(fault, 'latency') ? fault.delay : 0;
      return timer(this.site.latency() + late, this.site.scheduler).pipe(
        mergeMap(() => this.whenThawed(node)),
        mergeMap(() => {
          if (broker?.up === true && !isKind(fault, 'error')) {
            tell('open');
            return this.opened(broker, id);
          }
          tell('refused');
          const { host, port } = address ?? broker ?? { host: 'nowhere', port: 0 };
          const why = refusedConnection(isKind(fault, 'error') ? fault.error : 'CONNECTION_FAILED', `${host}:${String(port)}`);
          return throwError(() => why);
        }),
      );
    });
  }

  cut(node: number): void {
    for (const connection of [...this.connections]) if (connection.node === node) connection.hangUp();
  }

  freeze(node: number, frozen: boolean): void {
    if (frozen) this.frozen.add(node);
    else this.frozen.delete(node);
    this.thawed.next();
    for (const connection of [...this.connections]) if (connection.node === node) connection.proceed();
  }

  /** A fault was injected. */
  struck(fault: Fault): void {
    for (const connection of [...this.connections]) connection.struck(fault);
  }

  private opened({ id: node, host, port }: Broker, id: number): Observable<Connection> {
    const { versions, scheduler } = this.site;
    const connection = new BrokerConnection(this.site, node, id);
    this.connections.add(connection);
    return socketConnection(connection.socket, { broker: `${host}:${String(port)}`, clientId: 'm', versions }, scheduler).pipe(
      finalize(() => this.connections.delete(connection)),
    );
  }

  /** What hangs at its connecting goes on when the broker does. */
  private whenThawed(node: number): Observable<unknown> {
    return this.frozen.has(node)
      ? this.thawed.pipe(
          filter(() => !this.frozen.has(node)),
          take(1),
        )
      : of(undefined);
  }

  private nextBootstrap(): Broker | undefined {
    const all = [...this.site.cluster.brokers.values()];
    return all[this.bootstraps++ % all.length];
  }

  private at({ host, port }: BrokerAddress): Broker | undefined {
    return [...this.site.cluster.brokers.values()].find((broker) => broker.host === host && broker.port === port);
  }
}
