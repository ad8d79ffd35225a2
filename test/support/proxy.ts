import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What clients send are requests, what comes back are answers. */
export type Direction = 'requests' | 'answers' | 'both';

export interface ProxyOptions {
  readonly host: string;
  /** Where to listen; any free port. */
  readonly port?: number;
  /** The port of the broker that stands behind it. */
  readonly to: number;
  /** It does not keep the process alive. */
  readonly unref?: boolean;
}

/** A network that can be spoilt: it stands between clients and one port of a broker, all of them on loopback. */
export interface Proxy {
  readonly host: string;
  readonly port: number;
  /** `host:port`. */
  readonly address: string;
  /** When connections were accepted, `performance.now()`. */
  readonly attempts: readonly number[];
  /** How many connections are open. */
  readonly open: () => number;
  /** What is sent in that direction vanishes from now on; connections stay open and new ones are accepted. */
  swallow(direction: Direction): void;
  /** What is sent in either direction arrives so many ms later. */
  delay(ms: number): void;
  /** The next answer that comes in a piece of more than `bytes` is cut there and its connection is gone. Resolves when that has happened. */
  cutAfter(bytes: number, how: 'reset' | 'end'): Promise<void>;
  /** Closes the port, and resets all connections. */
  refuse(): Promise<void>;
  /** All is well again; what was swallowed stays away. */
  heal(): Promise<void>;
  /** Resets everything and stops. */
  close(): Promise<void>;
}

interface Cut {
  readonly bytes: number;
  readonly how: 'reset' | 'end';
  readonly done: () => void;
}

interface State {
  swallowed: Direction | undefined;
  delay: number;
  cut: Cut | undefined;
}

export async function startProxy({ host, port: wanted = 0, to, unref = false }: ProxyOptions): Promise<Proxy> {
  const state: State = { swallowed: undefined, delay: 0, cut: undefined };
  const attempts: number[] = [];
  const clients = new Set<Socket>();
  let server: Server | undefined;
  let port = wanted;

  const accept = (client: Socket): void => {
    attempts.push(performance.now());
    clients.add(client);
    client.on('close', () => clients.delete(client));
    join(client, connect({ host, port: to }), state, unref);
  };
  const listen = async (): Promise<void> => {
    server = createServer(accept);
    server.listen(port, host);
    await once(server, 'listening');
    if (unref) server.unref();
    const at = server.address();
    if (at !== null && typeof at === 'object') port = at.port;
  };
  const refuse = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    if (closing === undefined) return;
    closing.close();
    for (const client of clients) client.resetAndDestroy();
    await once(closing, 'close');
  };

  await listen();
  return {
    host,
    port,
    address: `${host}:${port}`,
    attempts,
    open: () => clients.size,
    swallow: (direction) => (state.swallowed = direction),
    delay: (ms) => (state.delay = ms),
    cutAfter: (bytes, how) => new Promise((done) => (state.cut = { bytes, how, done })),
    refuse,
    heal: async () => {
      state.swallowed = undefined;
      state.delay = 0;
      state.cut = undefined;
      if (server === undefined) await listen();
    },
    close: refuse,
  };
}

function join(client: Socket, broker: Socket, state: State, unref: boolean): void {
  for (const [one, other] of [
    [client, broker],
    [broker, client],
  ] as const) {
    if (unref) one.unref();
    one.setNoDelay(true);
    one.on('error', () => undefined);
    one.on('close', () => other.destroy());
  }
  client.on('data', carrier(broker, 'requests', state, unref));
  const answer = carrier(client, 'answers', state, unref);
  broker.on('data', (chunk) => {
    const { cut } = state;
    if (cut === undefined || chunk.length <= cut.bytes) {
      answer(chunk);
      return;
    }
    state.cut = undefined;
    client.write(chunk.subarray(0, cut.bytes), () => {
      if (cut.how === 'reset') client.resetAndDestroy();
      else client.end();
      broker.destroy();
      cut.done();
    });
  });
}

/** Carries chunks to a socket in the order in which they come, each as late as the delay was when it came. */
function carrier(to: Socket, direction: Direction, state: State, unref: boolean): (chunk: Buffer) => void {
  const queue: Buffer[] = [];
  let lastDue = 0;
  return (chunk) => {
    if (state.swallowed === direction || state.swallowed === 'both') return;
    const now = performance.now();
    lastDue = Math.max(lastDue, now + state.delay);
    if (state.delay === 0 && queue.length === 0) {
      to.write(chunk);
      return;
    }
    queue.push(chunk);
    const timer = setTimeout(() => to.write(queue.shift() ?? Buffer.alloc(0)), lastDue - now);
    if (unref) timer.unref();
  };
}
