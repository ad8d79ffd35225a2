import { concat, map, of, take, VirtualTimeScheduler } from 'rxjs';
import type { Observable, Subscription } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import { KafkaRxError, UnsupportedVersionError } from '../../src/errors/index.ts';
import { fetchApi, type FetchRequest, type FetchResponse, type PartitionData } from '../../src/protocol/apis/fetch.ts';
import { encodeBatch } from '../../src/protocol/encodeBatch.ts';
import type { FetchPart } from '../../src/protocol/fetchParts.ts';
import { encodeResponse } from '../../src/protocol/header.ts';
import type { Connection } from '../../src/transport/port.ts';
import { socketConnection } from '../../src/transport/socketConnection.ts';
import { asked, echoApi, echoed, echoVersions } from './support/echo.ts';
import { FakeSocket } from './support/fakeSocket.ts';

interface Opened {
  readonly socket: FakeSocket;
  readonly scheduler: VirtualTimeScheduler;
  readonly connection: Connection;
  readonly log: string[];
  readonly subscription: Subscription;
}

function describeError(name: string, error: unknown): string {
  return KafkaRxError.is(error)
    ? `${name} ${error.code}${error.retriable ? ' retriable' : ''}: ${error.message}`
    : `${name} ${String(error)}`;
}

function open(socket = new FakeSocket()): Opened {
  const scheduler = new VirtualTimeScheduler();
  const log: string[] = [];
  const emitted: Connection[] = [];
  const subscription = socketConnection(socket, { broker: 'b:1', clientId: 'me', versions: echoVersions }, scheduler).subscribe({
    next: (connection) => emitted.push(connection),
    error: (error: unknown) => log.push(describeError('connection', error)),
    complete: () => log.push('connection completed'),
  });
  const [connection] = emitted;
  if (connection === undefined) throw new Error('no connection');
  return { socket, scheduler, connection, log, subscription };
}

function follow(log: string[], name: string, source: Observable<string>): Subscription {
  return source.subscribe({
    next: (value) => log.push(`${name} ${value}`),
    error: (error: unknown) => log.push(describeError(name, error)),
    complete: () => log.push(`${name} completed`),
  });
}

function echo({ connection, log }: Opened, text: string): Subscription {
  return follow(log, text, connection.send(echoApi, { text }).pipe(map((answer) => answer.text)));
}

const LOST = 'CONNECTION_LOST retriable: the connection to b:1';

describe('a connection over a socket', () => {
  test('sends with the version agreed on, the client id and a correlation id of its own, and completes after the answer', () => {
    const opened = open();
    echo(opened, 'x');
    echo(opened, 'y');
    expect(opened.socket.written.map(asked)).toEqual([
      { id: 0, text: 'x', clientId: 'me', version: 1 },
      { id: 1, text: 'y', clientId: 'me', version: 1 },
    ]);
    expect(opened.socket.noDelay).toBe(true);
    expect(opened.log).toEqual([]);
    opened.socket.arrive(echoed(0, 'X'));
    expect(opened.log).toEqual(['x X', 'x completed']);
    opened.socket.arrive(echoed(1, 'Y'));
    expect(opened.log).toEqual(['x X', 'x completed', 'y Y', 'y completed']);
  });

  test('is cold: nothing is sent before it is subscribed, and again for each subscription', () => {
    const { socket, connection } = open();
    const request = connection.send(echoApi, { text: 'x' });
    expect(socket.written).toHaveLength(0);
    request.subscribe();
    request.subscribe();
    expect(socket.written.map((bytes) => asked(bytes).id)).toEqual([0, 1]);
  });

  test('an answer cut into bytes is one answer', () => {
    const opened = open();
    echo(opened, 'x');
    opened.socket.arrive(...Array.from(echoed(0, 'X'), (byte) => Buffer.from([byte])));
    expect(opened.log).toEqual(['x X', 'x completed']);
  });

  test('unsubscribing cancels: the answer is neither decoded nor given to anybody, the next one is', () => {
    const opened = open();
    const reads: number[] = [];
    const counting = { ...echoApi, response: { ...echoApi.response, read: () => ({ text: String(reads.push(0)) }) } };
    opened.connection.send(counting, { text: 'x' }).subscribe().unsubscribe();
    echo(opened, 'y');
    opened.socket.arrive(Buffer.concat([echoed(0, 'X'), echoed(1, 'Y')]));
    expect(opened.log).toEqual(['y Y', 'y completed']);
    expect(reads).toEqual([]);
  });

  test.each([
    ['an answer to another request', (socket: FakeSocket) => socket.arrive(echoed(1, 'X')), 'was dropped: the answer to request 1 came'],
    [
      'a frame of garbage length',
      (socket: FakeSocket) => socket.arrive(Buffer.from([0x15, 3, 3, 0, 2])),
      'was dropped: a frame of 352518912 bytes',
    ],
    ['a negative length', (socket: FakeSocket) => socket.arrive(Buffer.alloc(4, 255)), 'was dropped: a frame of -1 bytes'],
    ['the end', (socket: FakeSocket) => socket.emit('end'), 'was closed by the broker'],
    ['an error', (socket: FakeSocket) => socket.emit('error', new Error('ECONNRESET')), 'failed: ECONNRESET'],
    ['the close', (socket: FakeSocket) => socket.emit('close'), 'is closed'],
  ])('%s destroys the socket and fails the connection, then all that is pending', (_what, happen, why) => {
    const opened = open();
    echo(opened, 'x');
    echo(opened, 'y');
    happen(opened.socket);
    expect(opened.socket.destroyed).toBe(true);
    expect(opened.log.map((line) => line.slice(0, line.indexOf(LOST) + LOST.length + 1 + why.length))).toEqual([
      `connection ${LOST} ${why}`,
      `x ${LOST} ${why}`,
      `y ${LOST} ${why}`,
    ]);
  });

  test('an answer that nobody asked for drops the connection', () => {
    const opened = open();
    opened.socket.arrive(echoed(0, 'X'));
    expect(opened.log).toEqual([`connection ${LOST} was dropped: an answer came (correlation id 0) and nothing was asked`]);
  });

  test('a good frame that cannot be read fails its own request only', () => {
    const opened = open();
    echo(opened, 'x');
    echo(opened, 'y');
    const tooMuch = Buffer.concat([echoed(0, 'X'), Buffer.from([1])]);
    tooMuch.writeInt32BE(tooMuch.length - 4);
    opened.socket.arrive(tooMuch, echoed(1, 'Y'));
    expect(opened.log[0]).toContain('x MALFORMED_RESPONSE: the answer to Echo from b:1: ');
    expect(opened.log.slice(1)).toEqual(['y Y', 'y completed']);
  });

  test('unsubscribing closes at once, fails what is pending, and leaves no listener once the socket is closed', () => {
    const opened = open();
    echo(opened, 'x');
    opened.subscription.unsubscribe();
    opened.subscription.unsubscribe();
    expect(opened.socket.destroyed).toBe(true);
    expect(opened.log).toEqual([`x ${LOST} was closed`]);
    // An error that was on its way when the socket was destroyed: without a listener it would end the process.
    expect(() => opened.socket.emit('error', new Error('late'))).not.toThrow();
    opened.socket.emit('close');
    expect(opened.socket.listening).toBe(0);
  });

  test('what is asked of a lost connection fails in a later task', () => {
    const opened = open();
    opened.socket.emit('end');
    opened.log.length = 0;
    echo(opened, 'x');
    expect(opened.log).toEqual([]);
    opened.scheduler.flush();
    expect(opened.log).toEqual([`x ${LOST} was closed by the broker`]);
    expect(opened.socket.written).toHaveLength(0);
  });

  test('who asks again while being failed is not failed twice', () => {
    const opened = open();
    const { connection, log } = opened;
    follow(log, 'x', connection.send(echoApi, { text: 'x' }).pipe(map((answer) => answer.text)));
    connection.send(echoApi, { text: 'y' }).subscribe({ error: () => echo(opened, 'again') });
    opened.socket.emit('end');
    expect(log).toHaveLength(2);
    opened.scheduler.flush();
    expect(log[2]).toBe(`again ${LOST} was closed by the broker`);
  });

  test('an answer whose receiver closes the connection is the last one', () => {
    const opened = open();
    opened.connection.send(echoApi, { text: 'x' }).subscribe(() => opened.subscription.unsubscribe());
    echo(opened, 'y');
    opened.socket.arrive(Buffer.concat([echoed(0, 'X'), echoed(1, 'Y')]));
    expect(opened.log).toEqual([`y ${LOST} was closed`]);
  });

  test('a version that both speak, or an error in a later task and nothing sent', () => {
    const opened = open();
    const { connection, scheduler, socket, log } = opened;
    expect(connection.version(echoApi)).toBe(1);
    expect(connection.version({ name: 'Fetch', key: 1, versions: [0, 17] })).toBe(12);
    expect(() => connection.version({ name: 'Echo', key: 900, versions: [2, 3] })).toThrow(UnsupportedVersionError);
    expect(() => connection.version({ name: 'New', key: 901, versions: [0, 0] })).toThrow('the broker does not know it');
    follow(log, 'x', connection.send({ ...echoApi, versions: [2, 3] }, { text: 'x' }).pipe(map((answer) => answer.text)));
    expect(log).toEqual([]);
    scheduler.flush();
    expect(log).toEqual(['x UNSUPPORTED_VERSION: Echo: we speak versions 2 to 3, the broker speaks 1 to 1']);
    expect(socket.written).toHaveLength(0);
  });

  test('a request that cannot be written fails by itself and takes no correlation id', () => {
    const opened = open();
    const unwritable = {
      ...echoApi,
      request: {
        ...echoApi.request,
        write: () => {
          throw new RangeError('too long');
        },
      },
    };
    follow(opened.log, 'x', opened.connection.send(unwritable, { text: 'x' }).pipe(map((answer) => answer.text)));
    echo(opened, 'y');
    opened.scheduler.flush();
    opened.socket.arrive(echoed(0, 'Y'));
    expect(opened.log).toEqual(['x MALFORMED_REQUEST: the request Echo: too long', 'y Y', 'y completed']);
  });

  test('a socket that is destroyed already is a lost connection', () => {
    const socket = new FakeSocket().destroy();
    expect(() => open(socket)).toThrow('no connection');
  });

  test('ten thousand requests one after the other, each sent on the answer to the one before, in one chunk after the other', () => {
    const opened = open();
    const source = concat(
      ...Array.from({ length: 10_000 }, (_, i) => opened.connection.send(echoApi, { text: String(i) })),
      of({ text: 'end' }),
    );
    let last = '';
    source.subscribe((answer) => (last = answer.text));
    for (let i = 0; i < 10_000; i += 1) opened.socket.arrive(echoed(i, String(i)));
    expect(last).toBe('end');
  });
});

const request: FetchRequest = {
  clusterId: null,
  replicaId: -1,
  maxWaitMs: 1,
  minBytes: 1,
  maxBytes: 1,
  isolationLevel: 0,
  sessionId: 0,
  sessionEpoch: -1,
  topics: [],
  forgottenTopicsData: [],
  rackId: '',
};

function partition(partitionIndex: number, records: Buffer | null): PartitionData {
  return {
    partitionIndex,
    errorCode: 0,
    highWatermark: 9,
    lastStableOffset: 9,
    logStartOffset: 0,
    divergingEpoch: { epoch: -1, endOffset: -1 },
    currentLeader: { leaderId: -1, leaderEpoch: -1 },
    snapshotId: { endOffset: -1, epoch: -1 },
    abortedTransactions: null,
    preferredReadReplica: -1,
    records,
  };
}

function answerOf(...partitions: readonly PartitionData[]): Buffer {
  const response: FetchResponse = {
    throttleTimeMs: 3,
    errorCode: 0,
    sessionId: 7,
    responses: [{ topic: 't', topicId: '0'.repeat(32), partitions }],
    nodeEndpoints: [],
  };
  return encodeResponse(fetchApi, 12, 0, response);
}

function batch(baseOffset: number): Buffer {
  return encodeBatch([{ key: null, value: Buffer.from('v') }], { baseOffset });
}

function name(part: FetchPart): string {
  switch (part.kind) {
    case 'head':
      return `head ${part.sessionId} ${part.throttleTimeMs}`;
    case 'partition':
      return `partition ${part.header.topic}-${part.header.partitionIndex} of ${part.header.highWatermark}${'records' in part.header ? '!' : ''}`;
    case 'batch':
      return `batch ${part.topic}-${part.partition} @${part.batch.baseOffset}`;
    case 'corrupt':
      return `corrupt ${part.topic}-${part.partition} @${part.offset}`;
    case 'end':
      return `end ${part.bytes}`;
  }
}

describe('fetching over a socket', () => {
  test('the answer comes in parts, in the order of the wire', () => {
    const { socket, connection, log } = open();
    follow(log, '>', connection.fetch(request).pipe(map(name)));
    const bad = Buffer.concat([batch(30), Buffer.alloc(70, 9)]);
    const answer = answerOf(partition(0, Buffer.concat([batch(10), batch(20)])), partition(1, null), partition(2, bad));
    socket.arrive(answer);
    expect(log).toEqual([
      '> head 7 3',
      '> partition t-0 of 9',
      '> batch t-0 @10',
      '> batch t-0 @20',
      '> partition t-1 of 9',
      '> partition t-2 of 9',
      '> batch t-2 @30',
      expect.stringMatching(/^> corrupt t-2/),
      `> end ${answer.length - 4}`,
      '> completed',
    ]);
  });

  test('unsubscribing between two parts stops the rest', () => {
    const { socket, connection, log } = open();
    const subscription = connection.fetch(request).subscribe((part) => {
      log.push(name(part));
      if (part.kind === 'batch') subscription.unsubscribe();
    });
    socket.arrive(answerOf(partition(0, Buffer.concat([batch(10), batch(20)]))));
    expect(log).toEqual(['head 7 3', 'partition t-0 of 9', 'batch t-0 @10']);
  });

  test('what nobody wants any more is not even cut into batches', () => {
    const { socket, connection } = open();
    connection.fetch(request).pipe(take(1)).subscribe();
    const answer = answerOf(partition(0, Buffer.concat([batch(10), batch(20)])));
    const magic = vi.spyOn(Buffer.prototype, 'readInt8');
    socket.arrive(answer);
    expect(magic).not.toHaveBeenCalled();
  });

  test('cancelled before the answer, nothing comes', () => {
    const { socket, connection, log } = open();
    follow(log, '>', connection.fetch(request).pipe(map(name))).unsubscribe();
    socket.arrive(answerOf(partition(0, batch(10))));
    expect(log).toEqual([]);
  });
});
