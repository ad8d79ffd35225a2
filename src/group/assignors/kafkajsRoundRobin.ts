import type { Assignor } from '../assignor.ts';
import { dealt } from './roundRobin.ts';

/**
 * What kafkajs does unless it is told otherwise: with it a group moves from kafkajs to here, or back, by a rolling restart.
 *
 * Subscriptions and assignments are of version 0 with empty user data, as kafkajs 2.2.4 writes them. Where all members subscribe to the
 * same topics, they get what kafkajs would give them; where they do not, kafkajs deals out partitions to members that do not subscribe,
 * where nobody reads them, and this passes such members over.
 */
export const kafkajsRoundRobin: Assignor = {
  name: 'RoundRobinAssigner',
  protocol: 'eager',
  wire: { version: 0, userData: Buffer.alloc(0) },
  assign: dealt,
};
