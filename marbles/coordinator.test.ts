import { ignoreElements, merge, mergeMap, tap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import { codeOf as numberOf } from '../src/errors/table.ts';
import { faultOfCode, remedies, type GroupApi } from '../src/group/errors.ts';
import { asMember, marble } from '../test/support/scripted/index.ts';

const apis: readonly GroupApi[] = ['JoinGroup', 'SyncGroup', 'Heartbeat', 'OffsetCommit'];
/** What the table does not name: what Kafka calls retriable, and what not. */
const others = ['REQUEST_TIMED_OUT', 'UNSUPPORTED_VERSION', 'INVALID_REQUEST', 'GROUP_AUTHORIZATION_FAILED'];

/** What a consumer makes of one answer of that kind; it holds a partition, where it can. */
interface Seen {
  /** Who joined after that: their member ids. */
  readonly joins: string[];
  /** What was told after that, of the membership. */
  readonly told: string[];
  /** When the same was sent again, ms after the answer. */
  again: number | undefined;
  /** What it ended with. */
  end: unknown;
  /** It has got its partition, and there is no more to do. */
  whole: boolean;
}

/** Sends one request of `api` into that error: a JoinGroup by one who has an id. */
function strike(api: GroupApi, error: string): Seen {
  const seen: Seen = { joins: [], told: [], again: undefined, end: undefined, whole: false };
  marble(({ cluster, scheduler, consume, told }) => {
    cluster.topic('orders', 1, 1);
    cluster.inject({ api, after: api === 'JoinGroup' ? 1 : 0, times: 1, kind: 'error', error });
    let sent = 0;
    let struckAt: number | undefined;
    const asked = cluster.sent(api).pipe(tap(() => {
      if (struckAt !== undefined) seen.again ??= scheduler.now() - struckAt;
      if (++sent === (api === 'JoinGroup' ? 2 : 1)) struckAt = scheduler.now() + 1;
    }));
    const joined = cluster.sent('JoinGroup').pipe(tap((words) => {
      if (struckAt !== undefined && scheduler.now() >= struckAt) seen.joins.push(words);
    }));
    const heard = merge(told('joined'), told('lost'), told('revoked')).pipe(tap(({ kind }) => {
      if (struckAt !== undefined) seen.told.push(kind);
    }));
    merge(asked, joined, heard).subscribe({ error: (thrown: unknown) => expect.unreachable(String(thrown)) });
    const work = consume({ mode: asMember({ heartbeatInterval: 1_000, sessionTimeout: 5_000 }) }).pipe(mergeMap((stream) => stream.pipe(ackEach())), ignoreElements());
    const life = work.subscribe({ error: (thrown: unknown) => (seen.end = thrown) });
    scheduler.schedule(() => {
      seen.whole = cluster.committed('g', 'orders', 0) === 1;
      life.unsubscribe();
    }, 20_000);
  })();
  return seen;
}

const holds = (api: GroupApi): boolean => api === 'Heartbeat' || api === 'OffsetCommit';

describe.each(apis)('an error in the answer to a %s', (api) => {
  const of = (remedy: string): readonly string[] =>
    [...Object.keys(remedies).filter((name) => remedies[name]?.[api] !== undefined), ...others.filter((name) => remedies[name]?.[api] === undefined)].filter(
      (name) => faultOfCode(api, numberOf(name)).remedy === remedy,
    );
  const lost = holds(api) ? ['lost'] : [];

  test.each(of('retry'))('%s: the same again after the back-off, and nothing else', (name) => {
    const { again, ...seen } = strike(api, name);
    const joins = holds(api) ? [] : ['join m-1'];
    expect(seen).toEqual({ joins, told: holds(api) ? [] : ['joined'], end: undefined, whole: true });
    // 1 or 2 ms more where the coordinator is looked for anew, and a JoinGroup goes before the SyncGroup.
    expect(again).toBeGreaterThanOrEqual(100);
    expect(again).toBeLessThanOrEqual(102);
  });

  test.each(of('rebalance'))('%s: it hands over and joins again, as who it is', (name) => {
    expect(strike(api, name)).toMatchObject({
      ...{ joins: ['join m-1'], told: [...(holds(api) ? ['revoked'] : []), 'joined'], end: undefined, whole: true },
    });
  });

  test.each(of('lostGeneration'))('%s: what it holds is lost; it joins again with its id', (name) => {
    expect(strike(api, name)).toMatchObject({ joins: ['join m-1'], told: [...lost, 'joined'], end: undefined, whole: true });
  });

  test.each(of('lostMember'))('%s: what it holds is lost; it joins again as a new member', (name) => {
    expect(strike(api, name)).toMatchObject({ joins: ['join', 'join m-2'], told: [...lost, 'joined'], end: undefined, whole: true });
  });

  test.each(of('fenced'))('%s: what it holds is lost, and it is over', (name) => {
    expect(strike(api, name)).toMatchObject({ joins: [], told: lost, end: name });
  });

  test.each(of('fatal').filter((name) => api !== 'OffsetCommit' || name === 'GROUP_AUTHORIZATION_FAILED'))('%s: it is over', (name) => {
    expect(strike(api, name)).toMatchObject({ joins: [], told: [], end: name });
  });

  test.each(of('fatal').filter((name) => api === 'OffsetCommit' && name !== 'GROUP_AUTHORIZATION_FAILED'))(
    '%s: it is told, and tried again: no commit is worth the consumer',
    (name) => {
      expect(strike(api, name)).toEqual({ joins: [], told: [], again: 100, end: undefined, whole: true });
    },
  );
});
