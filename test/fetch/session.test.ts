import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterAnswer,
  afterFailure,
  nextStep,
  noSession,
  type Asked,
  type FetchSession,
  type SessionRequest,
} from '../../src/fetch/session.ts';
import { NO_ID } from '../support/noId.ts';

const idOf = (topic: string): string => topic.repeat(32);

function asked(topic: string, partition: number, fetchOffset = 0, topicId = idOf(topic)): Asked {
  return {
    topic,
    topicId,
    partition: { partition, currentLeaderEpoch: 1, fetchOffset, lastFetchedEpoch: 1, logStartOffset: -1, partitionMaxBytes: 1_000 },
  };
}

/** What a broker keeps of sessions: by the rules of KIP-227 alone. First it learns what is listed, then it forgets. */
class Broker {
  private readonly sessions = new Map<number, { epoch: number; readonly partitions: Map<string, string> }>();
  private count = 0;
  slots = 1;
  byIds = true;

  /** What it fetches for that request; undefined: an error. */
  serve({ sessionId, sessionEpoch, topics, forgottenTopicsData }: SessionRequest): { fetches: string[]; sessionId: number } | undefined {
    const keyOf = (topic: string, topicId: string, partition: number): string => `${this.byIds ? topicId : topic}/${String(partition)}`;
    const listed = topics.flatMap(({ topic, topicId, partitions }) =>
      partitions.map(
        (one) => [keyOf(topic, topicId, one.partition), `${keyOf(topic, topicId, one.partition)}@${String(one.fetchOffset)}`] as const,
      ),
    );
    if (sessionEpoch === 0) {
      this.sessions.delete(sessionId);
      const fetches = [...new Map(listed).values()];
      if (this.sessions.size >= this.slots) return { fetches, sessionId: 0 };
      this.sessions.set(++this.count, { epoch: 1, partitions: new Map(listed) });
      return { fetches, sessionId: this.count };
    }
    const session = this.sessions.get(sessionId);
    if (session?.epoch !== sessionEpoch) return undefined;
    session.epoch = sessionEpoch === 0x7fffffff ? 1 : sessionEpoch + 1;
    for (const [key, line] of listed) session.partitions.set(key, line);
    for (const { topic, topicId, partitions } of forgottenTopicsData)
      for (const partition of partitions) session.partitions.delete(keyOf(topic, topicId, partition));
    return { fetches: [...session.partitions.values()], sessionId };
  }

  restart(): void {
    this.sessions.clear();
  }
}

const wish = fc.record({
  wanted: fc.uniqueArray(fc.record({ topic: fc.constantFrom('a', 'b'), partition: fc.nat(2), offset: fc.nat(2), created: fc.nat(1) }), {
    minLength: 1,
    maxLength: 4,
    selector: ({ topic, partition }) => `${topic}${String(partition)}`,
  }),
  what: fc.constantFrom('answered', 'answered', 'answered', 'lost before', 'lost behind', 'restart', 'no slots', 'slots'),
});

describe('a fetch session', () => {
  it.each([true, false])('has the broker fetch exactly what is wanted, whatever went before (by ids: %s)', (byIds) => {
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 30 }), (wishes) => {
        const broker = new Broker();
        broker.byIds = byIds;
        let session: FetchSession = noSession;
        for (const { wanted, what } of wishes) {
          if (what === 'restart') broker.restart();
          if (what === 'no slots') broker.slots = 0;
          if (what === 'slots') broker.slots = 1;
          // A topic may have been created anew, as a whole.
          const created = new Map(wanted.map(({ topic, created: anew }) => [topic, anew]));
          const all = wanted.map(({ topic, partition, offset }) =>
            asked(topic, partition, offset, created.get(topic) === 1 ? '9'.repeat(31) + topic : idOf(topic)),
          );
          const step = nextStep(session, all);
          session = afterFailure(session);
          const answer = what === 'lost before' ? undefined : broker.serve(step.request);
          if (answer === undefined || what === 'lost behind') continue;
          const expected = all.map(
            ({ topic, topicId, partition }) => `${byIds ? topicId : topic}/${String(partition.partition)}@${String(partition.fetchOffset)}`,
          );
          expect([...answer.fetches].sort()).toEqual(expected.sort());
          session = afterAnswer(step, answer.sessionId);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('says nothing more while nothing changes, only what moved, and what it wants no more', () => {
    const first = nextStep(noSession, [asked('a', 0), asked('b', 0), asked('a', 1)]);
    expect([first.request.sessionId, first.request.sessionEpoch, first.request.forgottenTopicsData]).toEqual([0, 0, []]);
    expect(first.request.topics.map(({ topic, partitions }) => [topic, partitions.map(({ partition }) => partition)])).toEqual([
      ['a', [0]],
      ['b', [0]],
      ['a', [1]],
    ]);
    const session = afterAnswer(first, 7);
    const idle = nextStep(session, [asked('a', 1), asked('a', 0), asked('b', 0)]).request;
    expect(idle).toEqual({ sessionId: 7, sessionEpoch: 1, topics: [], forgottenTopicsData: [] });
    const { topics, forgottenTopicsData } = nextStep(session, [asked('a', 0, 5), asked('a', 1)]).request;
    expect(topics).toEqual([{ topic: 'a', topicId: idOf('a'), partitions: [asked('a', 0, 5).partition] }]);
    expect(forgottenTopicsData).toEqual([{ topic: 'b', topicId: idOf('b'), partitions: [0] }]);
  });

  it.each(['fetchOffset', 'partitionMaxBytes', 'currentLeaderEpoch', 'lastFetchedEpoch'] as const)(
    'says a partition again when its %s has changed',
    (field) => {
      const session = afterAnswer(nextStep(noSession, [asked('a', 0)]), 7);
      const { partition, ...rest } = asked('a', 0);
      expect(nextStep(session, [{ ...rest, partition: { ...partition, [field]: 3 } }]).request.topics).toHaveLength(1);
    },
  );

  it('is opened anew, and the old one closed with that, after a failure', () => {
    const session = afterAnswer(nextStep(noSession, [asked('a', 0)]), 7);
    const again = nextStep(afterFailure(session), [asked('a', 0)]).request;
    expect([again.sessionId, again.sessionEpoch, again.topics.length]).toEqual([7, 0, 1]);
  });

  it('that was not given is asked for each time, with all there is', () => {
    const denied = afterAnswer(nextStep(noSession, [asked('a', 0)]), 0);
    const again = nextStep(denied, [asked('a', 0)]).request;
    expect([again.sessionId, again.sessionEpoch, again.topics.length]).toEqual([0, 0, 1]);
  });

  it('is of one kind: when ids become known, or one is not known, it is opened anew', () => {
    const named = afterAnswer(nextStep(noSession, [asked('a', 0, 0, NO_ID)]), 7);
    const known = nextStep(named, [asked('a', 0)]);
    expect([known.request.sessionId, known.request.sessionEpoch, known.request.topics.length]).toEqual([7, 0, 1]);
    const back = nextStep(afterAnswer(known, 8), [asked('a', 0), asked('b', 0, 0, NO_ID)]).request;
    expect([back.sessionId, back.sessionEpoch, back.forgottenTopicsData]).toEqual([8, 0, []]);
  });

  it('goes on with epoch 1 after the highest: 0 would open another', () => {
    let session: FetchSession = { ...afterAnswer(nextStep(noSession, [asked('a', 0)]), 7), epoch: 0x7fffffff };
    const step = nextStep(session, [asked('a', 0)]);
    expect(step.request.sessionEpoch).toBe(0x7fffffff);
    session = afterAnswer(step, 7);
    expect(nextStep(session, [asked('a', 0)]).request.sessionEpoch).toBe(1);
  });
});
