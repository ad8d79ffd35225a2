import type { Socket } from 'node:net';

/**
 * What we touch of kafkajs 2.2.4 below its public face, and how each piece is recognised.
 *
 * That version is the peer dependency, exactly. Should another stand in its place, a piece is missed here, by name, and not in the middle of a
 * handshake.
 */
export interface Cluster {
  readonly connectionPoolBuilder: {
    /** Without a destination: the next bootstrap broker. */
    build(destination?: { readonly host: string; readonly port: number }): Promise<unknown>;
  };
  readonly brokerPool: { createBroker(options: BrokerOptions): unknown };
}

export interface BrokerOptions {
  readonly connectionPool: unknown;
  readonly logger: Logger;
  /** null: ask this broker. Else it would be taken to speak what the seed broker spoke. */
  readonly versions: null;
}

export interface Broker {
  readonly versions: unknown;
  /** TCP, TLS, ApiVersions, SASL. */
  connect(): Promise<unknown>;
}

export interface SocketFactoryArguments {
  readonly host: string;
  readonly port: number;
  readonly ssl: unknown;
  readonly onConnect: () => void;
}

/** The first of a pool's two connections; the other stays unopened. */
export interface PoolConnection {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly connectionTimeout: number;
  readonly sasl: { readonly mechanism: string } | null | undefined;
  /** Milliseconds that the broker believes who we are, a Long (KIP-368); 0: for ever. */
  readonly sessionLifetime: unknown;
  readonly requestQueue: { destroy(): void; logger: Logger };
  socketFactory: (given: SocketFactoryArguments) => Socket;
  socket: Socket | undefined;
  logger: Logger;
  connectionStatus: string;
  send: (exchange: unknown) => Promise<unknown>;
  rejectRequests(error: Error): void;
}

export type LogFunction = (message: string, extra?: unknown) => void;

export interface Logger {
  readonly namespace: (name: string) => Logger;
  readonly setLogLevel: (level: number) => void;
  readonly debug: LogFunction;
  readonly info: LogFunction;
  readonly warn: LogFunction;
  readonly error: LogFunction;
}

type Bag = Readonly<Record<PropertyKey, unknown>>;

export function isBag(value: unknown): value is Bag {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Whether all of these are functions of the value. */
export function hasMethods(value: unknown, names: readonly string[]): boolean {
  return isBag(value) && names.every((name) => typeof value[name] === 'function');
}

export function isCluster(value: unknown): value is Cluster {
  return isBag(value) && hasMethods(value['connectionPoolBuilder'], ['build']) && hasMethods(value['brokerPool'], ['createBroker']);
}

export function isBroker(value: unknown): value is Broker {
  return hasMethods(value, ['connect']) && isBag(value) && 'versions' in value;
}

/** The connection that a pool sends everything but Fetch over; undefined if it is no pool. */
export function firstConnection(pool: unknown): PoolConnection | undefined {
  const connections = isBag(pool) ? pool['pool'] : undefined;
  const first: unknown = Array.isArray(connections) ? connections[0] : undefined;
  return isPoolConnection(first) ? first : undefined;
}

function isPoolConnection(value: unknown): value is PoolConnection {
  return (
    isBag(value) &&
    hasMethods(value, ['socketFactory', 'send', 'rejectRequests', 'connect']) &&
    hasMethods(value['requestQueue'], ['destroy']) &&
    typeof value['host'] === 'string' &&
    typeof value['port'] === 'number' &&
    typeof value['clientId'] === 'string' &&
    typeof value['connectionStatus'] === 'string'
  );
}

/** What a broker speaks, by API key: `{ 18: { minVersion: 0, maxVersion: 4 }, … }` as a map. */
export function versionRanges(versions: unknown): ReadonlyMap<number, readonly [min: number, max: number]> {
  const ranges = new Map<number, readonly [number, number]>();
  if (!isBag(versions)) return ranges;
  for (const [key, range] of Object.entries(versions)) {
    if (!isBag(range)) continue;
    const { minVersion, maxVersion } = range;
    if (typeof minVersion === 'number' && typeof maxVersion === 'number') ranges.set(Number(key), [minVersion, maxVersion]);
  }
  return ranges;
}
