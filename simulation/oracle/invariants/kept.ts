import type { MemberShadow } from '../shadow/memberShadow.ts';
import type { Received, StreamShadow } from '../shadow/streamShadow.ts';
import type { Truth } from '../truth.ts';

/** What holds nothing to deliver, as of an aborted transaction, is not kept. What was in a batch of a log that is lost is not known any more. */
export function isSurelyKept(
  { view, topicId }: StreamShadow,
  { base, next, epoch }: Received,
  member: MemberShadow,
  truth: Truth,
): boolean {
  const { topic, partition } = view;
  if (topicId !== undefined && topicId !== truth.topicId(topic)) return false;
  if (epoch >= 0 && truth.epochAt(topic, partition, base) !== epoch) return false;
  return truth.deliverable(topic, partition, base, next, member.settings.isolationLevel) !== undefined;
}
