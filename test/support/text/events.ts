import type { ConsumerEvent } from '../../../src/model/events.ts';
import { codeOf, nameOf } from './member.ts';

/** An event in words: `stalled orders/0 window`, `committed orders/0=2`. */
export function describeEvent(event: ConsumerEvent): string {
  switch (event.kind) {
    case 'assigned':
    case 'revoked':
    case 'lost':
    case 'revokeRequested':
      return [event.kind, ...event.partitions.map(nameOf)].join(' ');
    case 'committed':
      return [event.kind, ...event.offsets.map(offsetOf)].join(' ');
    case 'commitFailed':
      return [event.kind, ...event.offsets.map(offsetOf), codeOf(event.error)].join(' ');
    case 'positioned':
      return `${event.kind} ${nameOf(event)}@${String(event.to)} ${event.reason}`;
    case 'delivered':
      return `${event.kind} ${nameOf(event)}@${String(event.firstOffset)}..${String(event.lastOffset)}`;
    case 'commitHeldBack':
      return `${event.kind} ${nameOf(event)}@${String(event.offset)}`;
    case 'unattended':
    case 'stalled':
    case 'recovered':
      return `${event.kind} ${nameOf(event)} ${event.reason.replaceAll(' ', '-')}`;
    case 'failed':
      return `${event.kind} ${nameOf(event)} ${codeOf(event.error)}`;
    case 'retryScheduled':
      return `${event.kind} ${event.api} in ${String(event.delay)}ms`;
    case 'throttled':
      return `${event.kind} ${event.broker} for ${String(event.delay)}ms`;
    case 'connected':
    case 'disconnected':
    case 'fetched':
      return `${event.kind} ${event.broker}`;
    case 'joined':
      return `${event.kind} in ${String(event.generation)}`;
    case 'closed':
      return `${event.kind} ${event.how}`;
    default:
      return event satisfies never;
  }
}

function offsetOf(of: { readonly topic: string; readonly partition: number; readonly offset: number }): string {
  return `${nameOf(of)}=${String(of.offset)}`;
}
