import { describe, expect, it } from 'vitest';
import { startLimit } from '../../src/consumer/start.ts';
import { ConnectionError, RequestTimeoutError } from '../../src/errors/index.ts';
import { errorOf, codeOf } from '../../src/errors/table.ts';
import type { MembershipState } from '../../src/group/membershipState.ts';
import { watch, type Watched } from '../support/watch.ts';
import { viewOf } from '../table/scenario.ts';
import { Bench } from './scenario.ts';

const stable: MembershipState = { kind: 'stable', memberId: 'm', generation: 7, assignedIn: 7, leader: false };

function starting(startTimeout = 10_000): { readonly bench: Bench; readonly limit: Watched<never> } {
  const bench = new Bench({ startTimeout });
  bench.engine.started = false;
  bench.memberState = { kind: 'unjoined', memberId: '', generation: -1, assignedIn: -1 };
  return { bench, limit: watch(startLimit(bench.engine)) };
}

/** The error at the end of the start. */
function failure(prepare: (bench: Bench) => void): unknown {
  const { bench, limit } = starting();
  prepare(bench);
  bench.clock.to(20_000);
  return limit.error();
}

describe('the time that a start may take', () => {
  it('is over after startTimeout, and no timer is left', () => {
    const { bench, limit } = starting();
    bench.clock.to(9_999);
    expect(limit.log).toEqual([]);
    bench.clock.to(10_000);
    expect([limit.error(), bench.clock.idle]).toMatchObject([{ code: 'BROKERS_UNREACHABLE' }, true]);
  });

  it('may be shorter than a step of its clock', () => {
    const { bench, limit } = starting(120);
    bench.clock.to(120);
    expect(limit.error()).toBeInstanceOf(ConnectionError);
  });

  it('means nothing any more after the first assignment, if only of nothing', () => {
    const { bench, limit } = starting();
    bench.clock.to(9_000);
    bench.engine.started = true;
    bench.clock.to(60_000);
    expect([limit.log, bench.clock.idle]).toEqual([[], true]);
  });

  it('is for ever with 0', () => {
    const { bench, limit } = starting(0);
    expect([limit.log, bench.clock.idle]).toEqual([[], true]);
  });

  it.each<MembershipState>([
    { kind: 'joining', memberId: 'm', generation: -1, assignedIn: -1 },
    { kind: 'syncing', memberId: 'm', generation: 7, assignedIn: -1, leader: false },
  ])('stands still while the coordinator waits for others ($kind)', (parked) => {
    const { bench, limit } = starting();
    bench.clock.to(5_000);
    bench.memberState = parked;
    bench.clock.to(65_000);
    bench.memberState = { kind: 'unjoined', memberId: 'm', generation: -1, assignedIn: -1 };
    bench.clock.to(69_999);
    expect(limit.log).toEqual([]);
    bench.clock.to(70_000);
    expect(limit.error()).toBeDefined();
  });

  it.each<MembershipState>([
    { kind: 'unjoined', memberId: '', generation: -1, assignedIn: -1 },
    { kind: 'joining', memberId: '', generation: -1, assignedIn: -1 },
    stable,
  ])('goes on while it is $kind', (state) => {
    const { bench, limit } = starting();
    bench.memberState = state;
    bench.clock.to(10_000);
    expect(limit.error()).toBeDefined();
  });
});

describe('a start that failed', () => {
  it('says what was tried in vain', () => {
    const [a, b] = [new ConnectionError('CONNECTION_FAILED', 'refused by b0'), new RequestTimeoutError('Metadata', 30_000)];
    const error = failure(({ engine }) => engine.troubles.set('Metadata b0', a).set('Metadata b1', b));
    expect(error).toMatchObject({ name: 'ConnectionError', code: 'BROKERS_UNREACHABLE', retriable: true, cause: { errors: [a, b] } });
    expect(String(error)).toContain('refused by b0; no answer to Metadata');
  });

  it.each([
    ['that the cluster has not', (bench: Bench) => ({ ...viewOf([0], {}), at: bench.clock.now }), 'UNKNOWN_TOPIC_OR_PARTITION'],
    [
      'that we may not see',
      () => ({ ...viewOf([0], {}), errors: new Map([['t', codeOf('TOPIC_AUTHORIZATION_FAILED')]]) }),
      'TOPIC_AUTHORIZATION_FAILED',
    ],
  ])('names a topic %s', (_, view, code) => {
    const error = failure((bench) => (bench.wire.view = view(bench)));
    expect(error).toMatchObject({ name: 'UnknownTopicError', topic: 't' });
    expect(String(error)).toContain(`t (${code})`);
  });

  it('does not blame the topics while nothing is known of the cluster', () => {
    expect(failure(() => undefined)).toMatchObject({
      code: 'BROKERS_UNREACHABLE',
      message: expect.stringContaining('no partition was assigned') as string,
    });
  });

  it('is the last answer of a broker where there was one', () => {
    const last = errorOf(codeOf('COORDINATOR_NOT_AVAILABLE'));
    expect(
      failure((bench) => {
        bench.wire.view = viewOf([0], { 't-0': [0, 1] });
        bench.engine.troubles.set('Metadata b0', new ConnectionError('CONNECTION_FAILED', 'refused')).set('FindCoordinator', last);
      }),
    ).toBe(last);
  });
});
