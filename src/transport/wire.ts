import type { SchedulerLike, Subscription } from 'rxjs';
import { ConnectionError } from '../errors/index.ts';
import { Answers, type Waiter } from './answers.ts';
import { FrameCollector } from './framing.ts';
import { listen, type SocketLike } from './socket.ts';
import { Turn } from './turn.ts';

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

export interface Peer {
  /** `host:port`. */
  readonly broker: string;
  /** What to look at if it hangs up before it has answered anything. */
  readonly unanswered?: string;
}

type OnLost = (error: ConnectionError) => void;

/**
 * Takes the socket over. `onLost` is called once, when it ends for whatever reason. `scheduler`: it reads no longer in one turn of the event loop than
 * it may, and goes on in the next.
 */
export function openWire(socket: SocketLike, { broker, unanswered }: Peer, onLost: OnLost, scheduler: SchedulerLike): Wire {
  const answers = new Answers();
  let lost: ConnectionError | undefined;
  // The order matters. The state is written and the socket gone before anybody hears of it; and who shares the connection hears of it before those
  // who wait on it, so that one of them who asks again at once is given a new connection.
  const lose = (why: string, cause?: unknown, advice?: string): void => {
    if (lost !== undefined) return;
    lost = new ConnectionError('CONNECTION_LOST', `the connection to ${broker} ${why}`, { broker, cause, advice });
    pace.stop();
    stopListening();
    socket.destroy();
    onLost(lost);
    answers.failAll(lost);
  };
  const hint = (): string | undefined => (answers.unanswered ? unanswered : undefined);
  const read = reader(answers, (error) => lose(`was dropped: ${error instanceof Error ? error.message : 'reading failed'}`, error));
  const pace = paced(socket, scheduler, () => lost === undefined);
  const stopListening = listen(socket, {
    data: (chunk) => pace.work(() => read(chunk)),
    end: () => lose('was closed by the broker', undefined, hint()),
    error: (error) => lose(`failed: ${error.message}`, error, hint()),
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

/** Takes chunks in. `failed`: what comes cannot be read. */
function reader(answers: Answers, failed: (error: unknown) => void): (chunk: Buffer) => void {
  const frames = new FrameCollector();
  return (chunk) => {
    try {
      // An answer may make its receiver close the connection. What follows it in the chunk has no waiter then.
      frames.push(
        chunk,
        (frame) => answers.take(frame)?.answer(frame),
        (frame, filled) => answers.arriving(frame, filled),
      );
    } catch (error) {
      failed(error);
    }
  };
}

/** Work on a socket that takes no longer in one turn of the event loop than it may: the socket pauses, and goes on in the next. */
function paced(socket: SocketLike, scheduler: SchedulerLike, open: () => boolean): { work(work: () => void): void; stop(): void } {
  const turn = Turn.of(scheduler);
  let resting: Subscription | undefined;
  return {
    work: (work) => {
      turn.begin(scheduler.now());
      let left = 0;
      try {
        work();
      } finally {
        left = turn.end(scheduler.now());
      }
      if (left > 0 || resting !== undefined || !open()) return;
      socket.pause();
      resting = turn.next(() => {
        resting = undefined;
        socket.resume();
      });
    },
    stop: () => resting?.unsubscribe(),
  };
}
