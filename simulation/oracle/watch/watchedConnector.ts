import { Observable } from 'rxjs';
import type { BrokerAddress, Connection, Connector } from '../../../src/transport/port.ts';
import type { FetchPart } from '../../../src/protocol/fetchParts.ts';
import type { FetchRequest } from '../../../src/protocol/apis/fetch.ts';
import type { Api } from '../../../src/protocol/api.ts';
import type { Seen } from '../seen.ts';
import { namedAnswer } from './namedAnswer.ts';
import { ToldByFetch } from './wholeFetch.ts';

/** What it takes to watch what one consumer sends and hears. */
export interface Ear {
  readonly see: (seen: Seen) => void;
  /** Something came for it over the network: taken in at once, or when its event loop is free. */
  readonly hear: (take: () => void) => void;
}

/** The way to a cluster of one consumer: changes nothing, and tells of all that goes over it. What the consumer is told it is told after that. */
export class WatchedConnector implements Connector {
  private readonly connector: Connector;
  private readonly ear: Ear;
  private readonly open = new Set<() => void>();
  private dead = false;
  private connections = 0;
  private requests = 0;
  private readonly told = new Map<string, ToldByFetch>();

  constructor(connector: Connector, ear: Ear) {
    this.connector = connector;
    this.ear = ear;
  }

  connect(address?: BrokerAddress): Observable<Connection> {
    return new Observable((out) => {
      if (this.dead) return undefined;
      const connection = ++this.connections;
      let broker = address === undefined ? 'bootstrap' : `${address.host}:${String(address.port)}`;
      const { see, hear } = this.ear;
      let over = false;
      const end = (error?: unknown): void => {
        if (over) return;
        over = true;
        see({ kind: 'disconnected', connection, broker, ...(error !== undefined && { error }) });
      };
      see({ kind: 'connecting', connection, broker });
      const subscription = this.connector.connect(address).subscribe({
        next: (opened) =>
          hear(() => {
            if (over) return;
            broker = opened.broker;
            see({ kind: 'connected', connection, broker });
            out.next(this.watched(opened));
          }),
        error: (error: unknown) =>
          hear(() => {
            if (over) return;
            end(error);
            out.error(error);
          }),
      });
      const close = (): void => subscription.unsubscribe();
      this.open.add(close);
      return () => {
        this.open.delete(close);
        end();
        close();
      };
    });
  }

  /** SIGKILL: its connections break, and nothing is sent or heard any more. */
  kill(): void {
    this.dead = true;
    for (const close of [...this.open]) close();
    this.open.clear();
  }

  private watched(connection: Connection): Connection {
    const { broker, sessionLifetime } = connection;
    return {
      broker,
      ...(sessionLifetime !== undefined && { sessionLifetime }),
      version: (api) => connection.version(api),
      send: <Q, R>(api: Api<Q, R>, request: Q) => this.exchange(broker, api.name, request, connection.send(api, request)),
      fetch: (request: FetchRequest) => {
        const told = this.told.get(broker) ?? new ToldByFetch();
        this.told.set(broker, told);
        return this.exchange(broker, 'Fetch', told.whole(request), connection.fetch(request), {
          said: request,
          partOf: (part) => told.named(part),
        });
      },
    };
  }

  /** One request and what comes for it. `inParts`: how it was said, and what each part of the answer means. */
  private exchange<T>(
    broker: string,
    api: string,
    request: unknown,
    answer: Observable<T>,
    inParts?: { readonly said: unknown; readonly partOf: (value: T) => FetchPart },
  ): Observable<T> {
    return new Observable((out) => {
      if (this.dead) return undefined;
      const id = ++this.requests;
      const { see, hear } = this.ear;
      let over = false;
      see({ kind: 'request', id, broker, api, request, ...(inParts && { said: inParts.said }) });
      const subscription = answer.subscribe({
        next: (value) =>
          hear(() => {
            if (over) return;
            if (inParts === undefined) over = true;
            see(
              inParts === undefined
                ? { kind: 'answer', id, broker, api, response: namedAnswer(api, request, value) }
                : { kind: 'part', id, broker, part: inParts.partOf(value) },
            );
            out.next(value);
          }),
        error: (error: unknown) =>
          hear(() => {
            if (over && inParts !== undefined) return;
            over = true;
            see({ kind: 'failed', id, broker, api, error });
            out.error(error);
          }),
        complete: () =>
          hear(() => {
            over = true;
            out.complete();
          }),
      });
      return () => {
        if (!over) {
          over = true;
          see({ kind: 'failed', id, broker, api });
        }
        subscription.unsubscribe();
      };
    });
  }
}
