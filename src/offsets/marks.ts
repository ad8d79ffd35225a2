import { catchError, concat, defer, EMPTY, ignoreElements, merge, of, tap, throwError, timer, type Observable } from 'rxjs';
import { backoffDelay } from '../cluster/backoff.ts';
import type { Context } from '../cluster/context.ts';
import type { Cluster } from '../cluster/ports.ts';
import { isRetriable } from '../cluster/thrown.ts';
import { errorOf } from '../errors/table.ts';
import type { PartitionOffset } from '../model/events.ts';
import type { IsolationLevel } from '../model/startPosition.ts';
import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import { LATEST_TIMESTAMP, listOffsetsApi, type ListOffsetsResponse } from '../protocol/apis/listOffsets.ts';
import { answerFor, listOffsetsRequest, type Question } from './listOffsets.ts';

export interface Marking {
  readonly context: Context;
  readonly cluster: Cluster;
  readonly isolationLevel: IsolationLevel;
  readonly stopAt: 'end' | { readonly timestamp: number };
}

/** The ends to look up: what was found, and the partitions that still have none. */
interface Search {
  readonly found: Map<string, PartitionOffset>;
  /** By key: the partition, and the timestamp to ask for. */
  readonly open: Map<string, TopicPartition & { readonly timestamp: number }>;
}

/** Looks up where the stream of each of these partitions is to end; emits once, when all are known. Errors with what cannot be healed. */
export function lookUpMarks(marking: Marking, partitions: readonly TopicPartition[]): Observable<ReadonlyMap<string, PartitionOffset>> {
  return defer(() => {
    const timestamp = marking.stopAt === 'end' ? LATEST_TIMESTAMP : marking.stopAt.timestamp;
    const open = new Map(partitions.map((place) => [partitionKey(place.topic, place.partition), { ...place, timestamp }]));
    return searching(marking, { found: new Map(), open }, 0);
  });
}

/** Asks the leaders of what is open, and again after the back-off for what is still open then. */
function searching(marking: Marking, search: Search, failures: number): Observable<ReadonlyMap<string, PartitionOffset>> {
  return defer(() => {
    const { context, cluster } = marking;
    // Nobody selects it any more, or it matched a pattern and is gone.
    const { at, topics, errors } = cluster.view;
    for (const [key, { topic }] of search.open) if (at !== undefined && !topics.has(topic) && !errors.has(topic)) search.open.delete(key);
    if (search.open.size === 0) return of(search.found);
    const before = search.open.size;
    const round = merge(...[...byLeader(marking, search)].map(([leader, questions]) => ask(marking, search, leader, questions)));
    const next = defer(() => {
      const futile = search.open.size < before ? 1 : failures + 1;
      const delay = search.open.size === 0 ? 0 : backoffDelay(context.backoff, futile, context.random);
      const pause = delay === 0 ? EMPTY : timer(delay, context.scheduler).pipe(ignoreElements());
      return concat(pause, searching(marking, search, futile));
    });
    return concat(round, next);
  });
}

function byLeader({ cluster }: Marking, { open }: Search): ReadonlyMap<number, readonly Question[]> {
  const leaders = new Map<number, Question[]>();
  for (const place of open.values()) {
    const partition = cluster.view.topics.get(place.topic)?.partitions.get(place.partition);
    if (partition === undefined || !cluster.view.brokers.has(partition.leader)) continue;
    const questions = leaders.get(partition.leader) ?? [];
    leaders.set(partition.leader, questions);
    questions.push({ ...place, leaderEpoch: partition.leaderEpoch });
  }
  if (leaders.size === 0) cluster.invalidate();
  return leaders;
}

function ask(
  { context, cluster, isolationLevel }: Marking,
  search: Search,
  leader: number,
  questions: readonly Question[],
): Observable<never> {
  const request = listOffsetsRequest(questions, isolationLevel, context.requestTimeout);
  return cluster
    .link(leader, 'control')
    .request(listOffsetsApi, request, context.requestTimeout)
    .pipe(
      tap((response) => {
        for (const question of questions) settle(search, question, response, cluster);
      }),
      catchError((error: unknown) => {
        if (!isRetriable(error)) return throwError(() => error);
        cluster.invalidate();
        context.tell({ kind: 'retryScheduled', api: 'ListOffsets', attempt: 1, delay: 0, error });
        return EMPTY;
      }),
      ignoreElements(),
    );
}

/** No record at or after the timestamp: then the end as it is now. */
function settle({ found, open }: Search, question: Question, response: ListOffsetsResponse, cluster: Cluster): void {
  const { topic, partition, timestamp } = question;
  const key = partitionKey(topic, partition);
  const answer = answerFor(response, question);
  if (answer === undefined) return;
  if (answer.errorCode !== 0) {
    const error = errorOf(answer.errorCode, { topic, partition });
    if (!error.retriable) throw error;
    cluster.invalidate();
  } else if (answer.offset >= 0) {
    found.set(key, { topic, partition, offset: answer.offset });
    open.delete(key);
  } else if (timestamp !== LATEST_TIMESTAMP) {
    open.set(key, { topic, partition, timestamp: LATEST_TIMESTAMP });
  }
}
