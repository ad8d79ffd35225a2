import type { HasBrokers } from '../../../support/kafka.ts';
import { Scribe } from './scribe.ts';

/** Of a topic whose segments end where the scribe says, and whose log is cleaned at once. */
export const cleanedAtOnce: Readonly<Record<string, string>> = {
  'cleanup.policy': 'compact',
  'segment.ms': '500',
  'min.cleanable.dirty.ratio': '0.001',
  'min.compaction.lag.ms': '0',
  'delete.retention.ms': '0',
};

/**
 * Writes a log of which compaction leaves: nothing at its start; a batch without records; a hole in the middle, and one inside of a batch; a hole up to
 * the last stable offset, where a transaction is open. Resolves with what keeps that open.
 */
export async function writeHoles(kafka: HasBrokers, topic: string): Promise<void> {
  const scribe = new Scribe(kafka, topic);
  try {
    await scribe.write(['a', 'b', 'c']);
    await scribe.write(['a', 'b']);
    scribe.roll();
    const gone = await scribe.pen(null);
    await scribe.write(['a', 'b', 'c', 'd', 'e'], gone); // the last of its producer: it stays, and has nothing in it
    scribe.roll();
    await scribe.write(['a', 'stays-1', 'b']);
    await scribe.write(['c', 'd']);
    scribe.roll();
    await scribe.write(['a', 'b', 'c', 'd', 'e', 'stays-2']);
    scribe.roll();
    await leaveOpenBehindHole(scribe, topic);
  } finally {
    scribe.close();
  }
}

/** What was aborted goes at once, and its last batch and its marker lie behind the beginning of the transaction that stays open. */
async function leaveOpenBehindHole(scribe: Scribe, topic: string): Promise<void> {
  const aborted = await scribe.pen(`${topic}-aborted`);
  const open = await scribe.pen(`${topic}-open`);
  await scribe.begin(aborted);
  await scribe.write(['x', 'y', 'z'], aborted);
  await scribe.write(['x', 'y'], aborted);
  scribe.roll();
  await scribe.begin(open);
  await scribe.write(['open'], open);
  await scribe.write(['z'], aborted);
  await scribe.end(false, aborted);
  await scribe.write(['behind']);
}
