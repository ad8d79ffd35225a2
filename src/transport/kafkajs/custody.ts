import type { Socket } from 'node:net';
import { ignoreErrors } from '../socket.ts';
import { greetingOf } from './greeting.ts';
import type { PoolConnection } from './internals.ts';

/** Our hand on the socket of one kafkajs connection, from the moment it is made. */
export interface Custody {
  /** Takes it away from kafkajs, alive and without its listeners. undefined: it is gone already. */
  release(): Socket | undefined;
  /** Destroys it, unless it was released, and leaves nothing of the attempt running. */
  abandon(): void;
}

/** What may happen to the socket while it is in kafkajs's hands. Each ends the attempt. */
export interface Mishaps {
  /**
   * It closed. Told in a later task: if kafkajs has something better to say it has said so by then, and for some ways to close it never says
   * anything.
   */
  closed(): void;
  /** What came first is no answer of a broker. */
  greeted(by: 'tls' | 'strange'): void;
}

/** The events that kafkajs listens to. */
const EVENTS = ['data', 'end', 'error', 'timeout'] as const;

/**
 * Watches over the socket that the connection is going to make.
 *
 * It is made by the socket factory of the user's Kafka, whichever that is; Nagle's algorithm is turned off.
 */
export function custody(connection: PoolConnection, mishaps: Mishaps): Custody {
  const make = connection.socketFactory;
  let socket: Socket | undefined;
  let before = new Set<unknown>();
  let over = false;
  const closed = (): unknown => setImmediate(() => mishaps.closed());
  const greeted = (first: Buffer): void => {
    const by = greetingOf(first);
    if (by !== 'kafka') mishaps.greeted(by);
  };
  connection.socketFactory = (given) => {
    // kafkajs is some microtasks on its way before it asks for a socket. What is thrown here ends its attempt and clears its timer.
    if (over) throw new Error('abandoned');
    const made = make(given);
    made.setNoDelay(true);
    // Node's own listeners and those of the user's factory. What comes on top is kafkajs's and ours.
    before = new Set<unknown>(EVENTS.flatMap((event) => made.listeners(event)));
    made.once('close', closed);
    made.once('data', greeted);
    socket = made;
    return made;
  };
  return {
    release: () => {
      if (over || socket === undefined || socket.destroyed) return undefined;
      over = true;
      socket.off('close', closed);
      silenceAllBut(before, socket);
      letGo(connection);
      return socket;
    },
    abandon: () => {
      if (over) return;
      over = true;
      connection.rejectRequests(new Error('abandoned'));
      if (socket !== undefined) breakUp(socket);
      letGo(connection);
    },
  };
}

function silenceAllBut(spared: ReadonlySet<unknown>, socket: Socket): void {
  for (const event of EVENTS) {
    for (const listener of socket.listeners(event)) if (isListener(listener) && !spared.has(listener)) socket.off(event, listener);
  }
}

/** kafkajs clears the timer of its connection time-out when it hears of an error; of a socket that was just destroyed it hears nothing. */
function breakUp(socket: Socket): void {
  const error = new Error('abandoned');
  ignoreErrors(socket);
  if (socket.destroyed) socket.emit('error', error);
  else socket.destroy(error);
}

/** Its request queue has timers, and its status would have it use the socket again. */
function letGo(connection: PoolConnection): void {
  connection.requestQueue.destroy();
  connection.connectionStatus = 'disconnected';
  connection.socket = undefined;
}

function isListener(value: unknown): value is () => void {
  return typeof value === 'function';
}
