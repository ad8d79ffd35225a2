import { connect } from 'node:net';
import type { Socket } from 'node:net';

const API_VERSIONS = 18;
const METADATA = 3;

/** A request of version `version` with the body given; no client id. */
function request(key: number, version: number, body: Buffer): Buffer {
  const head = Buffer.alloc(14);
  head.writeInt32BE(10 + body.length, 0);
  head.writeInt16BE(key, 4);
  head.writeInt16BE(version, 6);
  head.writeInt32BE(key, 8); // the correlation id
  head.writeInt16BE(-1, 12);
  return Buffer.concat([head, body]);
}

/** MetadataResponse v1 => [node_id host port rack] … */
function nodeIds(response: Buffer): readonly number[] {
  let at = 4;
  const take = (bytes: number): number => {
    at += bytes;
    return at - bytes;
  };
  const int32 = (): number => response.readInt32BE(take(4));
  const skipString = (): void => {
    const length = response.readInt16BE(take(2));
    take(Math.max(0, length));
  };
  return Array.from({ length: int32() }, () => {
    const id = int32();
    skipString(); // host
    int32(); // port
    skipString(); // rack, nullable
    return id;
  });
}

function frames(received: Buffer): readonly Buffer[] {
  const whole: Buffer[] = [];
  for (let at = 0; received.length - at >= 4 && received.length - at - 4 >= received.readInt32BE(at);) {
    const end = at + 4 + received.readInt32BE(at);
    whole.push(received.subarray(at + 4, end));
    at = end;
  }
  return whole;
}

function answers(socket: Socket, count: number, deadline: number): Promise<readonly Buffer[]> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    socket.setTimeout(deadline, () => socket.destroy(new Error(`no answer within ${deadline} ms`)));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection was closed')));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const whole = frames(received);
      if (whole.length >= count) resolve(whole);
    });
  });
}

/** Asks one broker for ApiVersions and Metadata; resolves with the ids of the brokers that it believes to be alive. `deadline`: ms of silence. */
export async function nodesKnownBy(address: string, deadline = 1_000): Promise<readonly number[]> {
  const [host = '', port = ''] = address.split(/:(?=\d+$)/);
  const socket = connect({ host, port: Number(port) });
  try {
    socket.write(Buffer.concat([request(API_VERSIONS, 0, Buffer.alloc(0)), request(METADATA, 1, Buffer.alloc(4))]));
    const [versions, metadata] = await answers(socket, 2, deadline);
    if (versions === undefined || metadata === undefined) throw new Error('no answer');
    const errorCode = versions.readInt16BE(4);
    if (errorCode !== 0) throw new Error(`ApiVersions answered with error ${errorCode}`);
    return nodeIds(metadata);
  } finally {
    socket.destroy();
  }
}
