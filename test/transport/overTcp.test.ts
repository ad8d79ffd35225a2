import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { asyncScheduler, forkJoin, map, type Subscription } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/transport/port.ts';
import { socketConnection } from '../../src/transport/socketConnection.ts';
import { eventually } from '../support/kafka.ts';
import { echoApi, echoed, echoVersions } from './support/echo.ts';
import { fakeBroker, type Answering, type FakeBroker } from './support/fakeBroker.ts';
import { outcome } from './support/outcome.ts';

const cleanUp: (() => unknown)[] = [];

afterEach(async () => {
  for (const clean of cleanUp.splice(0)) await clean();
});

interface Opened {
  readonly broker: FakeBroker;
  readonly socket: Socket;
  readonly connection: Connection;
  readonly subscription: Subscription;
  readonly errors: readonly unknown[];
}

async function open(answering: Answering): Promise<Opened> {
  const broker = await fakeBroker(answering);
  cleanUp.push(() => broker.close());
  const socket = connect({ host: '127.0.0.1', port: broker.port });
  await once(socket, 'connect');
  const errors: unknown[] = [];
  const connections: Connection[] = [];
  const subscription = socketConnection(
    socket,
    { broker: broker.address, clientId: 'me', versions: echoVersions },
    asyncScheduler,
  ).subscribe({
    next: (emitted) => connections.push(emitted),
    error: (error: unknown) => errors.push(error),
  });
  cleanUp.push(() => subscription.unsubscribe());
  const [connection] = connections;
  if (connection === undefined) throw new Error('no connection');
  return { broker, socket, connection, subscription, errors };
}

function echo(connection: Connection, text: string): Promise<readonly unknown[]> {
  return outcome(connection.send(echoApi, { text }).pipe(map((answer) => answer.text)));
}

const answer: Answering = ({ id, body }) => echoed(id, body.toString('utf8', 2));

describe('a connection over TCP', () => {
  test('two thousand requests at once are answered in order', async () => {
    const { connection } = await open(answer);
    const texts = Array.from({ length: 2_000 }, (_, i) => `request ${i}`);
    const [answers] = await outcome(forkJoin(texts.map((text) => connection.send(echoApi, { text }).pipe(map((echoes) => echoes.text)))));
    expect(answers).toEqual(texts);
  });

  test('a frame that the network cuts into pieces', async () => {
    const { connection } = await open(({ id, socket }) => {
      const bytes = echoed(id, 'whole');
      socket.setNoDelay(true);
      socket.write(bytes.subarray(0, 2));
      setImmediate(() => socket.write(bytes.subarray(2, 9), () => socket.write(bytes.subarray(9))));
      return undefined;
    });
    expect(await echo(connection, 'x')).toEqual(['whole']);
  });

  test('the broker closes in the middle of a frame', async () => {
    const { connection, errors, socket } = await open(({ id, socket: theirs }) => {
      theirs.end(echoed(id, 'half of it').subarray(0, 9));
      return undefined;
    });
    const [end] = await echo(connection, 'x');
    expect(end).toMatchObject({ code: 'CONNECTION_LOST', retriable: true, broker: connection.broker });
    expect(errors).toHaveLength(1);
    expect(socket.destroyed).toBe(true);
  });

  test('the broker resets the connection', async () => {
    const { connection, errors } = await open(({ socket }) => {
      socket.resetAndDestroy();
      return undefined;
    });
    const [end] = await echo(connection, 'x');
    expect(end).toMatchObject({ code: 'CONNECTION_LOST', message: expect.stringContaining('ECONNRESET') as string });
    expect(errors).toHaveLength(1);
  });

  test.each([
    ['a garbage length', (id: number) => Buffer.concat([Buffer.from('HTTP/1.1 400 Bad Request\r\n'), echoed(id, '')])],
    ['the answer to another request', (id: number) => echoed(id + 1, 'X')],
    ['two answers to one request', (id: number) => Buffer.concat([echoed(id, 'X'), echoed(id, 'X')])],
  ])('%s makes us hang up', async (_what, wrong) => {
    const { connection, errors, broker } = await open(({ id }) => wrong(id));
    await echo(connection, 'x');
    await eventually(() => expect(errors).toMatchObject([{ code: 'CONNECTION_LOST' }]), { what: 'the error of the connection' });
    await eventually(() => expect(broker.open()).toBe(0), { what: 'the broker to see the end' });
  });

  test('cancelled while pending: the late answer is nobody’s, and the connection goes on', async () => {
    const held: (() => void)[] = [];
    const { connection, errors } = await open(({ id, body, socket }) => {
      const bytes = echoed(id, body.toString('utf8', 2));
      if (id === 1) return bytes;
      held.push(() => socket.write(bytes));
      return undefined;
    });
    const seen: unknown[] = [];
    const cancelled = connection.send(echoApi, { text: 'late' }).subscribe((value) => seen.push(value));
    await eventually(() => expect(held).toHaveLength(1), { what: 'the request to arrive' });
    cancelled.unsubscribe();
    held[0]?.();
    expect(await echo(connection, 'next')).toEqual(['next']);
    expect(seen).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('closing leaves nothing open at either end, and no listener', async () => {
    const { subscription, socket, broker } = await open(() => undefined);
    subscription.unsubscribe();
    expect(socket.destroyed).toBe(true);
    await eventually(() => expect(broker.open()).toBe(0), { what: 'the broker to see the end' });
    expect(['data', 'error', 'close'].map((event) => socket.listenerCount(event))).toEqual([0, 0, 0]);
  });
});
