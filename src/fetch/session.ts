import { NO_TOPIC_ID } from '../model/topicPartition.ts';
import type { FetchPartition, FetchRequest } from '../protocol/apis/fetch.ts';

/** What a broker is asked of one partition. */
export interface Asked {
  readonly topic: string;
  /** All zero: not known. */
  readonly topicId: string;
  readonly partition: FetchPartition;
}

/**
 * What a broker remembers of our requests, so that each says no more than what has changed (KIP-227). It is bound to the broker, not to a connection.
 *
 * The broker goes on fetching what it was told last: a partition that is asked for no more must be forgotten, and one whose position has moved said again.
 */
export interface FetchSession {
  /** 0: none was given. */
  readonly id: number;
  /** Of the next request; 0: it says everything, and opens a new session in place of the one of that id. */
  readonly epoch: number;
  /** Topics go by their ids: a session is of one kind. */
  readonly byId: boolean;
  /** What the broker was told last, by partition. */
  readonly told: ReadonlyMap<string, Asked>;
}

export const noSession: FetchSession = { id: 0, epoch: 0, byId: false, told: new Map() };

/** The part of a request that is about the session. */
export type SessionRequest = Pick<FetchRequest, 'sessionId' | 'sessionEpoch' | 'topics' | 'forgottenTopicsData'>;

/** One request, and what the broker knows once it has answered it. */
export interface SessionStep {
  readonly request: SessionRequest;
  readonly before: FetchSession;
  readonly byId: boolean;
  readonly told: ReadonlyMap<string, Asked>;
}

const HIGHEST_EPOCH = 0x7fffffff;

/** The next request, for exactly these partitions. Pure. */
export function nextStep(session: FetchSession, wanted: readonly Asked[]): SessionStep {
  const byId = wanted.every(({ topicId }) => topicId !== NO_TOPIC_ID);
  const told = new Map(wanted.map((asked) => [keyOf(asked, byId), asked]));
  const goesOn = session.epoch > 0 && session.byId === byId && !isRenamed(session, told);
  const forgotten = goesOn ? [...session.told].filter(([key]) => !told.has(key)) : [];
  const changed = goesOn ? [...told].filter(([key, asked]) => !isSame(asked, session.told.get(key))) : [...told];
  // Whether a request goes by names or by ids is seen by what it lists: one by names says something, though it has nothing to say.
  const news = byId || changed.length + forgotten.length > 0 ? changed : [...told].slice(0, 1);
  return {
    request: {
      sessionId: session.id,
      sessionEpoch: goesOn ? session.epoch : 0,
      topics: byTopic(news, ({ partition }) => partition),
      forgottenTopicsData: byTopic(forgotten, ({ partition }) => partition.partition),
    },
    before: session,
    byId,
    told,
  };
}

/** The session after a whole answer. `sessionId`: what it says; 0: the broker keeps none, so the next request says everything again, and asks for one. */
export function afterAnswer({ request, byId, told }: SessionStep, sessionId: number): FetchSession {
  if (sessionId === 0) return noSession;
  const epoch = request.sessionEpoch === HIGHEST_EPOCH ? 1 : request.sessionEpoch + 1;
  return { id: sessionId, epoch, byId, told };
}

/** The session after a request of which we do not know what the broker made: it is opened anew, and the old one closed with that. */
export function afterFailure({ id }: FetchSession): FetchSession {
  return { ...noSession, id };
}

function keyOf({ topic, topicId, partition }: Asked, byId: boolean): string {
  return `${byId ? topicId : topic}/${String(partition.partition)}`;
}

/** A topic of that name was created anew. A broker that goes by names would forget the partition together with the old one. */
function isRenamed({ told: before }: FetchSession, told: ReadonlyMap<string, Asked>): boolean {
  const names = new Set([...told].filter(([key]) => !before.has(key)).map(([, asked]) => keyOf(asked, false)));
  return names.size > 0 && [...before].some(([key, asked]) => !told.has(key) && names.has(keyOf(asked, false)));
}

function isSame({ partition: a }: Asked, known: Asked | undefined): boolean {
  const b = known?.partition;
  return (
    b?.fetchOffset === a.fetchOffset &&
    b.partitionMaxBytes === a.partitionMaxBytes &&
    b.currentLeaderEpoch === a.currentLeaderEpoch &&
    b.lastFetchedEpoch === a.lastFetchedEpoch
  );
}

interface OfTopic<T> {
  readonly topic: string;
  readonly topicId: string;
  readonly partitions: readonly T[];
}

/** A broker serves them in this order until the answer is full: so only neighbours are put together, and a topic may be listed again. */
function byTopic<T>(all: readonly (readonly [key: string, asked: Asked])[], of: (asked: Asked) => T): readonly OfTopic<T>[] {
  const topics: (OfTopic<T> & { readonly partitions: T[] })[] = [];
  for (const [, asked] of all) {
    const { topic, topicId } = asked;
    const last = topics.at(-1);
    if (last?.topic === topic && last.topicId === topicId) last.partitions.push(of(asked));
    else topics.push({ topic, topicId, partitions: [of(asked)] });
  }
  return topics;
}
