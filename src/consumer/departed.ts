import { defer, ignoreElements, tap, type Observable } from 'rxjs';
import { isOtherTopic } from '../cluster/metadata.ts';
import type { ClusterView } from '../cluster/view.ts';
import { PartitionLostError } from '../errors/index.ts';
import { errorOf } from '../errors/table.ts';
import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import type { Cursor } from '../table/cursor.ts';
import { assignAgain } from './assignment.ts';
import { heldBy, type Engine } from './engine.ts';
import { fateOf, type Fate } from './fate.ts';

/** A partition that was lost with its topic, which had that id. */
interface Departed extends TopicPartition {
  readonly topicId: string;
}

/**
 * Follows the topics as they go and come again, with each view. Never emits.
 *
 * The partitions of a topic that is gone are lost: nothing of them may be delivered any more, nor committed, since an offset of the old topic means
 * something else in a new one of the same name. They are still assigned, by the group or by the user. So when there is such a topic again they begin
 * again, at its beginning; where the group has assigned anew meanwhile, as it says.
 */
export function followTopics(engine: Engine): Observable<never> {
  return defer(() => {
    const { table, cluster } = engine;
    /** What was lost under the present assignment and may come again. */
    const departed = new Map<string, Departed>();
    const missed = new Map<string, number>();
    let answeredAt: number | undefined;
    let assignedIn = table.membership?.generation;
    return cluster.views.pipe(
      tap((view) => {
        if (table.membership?.generation !== assignedIn) departed.clear();
        assignedIn = table.membership?.generation;
        forget(engine, view);
        for (const fate of ['deleted', 'recreated'] as const) {
          const gone = heldBy(engine).filter(({ topic, route }) => fateOf(topic, route.topicId, view) === fate);
          for (const { key, topic, partition, route, over } of gone)
            if (!over) departed.set(key, { topic, partition, topicId: route.topicId });
          lose(engine, gone, fate);
        }
        table.reroute(view);
        resume(engine, departed, view);
        if (view.at !== answeredAt) announce(engine, missed, view); // what a leader's own word adds is no answer
        answeredAt = view.at;
      }),
      ignoreElements(),
    );
  });
}

/** Between two assignments it is for the next one to say whose they are. */
function resume(engine: Engine, departed: Map<string, Departed>, view: ClusterView): void {
  const { table, membership, stopping } = engine;
  if (stopping || (membership !== undefined && membership.state().kind !== 'stable')) return;
  const back = [...departed.values()].filter(({ topic, partition }) => view.topics.get(topic)?.partitions.has(partition) === true);
  for (const { topic, partition } of back) departed.delete(partitionKey(topic, partition));
  const free = back.filter(({ topic, partition }) => table.find(topic, partition) === undefined);
  // A commit that was under way while the topic was exchanged stands now for a place in the new one, where it means nothing.
  const isAnother = ({ topic, topicId }: Departed): boolean => isOtherTopic(topicId, view.topics.get(topic)?.id ?? topicId);
  if (free.length > 0)
    assignAgain(engine, free, (place) =>
      free.some((one) => one.topic === place.topic && one.partition === place.partition && isAnother(one)),
    );
}

/** Says of each topic that was named and is not there that it is looked for, and about when it is asked for next. */
function announce({ subscription, context }: Engine, missed: Map<string, number>, { errors }: ClusterView): void {
  const { initial, max } = context.backoff;
  for (const topic of subscription.selection?.names ?? []) {
    const code = errors.get(topic);
    if (code === undefined) {
      missed.delete(topic);
      continue;
    }
    const attempt = (missed.get(topic) ?? 0) + 1;
    missed.set(topic, attempt);
    context.tell({
      kind: 'retryScheduled',
      api: 'Metadata',
      topic,
      attempt,
      delay: Math.min(max, initial * 2 ** Math.max(0, attempt - 2)),
      error: errorOf(code, { topic }),
    });
  }
}

function lose(engine: Engine, cursors: readonly Cursor[], fate: Fate): void {
  const { table, context } = engine;
  if (cursors.length === 0) return;
  const how = fate === 'deleted' ? 'was deleted' : 'was deleted and created again';
  for (const cursor of cursors) {
    const { topic, partition, key } = cursor;
    cursor.abort.abort(new PartitionLostError(`${key} was lost: the topic ${how}`, { topic, partition }));
    table.release(cursor);
  }
  context.tell({ kind: 'lost', partitions: cursors.map(({ topic, partition }) => ({ topic, partition })), reason: fate });
}

/** What was known at the start of a topic that is gone is true of nothing any more: who comes again is new, and nobody waits for its marks. */
function forget(engine: Engine, view: ClusterView): void {
  const gone = [...engine.original].filter(([topic, { id }]) => fateOf(topic, id, view) !== undefined).map(([topic]) => topic);
  if (gone.length === 0) return;
  engine.original = new Map([...engine.original].filter(([topic]) => !gone.includes(topic)));
  if (engine.marks !== undefined) engine.marks = new Map([...engine.marks].filter(([, { topic }]) => !gone.includes(topic)));
}
