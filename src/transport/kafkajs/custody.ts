import type { Socket } from 'node:net';
import { ignoreErrors } from '../socket.ts';
import type { PoolConnection } from './internals.ts';

/** Our hand on the socket of one kafkajs connection, from the moment it is made. */
export interface Custody {
  /** Takes it away from kafkajs, alive and without its listeners. undefined: it is gone already. */
  release(): Socket | undefined;
  /** Destroys it, unless it was released, and leaves nothing of the attempt running. */
  abandon(): void;
}

/** The events that kafkajs listens to. */
const EVENTS = ['data', 'end', 'error', 'timeout'] as const;

/**
 * Watches over the socket that the connection is going to make.
 *
 * It is made by the socket factory of the user's Kafka, whichever that is; Nagle's algorithm is turned off. `onClosed` is called in a later task when
 * the socket closes in kafkajs's hands: if kafkajs has something better to say it has said so by then, and for some ways to close it never says
 * anything.
 */
export function custody(connection: PoolConnection, onClosed: () => void): Custody {
  const make = connection.socketFactory;
  let socket: Socket | undefined;
  let before = new Set<unknown>();
  let over = false;
  const closed = (): void => {
    setImmediate(onClosed);
  };
  connection.socketFactory = (given) => {
    // kafkajs is some microtasks on its way before it asks for a socket. What is thrown here ends its attempt and clears its timer.
    if (over) throw new Error('abandoned');
    const made = make(given);
    made.setNoDelay(true);
    // Node's own listeners and those of the user's factory. What comes on top is kafkajs's.
    before = new Set<unknown>(EVENTS.flatMap((event) => made.listeners(event)));
    made.once('close', closed);
    socket = made;
    return made;
  };
  return {
    release: () => {
      if (socket === undefined || socket.destroyed) return undefined;
      over = true;
      socket.off('close', closed);
      for (const event of EVENTS) {
        for (const listener of socket.listeners(event)) if (isListener(listener) && !before.has(listener)) socket.off(event, listener);
      }
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
