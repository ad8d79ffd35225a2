import type { FetchRequest } from '../protocol/apis/fetch.ts';
import type { Cursor } from '../table/cursor.ts';
import { fetchRequest, type FetchSettings } from './request.ts';
import type { SessionRequest } from './session.ts';

/**
 * Whether nothing may be left up to the last stable offset, as where compaction took what was aborted (Kafka 3.9). An answer without bytes is no proof: a broker has
 * other reasons for one. But at the last stable offset a transaction is open, whose records read_uncommitted shows: where these are the next, there is nothing
 * before them.
 */
export function isBeforeHole({ route, fetchOffset = 0, end = -1 }: Cursor): boolean {
  return route.nothingAt === fetchOffset && end > fetchOffset;
}

/** Shows the next batch of one partition, whatever it is, at once. What it brings is not delivered. */
export function lookRequest(session: SessionRequest, settings: FetchSettings): FetchRequest {
  return fetchRequest(session, { ...settings, isolationLevel: 'read_uncommitted', maxBytes: 1 }, 0, '');
}
