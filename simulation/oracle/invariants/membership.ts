import { violated, type Rule } from '../rule.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';

/** Milliseconds. */
const SLACK = 5;

/** Heartbeats and rejoining depend neither on handlers nor on fetches. */
export function membership(): Rule {
  const beats = new Map<MemberShadow, number>();
  return {
    see(seen, member, at) {
      if (seen.kind === 'answer' && (seen.api === 'SyncGroup' || seen.api === 'JoinGroup' || seen.api === 'Heartbeat'))
        beats.set(member, at);
      if (seen.kind === 'failed' && seen.api === 'Heartbeat') beats.set(member, at);
    },
    look(member, at) {
      const { settings, standing, stoppedAt, live } = member;
      const { mode } = settings;
      if (mode.kind !== 'group' || !live || !standing.stable) return;
      // After a failure it may wait for the back-off, and for a connection.
      const excused = member.cutOffAt + member.grace + 2 * settings.requestTimeout;
      const late = at - Math.max(beats.get(member) ?? at, member.freeAt(), excused);
      const limit = mode.heartbeatInterval + SLACK;
      const isAsking = member.waits('Heartbeat') || member.waits('FindCoordinator') || member.connections.opening;
      if (!isAsking && late > limit) violated('MEMBER', member, `no heartbeat was sent for ${late} ms`);
      if (standing.rebalanceAt === undefined || stoppedAt !== undefined) return;
      const margin = Math.max(2_000, mode.rebalanceTimeout / 10);
      const waited = at - Math.max(standing.rebalanceAt, member.freeAt());
      if (waited > mode.rebalanceTimeout + margin + SLACK)
        violated('MEMBER', member, `a rebalance was heard of ${waited} ms ago, and it has not joined again`);
    },
  };
}
