import { delay, map, take, timer, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Coordinator } from '../../src/cluster/ports.ts';
import { ConnectionError } from '../../src/errors/index.ts';
import { heartbeats } from '../../src/group/heartbeat.ts';
import { type Answer, Scenario } from './scenario.ts';

/** When heartbeats are sent, and what comes of them. */
function beat(script: readonly Answer[], until: number, options: object = {}): { sent: readonly number[]; outcomes: readonly string[] } {
  const scenario = new Scenario({ Heartbeat: script }, options);
  const outcomes: string[] = [];
  const note = (what: string): unknown => outcomes.push(`${String(scenario.clock.now())} ${what}`);
  heartbeats(scenario.host, { memberId: 'm', generation: 7 }).subscribe({
    next: (outcome) =>
      note(
        outcome.kind === 'over'
          ? `over ${outcome.fault.remedy}`
          : 'sentAt' in outcome
            ? `${outcome.kind} ${String(outcome.sentAt)}`
            : outcome.kind,
      ),
    complete: () => note('complete'),
  });
  scenario.to(until);
  return { sent: scenario.sent('Heartbeat').map(({ at }) => at), outcomes };
}

describe('heartbeats', () => {
  it('follow each other an interval after the answer', () => {
    expect(beat(['NONE', { after: 2_000 }], 14_000)).toEqual({
      sent: [3_000, 6_001, 11_001],
      outcomes: ['3001 ok 3000', '8001 ok 6001', '11002 ok 11001'],
    });
  });

  it('count from when they are sent: until then the coordinator may have to be found and connected', () => {
    const { host, clock } = new Scenario({});
    const request = (_purpose: unknown, _api: unknown, make: () => unknown): Observable<unknown> =>
      timer(2_000, clock).pipe(
        map(make),
        delay(10, clock),
        map(() => ({ errorCode: 0 })),
      );
    const outcomes: unknown[] = [];
    heartbeats(
      { ...host, coordinator: { request, invalidate: () => undefined } as unknown as Coordinator },
      { memberId: 'm', generation: 7 },
    )
      .pipe(take(1))
      .subscribe((outcome) => outcomes.push(outcome));
    clock.maxFrames = 6_000;
    clock.flush();
    expect(outcomes).toEqual([{ kind: 'ok', sentAt: 5_000 }]);
  });

  it('go on through a rebalance', () => {
    expect(beat(['REBALANCE_IN_PROGRESS'], 7_000).outcomes).toEqual(['3001 rebalance 3000', '6002 ok 6001']);
  });

  it('go on after a deadline that is never longer than half the session', () => {
    expect(beat(['hang', 'hang'], 70_000, { sessionTimeout: 10_000 })).toMatchObject({
      sent: [3_000, 8_100, 13_300, 16_301, ...anything(17)],
    });
    expect(beat(['hang'], 30_000).sent).toEqual([3_000, 25_600, 28_601]);
  });

  it.each(['NOT_COORDINATOR', 'COORDINATOR_LOAD_IN_PROGRESS', 'COORDINATOR_NOT_AVAILABLE', new ConnectionError('CONNECTION_LOST', 'gone')])(
    'are sent again after the back-off, at most an interval, where the answer is %s',
    (answer) => {
      const { sent, outcomes } = beat(Array<Answer>(8).fill(answer), 17_000);
      expect(sent).toEqual([3_000, 3_101, 3_302, 3_703, 4_504, 6_105, 9_106, 12_107, 15_108]);
      expect(outcomes).toContain('3001 failed');
      expect(outcomes.at(-1)).toBe('15109 ok 15108');
    },
  );

  it('begin the back-off anew after a good answer', () => {
    expect(beat(['NOT_COORDINATOR', 'NOT_COORDINATOR', 'NONE', 'NOT_COORDINATOR'], 7_000).sent).toEqual([
      3_000, 3_101, 3_302, 6_303, 6_404,
    ]);
  });

  it.each([
    ['UNKNOWN_MEMBER_ID', 'lostMember'],
    ['ILLEGAL_GENERATION', 'lostGeneration'],
    ['FENCED_INSTANCE_ID', 'fenced'],
    ['GROUP_AUTHORIZATION_FAILED', 'fatal'],
  ])('tell %s', (code, remedy) => {
    expect(beat([code], 5_000)).toEqual({ sent: [3_000], outcomes: [`3001 over ${remedy}`] });
  });

  it('tell what is no error of Kafka or of a connection', () => {
    expect(beat([new TypeError('a defect')], 5_000).outcomes).toEqual(['3001 over fatal']);
  });
});

function anything(count: number): readonly unknown[] {
  return Array<unknown>(count).fill(expect.any(Number));
}
