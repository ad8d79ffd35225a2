import type { Observable } from 'rxjs';
import { kafkaErrorOf } from '../errors/table.ts';
import type { AutoOffsetReset } from '../model/startPosition.ts';
import {
  offsetForLeaderEpochApi,
  type OffsetForLeaderEpochResponse,
  type OffsetForLeaderPartition,
} from '../protocol/apis/offsetForLeaderEpoch.ts';
import type { Cursor } from '../table/cursor.ts';
import type { Row } from '../table/row.ts';
import { truncated } from '../table/truncation.ts';
import { isAnswered, type Ask } from './ask.ts';
import { byTopic } from './byTopic.ts';
import { lookUpLoop, type LookingUp } from './lookUpLoop.ts';

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
    about: ({ lineage, fetchOffset = 0 }) => lineage.before(fetchOffset),
    request: (asks) => ({
      replicaId: -1,
      topics: byTopic(asks).map(([topic, own]) => ({ topic, partitions: own.map(questionOf) })),
    }),
    settle: (ask, response) => settle(ask, response, proving),
    untold: trust, // not every broker that speaks Kafka's protocol has it: then nobody can tell
  });
}

function questionOf({ partition, leaderEpoch: currentLeaderEpoch, about: leaderEpoch }: Ask): OffsetForLeaderPartition {
  return { partition, currentLeaderEpoch, leaderEpoch };
}

function isUnproven({ state, route }: Cursor): boolean {
  return state.kind === 'fetching' && route.doubt?.kind === 'unproven';
}

/** The log is taken for the one that was read, until the next change of leader. */
function trust({ cursor, leaderEpoch }: Ask): void {
  cursor.route.provenIn = leaderEpoch;
  answered(cursor);
  cursor.wakeAll();
}

function answered({ route }: Cursor): void {
  route.release();
  route.doubt = undefined;
}

function settle(ask: Ask, response: OffsetForLeaderEpochResponse, proving: Proving): void {
  const { cursor, topic, partition } = ask;
  const answer = response.topics.find((one) => one.topic === topic)?.partitions.find((one) => one.partition === partition);
  // It must not answer us: before Kafka 2.3 it takes ClusterAction, which consumers do not have.
  const isRefused = answer !== undefined && kafkaErrorOf(answer.errorCode).name.endsWith('AUTHORIZATION_FAILED');
  if (!isRefused && !isAnswered(ask, 'OffsetForLeaderEpoch', answer, proving)) return;
  const { fetchOffset: offset = 0 } = cursor;
  // -1: the leader cannot tell, which is no word against what was read.
  const isTold = !isRefused && answer.endOffset >= 0 && answer.leaderEpoch >= 0;
  if (!isTold || (answer.endOffset >= offset && answer.leaderEpoch >= ask.about)) trust(ask);
  else {
    answered(cursor);
    truncated(cursor, { epoch: answer.leaderEpoch, endOffset: answer.endOffset }, { topic, partition, offset }, proving);
    cursor.wakeAll(); // last: nothing is to be asked for at a position that is about to go
  }
}
