import { AssertionError } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import { partitionKey, type TopicPartition } from '../../model/topicPartition.ts';

/** What TestScheduler compares: what happened, and at which frame. */
interface Message {
  readonly frame: number;
  readonly notification: { readonly kind: string; readonly value?: unknown; readonly error?: unknown };
}

/** `12 fetch orders/0@0`: one line for each thing that happened, so that a difference can be read. */
function linesOf(messages: unknown): unknown {
  if (!Array.isArray(messages)) return messages;
  return messages.map((message: Message | { readonly subscribedFrame: number; readonly unsubscribedFrame: number }) => {
    if (!('notification' in message)) return `${String(message.subscribedFrame)} to ${String(message.unsubscribedFrame)}`;
    const { frame, notification } = message;
    const what = notification.kind === 'N' ? nameOf(notification.value) : notification.kind === 'E' ? `error ${nameOf(notification.error)}` : 'complete';
    return `${String(frame)} ${what}`;
  });
}

/** Throws an AssertionError that shows what was expected above what was seen, a line for each thing that happened. */
export function compareMarbles(actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  const [seen, drawn] = [linesOf(actual), linesOf(expected)];
  const message = `what happened is not what was drawn\nexpected:\n${listed(drawn)}\nseen:\n${listed(seen)}`;
  throw new AssertionError({ message, actual: seen, expected: drawn });
}

/** A record of a stream. */
export function isRecord(value: unknown): value is TopicPartition & { readonly offset: number } {
  return typeof value === 'object' && value !== null && ['topic', 'partition', 'offset', 'ack'].every((name) => name in value);
}

/** Streams by their keys, records by where they stand, errors by their codes, what else has fields as JSON. */
export function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if ('key' in value && typeof value.key === 'string') return value.key;
  if (isRecord(value)) return `${partitionKey(value.topic, value.partition)}@${String(value.offset)}`;
  if (value instanceof Error) return 'code' in value ? String(value.code) : value.message;
  return JSON.stringify(value);
}

function listed(lines: unknown): string {
  return Array.isArray(lines) ? lines.map((line) => `  ${String(line)}\n`).join('') : String(lines);
}
