import type { ClusterView } from '../cluster/view.ts';
import { ConnectionError, KafkaRxError, RequestTimeoutError, UnknownTopicError } from '../errors/index.ts';
import { noneReached } from '../errors/noneReached.ts';
import { errorOf, kafkaErrorOf } from '../errors/table.ts';

const UNKNOWN_TOPIC_OR_PARTITION = 3;

/** What was asked for. `partition` is absent where all of them were. */
export interface Wanted {
  readonly topic: string;
  readonly partition?: number;
}

/** Why a topic will not be there however long one waits: it may not be read, or cannot exist. undefined: it may come. */
export function refusedTopic(wanted: readonly Wanted[], view: ClusterView): KafkaRxError | undefined {
  for (const { topic } of wanted) {
    const code = view.errors.get(topic) ?? 0;
    if (code !== 0 && !kafkaErrorOf(code).retriable) return errorOf(code, { topic });
  }
  return undefined;
}

/**
 * Why there was no assignment within `waited`: the first of what is missing in the cluster, what a broker answered, and that none did.
 *
 * `troubles`: the last errors that were healed meanwhile, of each kind.
 */
export function startFailure(wanted: readonly Wanted[], view: ClusterView, troubles: readonly Error[], waited: number): Error {
  const after = `${String(waited)} ms`;
  return (
    unknownTopic(wanted, view, troubles, after) ?? answered(troubles) ?? noneReached(`no consumer after ${after}`, withReason(troubles))
  );
}

function unknownTopic(wanted: readonly Wanted[], view: ClusterView, troubles: readonly Error[], after: string): Error | undefined {
  if (view.at === undefined) return undefined;
  const missing = wanted.filter(({ topic, partition }) => {
    const known = view.topics.get(topic);
    return known === undefined || (partition !== undefined && !known.partitions.has(partition));
  });
  const [first] = missing;
  if (first === undefined) return undefined;
  const words = missing.map(({ topic, partition }) => {
    const name = partition === undefined ? topic : `${topic}-${String(partition)}`;
    return `${name} (${kafkaErrorOf(view.errors.get(topic) ?? UNKNOWN_TOPIC_OR_PARTITION).name})`;
  });
  const cause = troubles.length === 0 ? undefined : new AggregateError(troubles, 'what failed meanwhile');
  return new UnknownTopicError(`the cluster does not have ${words.join(', ')} after ${after}`, {
    topic: first.topic,
    partition: first.partition,
    cause,
  });
}

/** The last thing that failed, if a broker did answer. */
function answered(troubles: readonly Error[]): KafkaRxError | undefined {
  const last = troubles.at(-1);
  if (!KafkaRxError.is(last) || last instanceof ConnectionError || last instanceof RequestTimeoutError) return undefined;
  return last;
}

function withReason(troubles: readonly Error[]): readonly Error[] {
  return troubles.length === 0 ? [new Error('no partition was assigned')] : troubles;
}
