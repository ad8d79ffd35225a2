import { connect as connectTcp, Socket } from 'node:net';
import { Kafka, type KafkaConfig, type LogEntry } from 'kafkajs';
import { map, type Observable, switchMap, type Subscription, take } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { apiVersionsApi, metadataApi } from '../../../src/protocol/apis/index.ts';
import { encodeResponse } from '../../../src/protocol/header.ts';
import { kafkajsConnector } from '../../../src/transport/kafkajs/kafkajsConnector.ts';
import type { Connection } from '../../../src/transport/port.ts';
import { eventually } from '../../support/kafka.ts';
import { echoApi, echoed } from '../support/echo.ts';
import { fakeBroker, type Answering, type Asked, type FakeBroker } from '../support/fakeBroker.ts';
import { handshaking, refusing } from '../support/handshaking.ts';
import { outcome } from '../support/outcome.ts';

const cleanUp: (() => unknown)[] = [];

afterEach(async () => {
  for (const clean of cleanUp.splice(0)) await clean();
});

async function brokerThat(answering: Answering): Promise<FakeBroker> {
  const broker = await fakeBroker(answering);
  cleanUp.push(() => broker.close());
  return broker;
}

const spoken = {
  apiKeys: [17, 18, 36].map((apiKey) => ({ apiKey, minVersion: 0, maxVersion: apiKey === 18 ? 2 : 1 })),
  throttleTimeMs: 0,
  supportedFeatures: [],
  finalizedFeaturesEpoch: -1,
  finalizedFeatures: [],
  zkMigrationReady: false,
};

const echoing: Answering = ({ id, body }) => echoed(id, body.toString('utf8', 2));

function connectionsOf(config: KafkaConfig): Observable<Connection> {
  return kafkajsConnector(new Kafka(config)).connect();
}

interface Held {
  readonly connections: readonly Connection[];
  readonly errors: readonly unknown[];
  readonly subscription: Subscription;
}

function hold(source: Observable<Connection>): Held {
  const connections: Connection[] = [];
  const errors: unknown[] = [];
  const subscription = source.subscribe({ next: (one) => connections.push(one), error: (error: unknown) => errors.push(error) });
  cleanUp.push(() => subscription.unsubscribe());
  return { connections, errors, subscription };
}

/** Timers and TCP handles that keep the process alive. */
function handles(): readonly string[] {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name.startsWith('TCPSocket') || name === 'ConnectWrap');
}

/** While a test looks, no timer of the runner or of the looking itself is there. */
function nothingLeft(): Promise<void> {
  return eventually(() => expect(handles()).toEqual([]), { what: 'no timer and no socket', every: 5, deadline: 900 });
}

describe('connecting through kafkajs', () => {
  test('gives a connection that knows its broker, its versions and the client id', async () => {
    const asked: Asked[] = [];
    const broker = await brokerThat(
      handshaking({
        rest: (one) => {
          asked.push(one);
          return echoing(one);
        },
      }),
    );
    const { connections } = hold(connectionsOf({ brokers: [broker.address], clientId: 'billing' }));
    await eventually(() => connections.length === 1, { what: 'a connection', every: 5 });
    const [connection] = connections;
    if (connection === undefined) throw new Error('no connection');
    expect(connection.broker).toBe(broker.address);
    expect(connection.version(metadataApi)).toBe(12);
    expect(await outcome(connection.send(echoApi, { text: 'x' }))).toEqual([{ text: 'x' }]);
    expect(asked[0]).toMatchObject({ key: 900, version: 1, clientId: 'billing', id: 0 });
  });

  test('leaves nothing of kafkajs on the socket, and turns Nagle off', async () => {
    const broker = await brokerThat(handshaking({ rest: echoing }));
    const sockets: Socket[] = [];
    const noDelay: unknown[] = [];
    const factory: KafkaConfig['socketFactory'] = ({ host, port, onConnect }) => {
      const socket = connectTcp({ host, port }, () => {
        noDelay.push('connected');
        onConnect();
      });
      const set = socket.setNoDelay.bind(socket);
      socket.setNoDelay = (value) => {
        noDelay.push(value);
        return set(value);
      };
      socket.on('end', usersOwn);
      sockets.push(socket);
      return socket;
    };
    const usersOwn = (): void => undefined;
    const { connections, subscription } = hold(connectionsOf({ brokers: [broker.address], socketFactory: factory }));
    await eventually(() => connections.length === 1, { what: 'a connection', every: 5 });
    const [socket] = sockets;
    expect(noDelay.slice(0, 2)).toEqual([true, 'connected']);
    expect(['data', 'timeout', 'error', 'close'].map((event) => socket?.listenerCount(event))).toEqual([1, 0, 1, 1]);
    expect(socket?.listeners('end')).toContain(usersOwn);
    await eventually(() => expect(handles()).not.toContain('Timeout'), { what: 'no timer', every: 5, deadline: 900 });
    subscription.unsubscribe();
    expect(socket?.destroyed).toBe(true);
    await nothingLeft();
    expect(socket?.listeners('end')).toContain(usersOwn);
    expect(socket?.listenerCount('error')).toBe(0);
  });

  test('has no timer of kafkajs any more when it is emitted', async () => {
    const broker = await brokerThat(handshaking());
    const intervals = vi.spyOn(globalThis, 'setInterval');
    const cleared = vi.spyOn(globalThis, 'clearInterval');
    const left = await new Promise<readonly unknown[]>((resolve, reject) => {
      const subscription = connectionsOf({ brokers: [broker.address] }).subscribe({
        next: () =>
          resolve(
            intervals.mock.results
              .map(({ value }) => value as unknown)
              .filter((timer) => !cleared.mock.calls.some(([one]) => one === timer)),
          ),
        error: reject,
      });
      cleanUp.push(() => subscription.unsubscribe());
    });
    expect(intervals).toHaveBeenCalled();
    expect(left).toEqual([]);
  });

  test('errors when the broker goes, and not before', async () => {
    const broker = await brokerThat(handshaking());
    const { connections, errors } = hold(connectionsOf({ brokers: [broker.address] }));
    await eventually(() => connections.length === 1, { what: 'a connection', every: 5 });
    expect(errors).toEqual([]);
    await broker.close();
    cleanUp.shift();
    await eventually(() => expect(errors).toMatchObject([{ code: 'CONNECTION_LOST', retriable: true }]), { what: 'the loss', every: 5 });
  });

  test('without a broker takes the next bootstrap broker each time, also from a function', async () => {
    const [one, two] = [await brokerThat(handshaking()), await brokerThat(handshaking())];
    for (const brokers of [[one.address, two.address], async () => [one.address, two.address]]) {
      const connector = kafkajsConnector(new Kafka({ brokers }));
      const names = [];
      for (let i = 0; i < 3; i += 1)
        names.push(
          ...(await outcome(
            connector.connect().pipe(
              take(1),
              map((connection) => connection.broker),
            ),
          )),
        );
      expect(names).toEqual([one.address, two.address, one.address]);
      expect(
        await outcome(
          connector.connect({ host: '127.0.0.1', port: two.port }).pipe(
            take(1),
            map((connection) => connection.broker),
          ),
        ),
      ).toEqual([two.address]);
    }
  });

  test('two connections at once are two sockets', async () => {
    const broker = await brokerThat(handshaking());
    const connector = kafkajsConnector(new Kafka({ brokers: [broker.address] }));
    const [one, two] = [hold(connector.connect()), hold(connector.connect())];
    await eventually(() => one.connections.length + two.connections.length === 2, { what: 'both', every: 5 });
    expect(broker.open()).toBe(2);
    one.subscription.unsubscribe();
    await eventually(() => expect(broker.open()).toBe(1), { what: 'one to close', every: 5 });
    expect(two.errors).toEqual([]);
  });

  test('says nothing to the logger of the user, and leaves its level alone', async () => {
    const logged: LogEntry[] = [];
    const kafka = new Kafka({ brokers: ['127.0.0.1:1'], logCreator: () => (entry) => logged.push(entry) });
    await outcome(kafkajsConnector(kafka).connect());
    expect(logged).toEqual([]);
    kafka.logger().info('still heard');
    expect(logged).toHaveLength(1);
  });
});

describe('connecting through kafkajs fails', () => {
  test('refused: with the address, and nothing is left', async () => {
    expect(await outcome(connectionsOf({ brokers: ['127.0.0.1:1'] }))).toMatchObject([
      { code: 'CONNECTION_FAILED', retriable: true, broker: '127.0.0.1:1', message: 'no connection to 127.0.0.1:1 (ECONNREFUSED)' },
    ]);
    await nothingLeft();
  });

  test('unknown host', async () => {
    expect(await outcome(connectionsOf({ brokers: ['no-such-host.invalid:1'] }))).toMatchObject([
      { code: 'CONNECTION_FAILED', retriable: true },
    ]);
  });

  test('a TCP connection that never comes about: connectionTimeout of the user, and the socket is destroyed', async () => {
    const socket = new Socket();
    expect(await outcome(connectionsOf({ brokers: ['b:1'], connectionTimeout: 30, socketFactory: () => socket }))).toMatchObject([
      { code: 'CONNECTION_FAILED', message: 'no connection to b:1 (not within connectionTimeout)' },
    ]);
    expect(socket.destroyed).toBe(true);
    await nothingLeft();
  });

  test('a socket that closes without a word while connecting', async () => {
    const socket = new Socket();
    setImmediate(() => socket.destroy());
    expect(await outcome(connectionsOf({ brokers: ['b:1'], socketFactory: () => socket }))).toMatchObject([
      { code: 'CONNECTION_FAILED', retriable: true, message: 'no connection to b:1 (closed in the handshake)' },
    ]);
    await nothingLeft();
  });

  test('a broker that hangs up in the handshake', async () => {
    const broker = await brokerThat(handshaking({ apiVersions: ({ socket }) => void socket.end() }));
    expect(await outcome(connectionsOf({ brokers: [broker.address] }))).toMatchObject([
      {
        code: 'CONNECTION_FAILED',
        retriable: true,
        message: `no connection to ${broker.address} (the broker closed it during the handshake)`,
      },
    ]);
    await broker.close();
    cleanUp.shift();
    await nothingLeft();
  });

  test('TLS spoken to plain text', async () => {
    const broker = await brokerThat(({ socket }) => void socket.destroy());
    const [error] = await outcome(connectionsOf({ brokers: [broker.address], ssl: true }));
    expect(error).toMatchObject({ code: expect.stringMatching(/^(CONNECTION|TLS)_FAILED$/) as string, broker: broker.address });
  });

  test.each([[[]], [[''] as string[]], [() => Promise.reject<string[]>(new Error('discovery is down'))]])(
    'no bootstrap broker: %j',
    async (brokers) => {
      const [error] = await outcome(connectionsOf({ brokers }));
      expect(error).toMatchObject({ code: 'CONNECTION_FAILED', retriable: typeof brokers === 'function' });
    },
  );

  const plain = { mechanism: 'plain', username: 'alice', password: 'alice-secret' } as const;

  test('a wrong password: the broker’s words, and not ours', async () => {
    const broker = await brokerThat(handshaking({ authenticate: refusing('Authentication failed: Invalid username or password') }));
    const [error] = await outcome(connectionsOf({ brokers: [broker.address], sasl: plain }));
    expect(error).toMatchObject({
      name: 'AuthenticationError',
      code: 'SASL_AUTHENTICATION_FAILED',
      retriable: false,
      message: `SASL plain at ${broker.address} was refused: Authentication failed: Invalid username or password`,
    });
    expect(JSON.stringify(error)).not.toContain('alice-secret');
  });

  test.each([
    [33, 'UNSUPPORTED_SASL_MECHANISM'],
    [34, 'ILLEGAL_SASL_STATE'],
  ])('the broker refuses to begin with SASL: %i', async (code, word) => {
    const broker = await brokerThat(handshaking({ handshake: code }));
    expect(await outcome(connectionsOf({ brokers: [broker.address], sasl: plain }))).toMatchObject([
      { name: 'AuthenticationError', code: word },
    ]);
  });

  test('a broker that goes away in the midst of SASL refused nobody', async () => {
    const broker = await brokerThat(handshaking({ authenticate: ({ socket }) => void socket.destroy() }));
    expect(await outcome(connectionsOf({ brokers: [broker.address], sasl: plain }))).toMatchObject([
      { code: 'CONNECTION_FAILED', retriable: true },
    ]);
  });

  test('a provider of tokens that fails', async () => {
    const broker = await brokerThat(handshaking());
    const oauthBearerProvider = () => Promise.reject(new Error('token endpoint said: secret'));
    const [error] = await outcome(connectionsOf({ brokers: [broker.address], sasl: { mechanism: 'oauthbearer', oauthBearerProvider } }));
    expect(error).toMatchObject({
      code: 'CONNECTION_FAILED',
      retriable: true,
      message: `there were no credentials for SASL oauthbearer at ${broker.address}`,
    });
  });

  test('a version that was refused on the way is not taken for the reason of what fails after it', async () => {
    let refused = 0;
    const older: Answering = ({ id, version }) => {
      if (version < 2) return encodeResponse(apiVersionsApi, version, id, { ...spoken, errorCode: 0 });
      refused += 1;
      return encodeResponse(apiVersionsApi, version, id, { ...spoken, errorCode: 35, apiKeys: [] });
    };
    const broker = await brokerThat(handshaking({ apiVersions: older }));
    const oauthBearerProvider = () => Promise.resolve({ value: null as unknown as string });
    const [error] = await outcome(connectionsOf({ brokers: [broker.address], sasl: { mechanism: 'oauthbearer', oauthBearerProvider } }));
    expect(refused).toBe(1);
    expect(error).toMatchObject({
      code: 'CONNECTION_FAILED',
      message: `there were no credentials for SASL oauthbearer at ${broker.address}`,
    });
  });

  test('with the right password it connects', async () => {
    const broker = await brokerThat(handshaking({ rest: echoing }));
    const answers = connectionsOf({ brokers: [broker.address], sasl: plain }).pipe(
      switchMap((connection) => connection.send(echoApi, { text: 'in' })),
      take(1),
    );
    expect(await outcome(answers)).toEqual([{ text: 'in' }]);
  });
});

describe('unsubscribing while connecting', () => {
  test('before the broker is chosen', async () => {
    let asked = 0;
    const brokers = async () => {
      asked += 1;
      return ['127.0.0.1:1'];
    };
    const held = hold(connectionsOf({ brokers, socketFactory: () => expect.fail('no socket is wanted any more') }));
    held.subscription.unsubscribe();
    await eventually(() => expect(asked).toBe(1), { what: 'the choice', every: 5 });
    await nothingLeft();
    expect(held.errors).toEqual([]);
  });

  test('while TCP is being connected: the socket and the timer of connectionTimeout are gone at once', async () => {
    const socket = new Socket();
    let made = 0;
    const factory = () => {
      made += 1;
      return socket;
    };
    const held = hold(connectionsOf({ brokers: ['b:1'], connectionTimeout: 60_000, socketFactory: factory }));
    await eventually(() => expect(made).toBe(1), { what: 'the socket', every: 5 });
    expect(handles()).toContain('Timeout');
    held.subscription.unsubscribe();
    expect(socket.destroyed).toBe(true);
    await nothingLeft();
    expect(held.errors).toEqual([]);
  });

  test.each([
    ['ApiVersions', (hang: Answering): Answering => handshaking({ apiVersions: hang })],
    ['SASL', (hang: Answering): Answering => handshaking({ authenticate: hang })],
  ])('while %s is not answered', async (_what, brokerWith) => {
    let hanging = 0;
    const broker = await brokerThat(
      brokerWith(() => {
        hanging += 1;
        return undefined;
      }),
    );
    const held = hold(connectionsOf({ brokers: [broker.address], sasl: { mechanism: 'plain', username: 'alice', password: 'x' } }));
    await eventually(() => expect(hanging).toBe(1), { what: 'the request', every: 5 });
    held.subscription.unsubscribe();
    await eventually(() => expect(broker.open()).toBe(0), { what: 'the broker to see the end', every: 5 });
    await broker.close();
    cleanUp.shift();
    await nothingLeft();
    expect(held).toMatchObject({ connections: [], errors: [] });
  });

  test.each([
    ['microtask', () => Promise.resolve(), 60],
    ['turn of the event loop', () => new Promise((resolve) => setImmediate(resolve)), 20],
  ])('at any %s', async (_what, pass, moments) => {
    const broker = await brokerThat(handshaking());
    const sockets: Socket[] = [];
    const socketFactory: KafkaConfig['socketFactory'] = ({ host, port, onConnect }) => {
      const socket = connectTcp({ host, port }, onConnect);
      sockets.push(socket);
      return socket;
    };
    const connector = kafkajsConnector(new Kafka({ brokers: [broker.address], connectionTimeout: 60_000, socketFactory }));
    for (let moment = 0; moment < moments; moment += 1) {
      const { subscription } = hold(connector.connect());
      for (let i = 0; i < moment; i += 1) await pass();
      subscription.unsubscribe();
      // kafkajs may be between being asked and making the socket: it must not make one afterwards.
      await new Promise((resolve) => setImmediate(resolve));
      expect(sockets.filter((socket) => !socket.destroyed)).toEqual([]);
    }
    expect(sockets.length).toBeGreaterThan(0);
    await broker.close();
    cleanUp.shift();
    await nothingLeft();
  });
});
