import type { Context } from '../cluster/context.ts';
import type { Cluster } from '../cluster/ports.ts';
import { UnknownTopicError } from '../errors/index.ts';
import { errorOf, kafkaErrorOf } from '../errors/table.ts';
import type { TopicPartition } from '../model/topicPartition.ts';
import type { Cursor } from '../table/cursor.ts';
import { setBack } from '../table/setBack.ts';

/** What the leader of one partition is asked about its log, once; `current` while the answer still means something. */
export class Ask implements TopicPartition {
  readonly cursor: Cursor;
  readonly topic: string;
  readonly partition: number;
  /** Of the leader that is asked. */
  readonly leaderEpoch: number;
  /** A timestamp, or an epoch. */
  readonly about: number;
  private readonly positionEpoch: number;
  private readonly isWanted: (cursor: Cursor) => boolean;

  constructor(cursor: Cursor, about: number, isWanted: (cursor: Cursor) => boolean) {
    this.cursor = cursor;
    this.topic = cursor.topic;
    this.partition = cursor.partition;
    this.leaderEpoch = cursor.route.leaderEpoch;
    this.about = about;
    this.positionEpoch = cursor.positionEpoch;
    this.isWanted = isWanted;
    cursor.route.round = this;
  }

  get current(): boolean {
    const { cursor } = this;
    return cursor.route.round === this && cursor.positionEpoch === this.positionEpoch && this.isWanted(cursor);
  }
}

/** Whether it was answered. If not, it is asked again after the back-off, or its partition fails where that does not help. */
export function isAnswered<A extends { readonly errorCode: number }>(
  { cursor, topic, partition }: Ask,
  api: string,
  answer: A | undefined,
  { context, cluster }: { readonly context: Context; readonly cluster: Cluster },
): answer is A {
  const place = { topic, partition };
  if (answer === undefined) {
    setBack(cursor, api, new UnknownTopicError(`no answer for ${cursor.key}`, { ...place, retriable: true }), context);
    return false;
  }
  if (answer.errorCode === 0) return true;
  const error = errorOf(answer.errorCode, place);
  if (kafkaErrorOf(answer.errorCode).invalidates === 'metadata') cluster.invalidate();
  if (error.retriable) setBack(cursor, api, error, context);
  else cursor.apply({ kind: 'fail', error });
  return false;
}
