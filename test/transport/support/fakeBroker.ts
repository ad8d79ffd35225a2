import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { FrameCollector } from '../../../src/transport/framing.ts';

/** One request, as far as its header. */
export interface Asked {
  readonly key: number;
  readonly version: number;
  readonly id: number;
  readonly clientId: string;
  /** What follows the header. */
  readonly body: Buffer;
  readonly socket: Socket;
  /** Counts the connections from 0. */
  readonly connection: number;
}

/** Whole frames to answer with, or nothing. */
export type Answering = (asked: Asked) => Buffer | undefined;

export interface FakeBroker {
  readonly port: number;
  readonly address: string;
  /** Connections that are open now. */
  readonly open: () => number;
  /** Connections that there ever were. */
  readonly count: () => number;
  close(): Promise<void>;
}

/** Something on a port of loopback that reads Kafka's requests and answers as it is told. */
export async function fakeBroker(
  answering: Answering,
  serve: (onSocket: (socket: Socket) => void) => Server = createServer,
): Promise<FakeBroker> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = serve((socket) => {
    const connection = count;
    count += 1;
    sockets.add(socket);
    const frames = new FrameCollector();
    socket.on('data', (chunk) => {
      try {
        frames.push(chunk, (frame) => {
          const answer = answering({ ...headerOf(frame), socket, connection });
          if (answer !== undefined) socket.write(answer);
        });
      } catch {
        socket.destroy();
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('no port');
  return {
    port: at.port,
    address: `127.0.0.1:${at.port}`,
    open: () => sockets.size,
    count: () => count,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function headerOf(frame: Buffer): Omit<Asked, 'socket' | 'connection'> {
  const clientIdEnd = 10 + Math.max(0, frame.readInt16BE(8));
  return {
    key: frame.readInt16BE(0),
    version: frame.readInt16BE(2),
    id: frame.readInt32BE(4),
    clientId: frame.toString('utf8', 10, clientIdEnd),
    body: frame.subarray(clientIdEnd),
  };
}
