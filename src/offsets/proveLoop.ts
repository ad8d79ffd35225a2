import type { Observable } from 'rxjs';
import { UnknownTopicError } from '../errors/index.ts';
import { errorOf, kafkaErrorOf } from '../errors/table.ts';
import type { AutoOffsetReset } from '../model/startPosition.ts';
import {
  offsetForLeaderEpochApi,
  type OffsetForLeaderEpochResponse,
  type OffsetForLeaderPartition,
} from '../protocol/apis/offsetForLeaderEpoch.ts';
import type { Cursor } from '../table/cursor.ts';
import type { Row } from '../table/row.ts';
import { setBack } from '../table/setBack.ts';
import { truncated } from '../table/truncation.ts';
import { byTopic } from './byTopic.ts';
import { lookUpLoop, type Asking, type LookingUp } from './lookUpLoop.ts';

export interface Proving extends LookingUp {
  readonly autoOffsetReset: AutoOffsetReset;
}

/**
 * Asks one broker whether its logs are the ones that were read, for as long as it is subscribed and the broker is there (KIP-320). Only for brokers whose
 * Fetch does not tell, before version 12: there it is asked after each change of leader, before anything is taken in. The same shape as the fetch loop.
 */
export function proveLoop(proving: Proving, row: Row): Observable<never> {
  return lookUpLoop(proving, row, {
    api: offsetForLeaderEpochApi,
    line: row.doubts,
    isWanted: isUnproven,
    ask: (cursor) => new Ask(cursor),
    request: (asks: readonly Ask[]) => ({
      replicaId: -1,
      topics: byTopic(asks).map(([topic, own]) => ({ topic, partitions: own.map(questionOf) })),
    }),
    settle: (ask, response) => settle(ask, response, proving),
    unsupported: trust, // not every broker that speaks Kafka's protocol has it: then nobody can tell
  });
}

function questionOf({ partition, currentLeaderEpoch, leaderEpoch }: Ask): OffsetForLeaderPartition {
  return { partition, currentLeaderEpoch, leaderEpoch };
}

function isUnproven({ state, route }: Cursor): boolean {
  return state.kind === 'fetching' && route.unproven;
}

/** One partition in a round; `current` while its answer still means something. */
class Ask implements Asking {
  readonly cursor: Cursor;
  readonly topic: string;
  readonly partition: number;
  readonly currentLeaderEpoch: number;
  /** The epoch of the last record that was fetched. */
  readonly leaderEpoch: number;
  private readonly positionEpoch: number;

  constructor(cursor: Cursor) {
    this.cursor = cursor;
    this.topic = cursor.topic;
    this.partition = cursor.partition;
    this.currentLeaderEpoch = cursor.route.leaderEpoch;
    this.leaderEpoch = cursor.lineage.before(cursor.fetchOffset ?? 0);
    this.positionEpoch = cursor.positionEpoch;
    cursor.route.round = this;
  }

  get current(): boolean {
    const { cursor } = this;
    return cursor.route.round === this && cursor.positionEpoch === this.positionEpoch && isUnproven(cursor);
  }
}

/** The log is taken for the one that was read, until the next change of leader. */
function trust({ cursor, currentLeaderEpoch }: Ask): void {
  cursor.route.release();
  cursor.route.unproven = false;
  cursor.route.provenIn = currentLeaderEpoch;
  cursor.wakeAll();
}

function settle(ask: Ask, response: OffsetForLeaderEpochResponse, proving: Proving): void {
  const { cursor, topic, partition, leaderEpoch } = ask;
  const { context, cluster } = proving;
  const place = { topic, partition };
  const answer = response.topics.find((one) => one.topic === topic)?.partitions.find((one) => one.partition === partition);
  if (answer === undefined) {
    setBack(cursor, 'OffsetForLeaderEpoch', new UnknownTopicError(`no answer for ${cursor.key}`, { ...place, retriable: true }), context);
    return;
  }
  const { name, invalidates } = kafkaErrorOf(answer.errorCode);
  if (answer.errorCode !== 0 && !name.endsWith('AUTHORIZATION_FAILED')) {
    const error = errorOf(answer.errorCode, place);
    if (invalidates === 'metadata') cluster.invalidate();
    if (error.retriable) setBack(cursor, 'OffsetForLeaderEpoch', error, context);
    else cursor.apply({ kind: 'fail', error });
    return;
  }
  const { route, fetchOffset = 0 } = cursor;
  route.release();
  route.unproven = false;
  // -1: the leader cannot tell, or must not (before Kafka 2.3 it takes ClusterAction, which consumers do not have): no word against what was read.
  const isTold = answer.errorCode === 0 && answer.endOffset >= 0 && answer.leaderEpoch >= 0;
  if (isTold && (answer.endOffset < fetchOffset || answer.leaderEpoch < leaderEpoch)) {
    truncated(cursor, { epoch: answer.leaderEpoch, endOffset: answer.endOffset }, { ...place, offset: fetchOffset }, proving);
  } else route.provenIn = ask.currentLeaderEpoch;
  cursor.wakeAll();
}
