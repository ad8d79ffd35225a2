import { defer, mergeMap, throwError, timer, type Observable } from 'rxjs';
import { fetchApiAll } from '../../src/protocol/apis/forTesting.ts';
import type { FetchRequest } from '../../src/protocol/apis/fetch.ts';
import { readRequestHeader } from '../../src/protocol/header.ts';
import { Reader } from '../../src/protocol/reader.ts';
import type { VersionRange } from '../../src/protocol/versions.ts';
import type { BrokerAddress, Connection, Connector, SimulatedCluster } from '../../src/testing/index.ts';
import { BrokerConnection, type Site } from '../../src/testing/wire/brokerConnection.ts';
import { Faults } from '../../src/testing/wire/faults.ts';
import { Parking } from '../../src/testing/wire/parking.ts';
import { refusedConnection } from '../../src/testing/wire/refusedConnection.ts';
import type { VirtualSocket } from '../../src/testing/wire/virtualSocket.ts';
import type { SocketLike, SocketListeners } from '../../src/transport/socket.ts';
import { socketConnection } from '../../src/transport/socketConnection.ts';

/** Who stands between a consumer and its brokers, and sees what is fetched. */
export interface Tap {
  /** A Fetch was sent. */
  asked(request: FetchRequest): void;
  /** Its answer has come: a frame, without its length. What is returned arrives instead, chunk by chunk, the length included. */
  answered(frame: Buffer, version: number): readonly Buffer[];
}

interface Pending {
  readonly correlationId: number;
  readonly version: number;
}

/** The client's end of a connection to a simulated broker, whose Fetch answers go through a tap. */
class TappedSocket implements SocketLike {
  private readonly inner: VirtualSocket;
  private readonly tap: Tap;
  private readonly data = new Set<SocketListeners['data']>();
  private readonly pending: Pending[] = [];

  constructor(inner: VirtualSocket, tap: Tap) {
    this.inner = inner;
    this.tap = tap;
    inner.on('data', (chunk) => this.arrived(chunk));
  }

  get destroyed(): boolean {
    return this.inner.destroyed;
  }

  /** One request at a time, as our connections write them. */
  write(bytes: Buffer): void {
    const reader = new Reader(bytes, 4);
    const {
      requestApiKey,
      requestApiVersion: version,
      correlationId,
    } = readRequestHeader(reader, (key, spoken) => key === fetchApiAll.key && spoken >= fetchApiAll.flexible);
    if (requestApiKey === fetchApiAll.key) {
      this.pending.push({ correlationId, version });
      this.tap.asked(fetchApiAll.request.read(reader, version));
    }
    this.inner.write(bytes);
  }

  destroy(): void {
    this.inner.destroy();
  }
  setNoDelay(): this {
    return this;
  }
  pause(): void {
    this.inner.pause();
  }
  resume(): void {
    this.inner.resume();
  }

  on<E extends keyof SocketListeners>(event: E, listener: SocketListeners[E]): void {
    if (event === 'data') this.data.add(listener as SocketListeners['data']);
    else this.inner.on(event, listener);
  }

  off<E extends keyof SocketListeners>(event: E, listener: SocketListeners[E]): void {
    if (event === 'data') this.data.delete(listener as SocketListeners['data']);
    else this.inner.off(event, listener);
  }

  /** A whole frame: the brokers send nothing else. */
  private arrived(chunk: Buffer): void {
    const index = this.pending.findIndex(({ correlationId }) => correlationId === chunk.readInt32BE(4));
    const [asked] = index < 0 ? [] : this.pending.splice(index, 1);
    const chunks = asked === undefined ? [chunk] : this.tap.answered(chunk.subarray(4), asked.version);
    for (const each of chunks) for (const listener of [...this.data]) listener(each);
  }
}

/** The way to a simulated cluster through a tap. `versions`: what its brokers speak. */
export function tapped(cluster: SimulatedCluster, versions: ReadonlyMap<number, VersionRange>, tap: Tap): Connector {
  const { model, scheduler } = cluster;
  const site: Site = {
    cluster: model,
    scheduler,
    versions,
    faults: new Faults(),
    parking: new Parking(model, scheduler),
    latency: () => 1,
    isFrozen: () => false,
    tell: () => undefined,
  };
  let count = 0;
  const open = (address: BrokerAddress | undefined): Observable<Connection> => {
    const brokers = [...model.brokers.values()];
    const broker = brokers.find(({ host, port }) => address === undefined || (host === address.host && port === address.port));
    const { host, port } = broker ?? address ?? { host: 'nowhere', port: 0 };
    const name = `${host}:${port}`;
    if (broker === undefined) return throwError(() => refusedConnection('CONNECTION_FAILED', name));
    const { socket } = new BrokerConnection(site, broker.id, ++count);
    return socketConnection(new TappedSocket(socket, tap), { broker: name, clientId: 'fuzz', versions }, scheduler);
  };
  return { connect: (address) => defer(() => timer(1, scheduler).pipe(mergeMap(() => open(address)))) };
}
