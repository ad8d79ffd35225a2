import type { PartitionData } from '../../../protocol/apis/fetch.ts';
import type { FetchRequestAll } from '../../../protocol/apis/fetchAll.ts';
import type { Call } from '../call.ts';
import { askedIn, forgottenIn, IDS_SINCE, type Asked } from './asked.ts';
import { nextEpoch, type FetchSession, type FetchSessions, type SessionPartition } from './sessions.ts';

/** What is answered for a partition. */
export interface Answered {
  readonly asked: Asked;
  readonly data: PartitionData;
}

/** What is told of a fetch, and the session that goes on with it; 0: none. */
export interface Told {
  readonly error?: string;
  readonly sessionId: number;
  readonly answered: readonly Answered[];
}

/** What a fetch is for. */
export type FetchContext =
  | { readonly kind: 'error'; readonly error: string }
  /** `told`: what of it is told, once it has been read. It writes into the session. */
  | { readonly kind: 'fetch'; readonly partitions: readonly Asked[]; readonly told: (answered: readonly Answered[], now: number) => Told };

const NEW_SESSION = 0;
const NO_SESSION = -1;

/** Takes a request in: where it goes on with a session, that learns what it lists and forgets. A wrong epoch leaves the session as it is. */
export function contextOf(call: Call<FetchRequestAll>, sessions: FetchSessions): FetchContext {
  const { request, version } = call;
  const { sessionId, sessionEpoch } = request;
  const listed = askedIn(call.cluster, version, request);
  if (sessionEpoch === NEW_SESSION || sessionEpoch === NO_SESSION) {
    sessions.close(sessionId);
    return sessionEpoch === NO_SESSION ? sessionless(listed) : opening(call, sessions, listed);
  }
  const session = sessions.get(sessionId);
  if (session === undefined) return { kind: 'error', error: 'FETCH_SESSION_ID_NOT_FOUND' };
  if (session.request === request) return goingOn(call, session);
  if (session.epoch !== sessionEpoch) return { kind: 'error', error: 'INVALID_FETCH_SESSION_EPOCH' };
  if (session.usesTopicIds !== version >= IDS_SINCE) return { kind: 'error', error: 'FETCH_SESSION_TOPIC_ID_ERROR' };
  learn(session, listed, forgottenIn(version, request));
  if (session.partitions.size === 0) {
    sessions.close(sessionId);
    return sessionless(listed);
  }
  session.usedAt = call.now;
  session.request = request;
  session.epoch = nextEpoch(session.epoch);
  return goingOn(call, session);
}

function sessionless(partitions: readonly Asked[]): FetchContext {
  return { kind: 'fetch', partitions, told: (answered) => ({ sessionId: 0, answered }) };
}

/** The session begins with what is answered, in the order of the answer. */
function opening({ cluster, node, version }: Call<FetchRequestAll>, sessions: FetchSessions, partitions: readonly Asked[]): FetchContext {
  const told = (answered: readonly Answered[], now: number): Told => {
    const slots = cluster.settings.fetchSessionSlots;
    const session = sessions.open({ node, now, slots }, version >= IDS_SINCE, answered.length);
    for (const { asked, data } of answered) {
      session?.partitions.set(asked.key, { ...remembered(asked), highWatermark: data.highWatermark, logStartOffset: data.logStartOffset });
    }
    return { sessionId: session?.id ?? 0, answered };
  };
  return { kind: 'fetch', partitions, told };
}

/** Only what is new is told (KIP-227), and nothing if the session has gone on without this request. */
function goingOn({ cluster, request }: Call<FetchRequestAll>, session: FetchSession): FetchContext {
  for (const partition of session.partitions.values()) {
    if (session.usesTopicIds) partition.topic ??= cluster.findById(partition.topicId)?.name;
  }
  const partitions = [...session.partitions.values()].map(({ key, topic, topicId, asked }) => ({ key, topic, topicId, partition: asked }));
  const told = (answered: readonly Answered[]): Told => {
    if (session.epoch !== nextEpoch(request.sessionEpoch))
      return { error: 'INVALID_FETCH_SESSION_EPOCH', sessionId: session.id, answered: [] };
    return { sessionId: session.id, answered: answered.filter(({ asked, data }) => isNews(session, asked.key, data)) };
  };
  return { kind: 'fetch', partitions, told };
}

function learn({ partitions }: FetchSession, listed: readonly Asked[], forgotten: readonly string[]): void {
  for (const asked of listed) {
    const known = partitions.get(asked.key);
    if (known === undefined) partitions.set(asked.key, remembered(asked));
    else known.asked = asked.partition;
  }
  for (const key of forgotten) partitions.delete(key);
}

function remembered({ key, topic, topicId, partition }: Asked): SessionPartition {
  return { key, topic, topicId, asked: partition, highWatermark: -1, logStartOffset: -1 };
}

/** Whether the client has to be told of that: then it has been. */
function isNews({ partitions }: FetchSession, key: string, data: PartitionData): boolean {
  const known = partitions.get(key);
  if (known === undefined) return true;
  const hasRecords = data.records !== null && data.records.length > 0;
  const moved = known.highWatermark !== data.highWatermark || known.logStartOffset !== data.logStartOffset;
  known.logStartOffset = data.logStartOffset;
  known.highWatermark = data.highWatermark; // -1 with an error, so that the partition is told when that is over
  if (hasRecords) {
    partitions.delete(key);
    partitions.set(key, known); // the others have their turn first
  }
  return hasRecords || moved || data.errorCode !== 0 || data.preferredReadReplica >= 0 || data.divergingEpoch.epoch >= 0;
}
