import { violated, type Rule } from '../rule.ts';
import { KafkaRxError } from '../../../src/errors/index.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';
import type { StreamShadow } from '../shadow/streamShadow.ts';
import type { Ending } from '../seen.ts';

/** Errors of a partition alone, or of what its user does. */
const ofPartitions = new Set([
  'CORRUPT_MESSAGE',
  'UNSUPPORTED_COMPRESSION_TYPE',
  'OFFSET_OUT_OF_RANGE',
  'LOG_TRUNCATED',
  'NOT_ASSIGNED',
  'ALREADY_SUBSCRIBED',
  'CONSUMER_CLOSED',
  'TOPIC_AUTHORIZATION_FAILED',
]);

/**
 * A consumer ends only by unsubscription, an error that is final, `until` or `stopAt`. A stream completes only when its partition is taken away or
 * lost, its topic is gone, its consumer ends, or at its mark; it errors only with what is its own.
 */
export function terminate(): Rule {
  /** Of what topic each stream is. */
  const topics = new WeakMap<object, string | undefined>();
  return {
    see(seen, member, at, { truth }) {
      if (seen.kind === 'stream') topics.set(seen.view, truth.topicId(seen.view.topic));
      if (seen.kind === 'ends') ends(seen.ending, member, at);
      if (seen.kind === 'completed') {
        const stream = member.streams.get(seen.stream);
        const topic = stream?.view.topic ?? '';
        const isGone = member.cluster.isRenamed(topic) || truth.topicId(topic) !== (stream?.topicId ?? (stream && topics.get(stream.view)));
        if (stream !== undefined && !isGone && !mayComplete(member, stream.key))
          violated('TERM', member, `the stream of ${stream.key} completed, and nothing has taken it away`);
      }
      if (seen.kind === 'errored') {
        const stream = member.streams.get(seen.stream);
        if (stream !== undefined && member.live && !ofPartitions.has(codeOf(seen.error)) && !isOfStart(member, stream))
          violated('TERM', member, `the stream of ${stream.key} failed with ${codeOf(seen.error)}`);
      }
    },
  };
}

/** The user says where it begins, and may fail to. */
function isOfStart({ settings }: MemberShadow, { view }: StreamShadow): boolean {
  return typeof settings.startFrom === 'function' && view.position === undefined;
}

function ends(ending: Ending, member: MemberShadow, at: number): void {
  const { settings, stoppedAt } = member;
  if (ending.how === 'completed' && stoppedAt === undefined && settings.stopAt === undefined)
    violated('TERM', member, 'the consumer completed, and nobody has stopped it');
  if (ending.how !== 'errored' || ending.error === member.stopError || isTooLate(member, at)) return;
  if (mayBeHealed(ending.error)) violated('TERM', member, `the consumer ended with ${codeOf(ending.error)}, which may be healed`);
}

/** Nothing was assigned to it in time. */
function isTooLate({ settings, streams, beganAt }: MemberShadow, at: number): boolean {
  return settings.startTimeout > 0 && streams.size === 0 && at >= beganAt + settings.startTimeout;
}

/** What Kafka does not call retriable, and joining the group again heals. */
const healedByJoining = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS', 'MEMBER_ID_REQUIRED']);

/** What says that not all got through is the answer to `until`, whatever it is. */
function mayBeHealed(error: unknown): boolean {
  if (!KafkaRxError.is(error) || healedByJoining.has(error.code)) return true;
  return error.retriable && !['DRAIN_TIMED_OUT', 'COMMIT_FAILED'].includes(error.code);
}

function mayComplete({ stoppedAt, settings, live, standing, hopeless }: MemberShadow, key: string): boolean {
  if (!live || hopeless || stoppedAt !== undefined || settings.stopAt !== undefined) return true;
  if (settings.mode.kind === 'manual') return false;
  return !standing.owned.has(key) || (!standing.cooperative && (standing.rebalanceAt !== undefined || standing.leads));
}

function codeOf(error: unknown): string {
  return KafkaRxError.is(error) ? error.code : String(error);
}
