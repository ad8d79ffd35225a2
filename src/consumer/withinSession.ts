import type { Backoff } from '../cluster/backoff.ts';
import type { ConsumerSettings } from './settings.ts';

/**
 * The back-off of a consumer, for a member of a group at most a quarter of its session: a coordinator that comes back after a while begins all
 * sessions anew, and has to hear of us within one, though we wait to look for it, to connect to it and to send.
 */
export function withinSession({ mode, backoff }: Pick<ConsumerSettings, 'mode' | 'backoff'>): Backoff {
  if (mode.kind !== 'group') return backoff;
  return { ...backoff, max: Math.min(backoff.max, Math.max(backoff.initial, mode.sessionTimeout / 4)) };
}
