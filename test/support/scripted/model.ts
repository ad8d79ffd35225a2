import type { ScriptedLog } from './log.ts';

/** What the script does to a request instead of an answer: an error by Kafka's name, a broken connection, nothing at all; or only later. */
export type Fault = string | { readonly delay: number };

/** Breaks the connection. */
export const RESET = 'reset';
/** Is never answered; nor is what stands behind it on the same connection. */
export const NEVER_ANSWERED = 'never';

export interface ScriptedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly log: ScriptedLog;
  /** Node id; -1: none. */
  leader: number;
  epoch: number;
  /** Error names that the next fetches of it are answered with, one each. */
  readonly errors: string[];
}

/** One line of what goes over the wire. */
export interface Line {
  /** `fetch orders/0@0`, `commit orders/0=3 in 1`, `connect b1`. */
  readonly text: string;
  /** Kafka's name of the API; `Bootstrap`, `Connect` or `Disconnect`. */
  readonly api: string;
  readonly node: number;
  readonly request: unknown;
}

export function nameOf(node: number): string {
  return `b${String(node)}`;
}
