import { VirtualTimeScheduler } from 'rxjs';
import type { Subscription } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { KafkaRxError } from '../../src/errors/index.ts';
import { fetchApi, type FetchRequest, type PartitionData } from '../../src/protocol/apis/fetch.ts';
import { encodeBatch } from '../../src/protocol/encodeBatch.ts';
import type { FetchPart } from '../../src/protocol/fetchParts.ts';
import { encodeResponse } from '../../src/protocol/header.ts';
import type { Connection } from '../../src/transport/port.ts';
import { socketConnection } from '../../src/transport/socketConnection.ts';
import { echoApi, echoed, echoVersions } from './support/echo.ts';
import { FakeSocket } from './support/fakeSocket.ts';

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

function batch(baseOffset: number): Buffer {
  return encodeBatch([{ key: null, value: Buffer.alloc(200, 'v') }], { baseOffset });
}

const batches = [batch(10), batch(20), batch(30)];

/** Two partitions, the second without records. */
function answer(id = 0): Buffer {
  const data = (partitionIndex: number, records: Buffer | null): PartitionData => ({
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
  });
  const partitions = [data(0, Buffer.concat(batches)), data(1, null)];
  const responses = [{ topic: 't', topicId: '0'.repeat(32), partitions }];
  return encodeResponse(fetchApi, 12, id, { throttleTimeMs: 0, errorCode: 0, sessionId: 0, responses, nodeEndpoints: [] });
}

/** Where the n-th batch ends in the bytes of the answer. */
function endOf(n: number): number {
  const [first = Buffer.alloc(0)] = batches;
  return answer().indexOf(first) + batches.slice(0, n + 1).reduce((sum, { length }) => sum + length, 0);
}

interface Opened {
  readonly socket: FakeSocket;
  readonly connection: Connection;
  readonly log: string[];
}

function open(scheduler = new VirtualTimeScheduler()): Opened {
  const socket = new FakeSocket();
  const log: string[] = [];
  const emitted: Connection[] = [];
  socketConnection(socket, { broker: 'b:1', clientId: 'me', versions: echoVersions }, scheduler).subscribe({
    next: (connection) => emitted.push(connection),
    error: (error: unknown) => log.push(`connection ${codeOf(error)}`),
  });
  const [connection] = emitted;
  if (connection === undefined) throw new Error('no connection');
  return { socket, connection, log };
}

function codeOf(error: unknown): string {
  return KafkaRxError.is(error) ? error.code : String(error);
}

function fetch({ connection, log }: Opened, each: (part: FetchPart) => void = () => undefined): Subscription {
  return connection.fetch(request).subscribe({
    next: (part) => {
      log.push(part.kind === 'batch' ? `batch ${part.batch.baseOffset}` : part.kind);
      each(part);
    },
    error: (error: unknown) => log.push(codeOf(error)),
    complete: () => log.push('completed'),
  });
}

describe('a fetch answer that is still arriving', () => {
  test('gives each batch with its last byte, in one buffer for all', () => {
    const opened = open();
    const memories = new Set<ArrayBufferLike>();
    fetch(opened, (part) => part.kind === 'batch' && memories.add(part.batch.memory));
    const bytes = answer();
    opened.socket.arrive(bytes.subarray(0, endOf(0) - 1));
    expect(opened.log.splice(0)).toEqual(['head', 'partition']);
    opened.socket.arrive(bytes.subarray(endOf(0) - 1, endOf(0)));
    expect(opened.log.splice(0)).toEqual(['batch 10']);
    opened.socket.arrive(bytes.subarray(endOf(0), endOf(2)));
    expect(opened.log.splice(0)).toEqual(['batch 20', 'batch 30']);
    opened.socket.arrive(bytes.subarray(endOf(2)));
    expect(opened.log).toEqual(['partition', 'end', 'completed']);
    expect([...memories].map(({ byteLength }) => byteLength)).toEqual([bytes.length - 4]);
  });

  test('the next answer in the chunk that ends it is read as well', () => {
    const opened = open();
    fetch(opened);
    opened.connection.send(echoApi, { text: 'x' }).subscribe(({ text }) => opened.log.push(text));
    const bytes = Buffer.concat([answer(), echoed(1, 'X')]);
    opened.socket.arrive(bytes.subarray(0, endOf(1)), bytes.subarray(endOf(1)));
    expect(opened.log.slice(-3)).toEqual(['end', 'completed', 'X']);
  });

  test('cancelled between two chunks, or by what a part does: the rest is passed over and the connection goes on', () => {
    for (const inside of [false, true]) {
      const opened = open();
      const subscription = fetch(opened, (part) => {
        if (inside && part.kind === 'batch') subscription.unsubscribe();
      });
      opened.connection.send(echoApi, { text: 'x' }).subscribe(({ text }) => opened.log.push(text));
      const bytes = answer();
      opened.socket.arrive(bytes.subarray(0, inside ? endOf(1) : endOf(0)));
      subscription.unsubscribe();
      opened.socket.arrive(bytes.subarray(inside ? endOf(1) : endOf(0)), echoed(1, 'X'));
      expect(opened.log).toEqual(['head', 'partition', 'batch 10', 'X']);
      expect(opened.socket.destroyed).toBe(false);
    }
  });

  test('the connection is lost in the middle: an error behind the parts that came', () => {
    const opened = open();
    fetch(opened);
    opened.socket.arrive(answer().subarray(0, endOf(1)));
    opened.socket.emit('end');
    expect(opened.log).toEqual(['head', 'partition', 'batch 10', 'batch 20', 'connection CONNECTION_LOST', 'CONNECTION_LOST']);
  });

  test('a length inside that lies fails this request alone, at once', () => {
    const opened = open();
    fetch(opened);
    opened.connection.send(echoApi, { text: 'x' }).subscribe(({ text }) => opened.log.push(text));
    const bytes = answer();
    const [first = Buffer.alloc(0)] = batches;
    const at = bytes.indexOf(first);
    // The length of the records: a varint of two bytes.
    bytes.writeUInt16BE(0xff7f, at - 2);
    opened.socket.arrive(bytes.subarray(0, at + 1));
    expect(opened.log).toEqual(['head', 'MALFORMED_RESPONSE']);
    opened.socket.arrive(bytes.subarray(at + 1), echoed(1, 'X'));
    expect(opened.log).toEqual(['head', 'MALFORMED_RESPONSE', 'X']);
  });

  test('a batch length that lies is the end of what is whole', () => {
    const opened = open();
    fetch(opened);
    const bytes = answer();
    bytes.writeInt32BE(0x7fffffff, endOf(0) + 8);
    opened.socket.arrive(...Array.from(bytes, (byte) => Buffer.from([byte])));
    expect(opened.log).toEqual(['head', 'partition', 'batch 10', 'partition', 'end', 'completed']);
  });

  test('an answer to another request drops the connection before it is whole', () => {
    const opened = open();
    fetch(opened);
    opened.socket.arrive(answer(7).subarray(0, 8));
    expect(opened.socket.destroyed).toBe(true);
    expect(opened.log).toEqual(['connection CONNECTION_LOST', 'CONNECTION_LOST']);
  });
});

describe('reading', () => {
  /** A clock on which each part takes that many ms. */
  function slow(ms: number): Opened & { readonly scheduler: VirtualTimeScheduler; readonly subscription: Subscription } {
    const scheduler = new VirtualTimeScheduler();
    let time = 0;
    scheduler.now = () => time;
    const opened = open(scheduler);
    const subscription = fetch(opened, () => (time += ms));
    return { ...opened, scheduler, subscription };
  }

  test('pauses when the time of the turn is used up, and goes on in the next', () => {
    const { socket, scheduler, log } = slow(3);
    const bytes = answer();
    socket.arrive(bytes.subarray(0, endOf(0)));
    expect(socket.paused).toBe(true);
    // The chunk that was read already.
    socket.arrive(bytes.subarray(endOf(0), endOf(1)));
    expect(log).toEqual(['head', 'partition', 'batch 10', 'batch 20']);
    scheduler.flush();
    expect(socket.paused).toBe(false);
    socket.arrive(bytes.subarray(endOf(1)));
    expect(log.at(-1)).toBe('completed');
  });

  test('never pauses while there is time', () => {
    const { socket, scheduler } = slow(1);
    socket.arrive(answer().subarray(0, endOf(0)));
    expect([socket.paused, scheduler.actions.length]).toEqual([false, 0]);
  });

  test('a connection that is closed while it rests leaves no timer', () => {
    const { socket, scheduler } = slow(9);
    socket.arrive(answer().subarray(0, endOf(0)));
    socket.emit('close');
    expect(scheduler.actions.filter((action) => !action.closed)).toHaveLength(0);
  });
});
