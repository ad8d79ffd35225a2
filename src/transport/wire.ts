import { ConnectionError } from '../errors/index.ts';
import { Answers, type Waiter } from './answers.ts';
import { FrameCollector } from './framing.ts';
import { listen, type SocketLike } from './socket.ts';

/** A socket that carries requests and their answers. */
export interface Wire {
  /** Why it is gone. */
  readonly lost: ConnectionError | undefined;
  /** The correlation id of the next request. */
  readonly nextId: number;
  /** Sends a request that was encoded with `nextId`. Returns what cancels: the answer is passed over when it comes. */
  send(bytes: Buffer, waiter: Waiter): () => void;
  /** Destroys the socket at once and fails who waits. Idempotent. */
  close(): void;
}

/** Takes the socket over. `onLost` is called once, when it ends for whatever reason. */
export function openWire(socket: SocketLike, broker: string, onLost: (error: ConnectionError) => void): Wire {
  const answers = new Answers();
  const frames = new FrameCollector();
  let lost: ConnectionError | undefined;
  // The order matters. The state is written and the socket gone before anybody hears of it; and who shares the connection hears of it before those
  // who wait on it, so that one of them who asks again at once is given a new connection.
  const lose = (why: string, cause?: unknown): void => {
    if (lost !== undefined) return;
    lost = new ConnectionError('CONNECTION_LOST', `the connection to ${broker} ${why}`, { broker, cause });
    stopListening();
    socket.destroy();
    onLost(lost);
    answers.failAll(lost);
  };
  const stopListening = listen(socket, {
    data: (chunk) => {
      try {
        // An answer may make its receiver close the connection: what follows it in the chunk is nobody's then.
        frames.push(chunk, (frame) => lost ?? answers.take(frame)?.answer(frame));
      } catch (error) {
        lose(`was dropped: ${error instanceof Error ? error.message : 'reading failed'}`, error);
      }
    },
    end: () => lose('was closed by the broker'),
    error: (error) => lose(`failed: ${error.message}`, error),
    close: () => lose('is closed'),
  });
  socket.setNoDelay(true);
  return {
    get lost() {
      return lost;
    },
    get nextId() {
      return answers.nextId;
    },
    send: (bytes, waiter) => {
      const id = answers.expect(waiter);
      socket.write(bytes);
      return () => answers.cancel(id);
    },
    close: () => lose('was closed'),
  };
}
