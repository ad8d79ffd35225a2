import { ignoreElements, mergeMap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { asMember, marble } from '../../support/scripted/index.ts';

// J in flight | unsubscribe | J->ok | expect LeaveGroup, no F; the same after each other request

/** By then the first records are there, ms. Joining takes 10 of them: the coordinator waits for more members. */
const STARTED = 24;
const goodBye = ['OffsetCommit', 'LeaveGroup', 'Disconnect'];

describe('kafkajs-disconnect-before-run-resolves', () => {
  test.each(Array.from({ length: STARTED }, (_, frame) => frame + 1))(
    'an unsubscription after %i ms, at whatever step of the start: nothing goes on, and who was given a member id says good-bye',
    (frame) => {
      const before = new Set<string>();
      const after = new Set<string>();
      let members: readonly string[] = ['unknown'];
      marble(
        ({ cluster, consume, expectObservable, scheduler }) => {
          cluster.topic('orders', 1, 1);
          let over = false;
          scheduler.schedule(() => (over = true), frame);
          cluster.traffic.subscribe(({ kind, api }) => {
            if (kind === 'request' || kind === 'connect') (over ? after : before).add(api);
          });
          const work = consume({ mode: asMember({ assignors: [range] }) }).pipe(
            mergeMap((stream) => stream.pipe(ackEach())),
            ignoreElements(),
          );
          expectObservable(work, `${frame}ms !`).toBe('');
          scheduler.schedule(() => (members = [...(cluster.model.groups.get('g')?.members.keys() ?? [])]), 10_000);
        },
        1,
        10,
      )();
      expect([...after].filter((api) => !goodBye.includes(api))).toEqual([]);
      expect(members).toEqual([]);
      expect({ joins: before.has('JoinGroup'), leaves: after.has('LeaveGroup') }).toEqual({ joins: frame >= 6, leaves: frame >= 6 });
    },
  );
});
