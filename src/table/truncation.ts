import type { Context } from '../cluster/context.ts';
import { BrokerError, type ErrorDetails } from '../errors/index.ts';
import type { AutoOffsetReset } from '../model/startPosition.ts';
import type { EpochEndOffset } from '../protocol/apis/fetch.ts';
import type { Cursor } from './cursor.ts';
import { located } from './located.ts';

/** What is done about a log that was cut below what was read of it. */
export interface TruncationPolicy {
  readonly context: Context;
  readonly autoOffsetReset: AutoOffsetReset;
}

/**
 * The leader's log has that epoch up to that offset, and what was read of it behind is not there any more (unclean leader election; KIP-320). Records that were
 * fetched and not delivered are dropped: they are not in the log. Never silent: the position is announced, also where it stays.
 *
 * Where something was delivered that is gone, it is for `autoOffsetReset` to say: `earliest` goes on with the first record that was not read of this log, or that is
 * not acked, whichever comes first; `latest` at its end, unless something that is still in the log is not acked; `none` fails the partition, and `seek` takes it on.
 */
export function truncated(
  cursor: Cursor,
  diverging: EpochEndOffset,
  place: ErrorDetails,
  { context, autoOffsetReset }: TruncationPolicy,
): void {
  const { held, lineage, topic, partition } = cursor;
  const end = lineage.partsAt(diverging);
  held.dropUndelivered();
  cursor.endsAt(end);
  const { position = 0, fetchOffset = 0, needed = 0 } = cursor;
  if (position > end && autoOffsetReset === 'none') {
    cursor.apply({ kind: 'fail', error: logTruncated(cursor, end, Math.min(end, needed), place) });
  } else if (needed >= end && position > end && autoOffsetReset === 'latest') {
    cursor.relocate({ kind: 'place', at: 'latest' }, 'truncated');
  } else if (fetchOffset > end || cursor.stretch > end) {
    // at most once, what is not there any more may be committed already: then it is taken back
    const to = Math.min(end, needed);
    const epoch = to > 0 && to === diverging.endOffset ? diverging.epoch : lineage.before(to); // the leader's own word, where it is about that place
    cursor.relocate({ kind: 'place', at: { offset: to } }, 'truncated');
    located(cursor, to, epoch, context);
  } else {
    lineage.cut(fetchOffset);
    cursor.balance();
    cursor.pass();
    context.tell({ kind: 'positioned', topic, partition, from: position, to: position, reason: 'truncated' });
  }
}

/** `on`: from where nothing of the log is missed, and no commit passes what is not acked. */
function logTruncated({ key }: Cursor, end: number, on: number, place: ErrorDetails): Error {
  const words = `the log of ${key} was truncated to offset ${String(end)}, below what was read of it (unclean leader election)`;
  return new BrokerError('LOG_TRUNCATED', words, { ...place, advice: `seek({ offset: ${String(on)} }) to read on from there.` });
}
