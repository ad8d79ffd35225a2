import { filter, mergeMap, ignoreElements, take } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import { asMember, marble, NEVER_ANSWERED } from '../test/support/scripted/index.ts';

/** What is sent by one who joins, in its order, each by its API and which of them it is. */
const steps = [
  ...(['FindCoordinator', 'JoinGroup', 'JoinGroup 2', 'SyncGroup', 'OffsetFetch', 'OffsetCommit', 'Fetch', 'Heartbeat'] as const),
];

describe.each([['', {}], ['static, with leaveOnClose, ', { instanceId: 'i' }]] as const)('a member that unsubscribes, %s', (_, rest) => {
  describe.each(['request', 'answer'] as const)('at the %s', (kind) => {
    test.each(steps.filter((step) => !('instanceId' in rest) || step !== 'JoinGroup 2'))('of a %s, leaves its group empty', (step) => {
      let left: unknown;
      marble(({ cluster, scheduler, consume }) => {
        cluster.topic('orders', 1, 1);
        const [api = '', nth = '1'] = step.split(' ');
        const moment = cluster.traffic.pipe(filter((traffic) => traffic.kind === kind && traffic.api === api), take(Number(nth)), filter((_each, index) => index === Number(nth) - 1));
        const life = consume({ mode: asMember({ ...rest, heartbeatInterval: 100 }) }).pipe(mergeMap((stream) => stream.pipe(ackEach())), ignoreElements()).subscribe({ error: (thrown: unknown) => expect.unreachable(String(thrown)) });
        moment.subscribe({ next: () => life.unsubscribe(), error: (thrown: unknown) => expect.unreachable(String(thrown)) });
        scheduler.schedule(() => {
          const group = cluster.model.groups.get('g');
          left = [life.closed, group?.members.size ?? 0, group?.given.size ?? 0];
        }, 3_000);
      })();
      expect(left).toEqual([true, 0, 0]);
    });
  });
});

test('an id that may be on its way is waited for a moment, and no longer', marble(({ cluster, consume, hot, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('JoinGroup', NEVER_ANSWERED);
  const until = '20ms u';
  const end =   '1020ms |';
  expectObservable(consume({ mode: asMember(), until: hot(until) }).pipe(ignoreElements()), '10s !').toBe(end);
}));
