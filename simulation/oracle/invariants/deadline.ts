import { violated, type Rule } from '../rule.ts';
import type { FetchRequest } from '../../../src/protocol/apis/fetch.ts';
import type { MemberShadow, Sent } from '../shadow/memberShadow.ts';

/** Longer than the coordinator parks a join, ms. */
const PARKED = 5_000;
/** What an attempt to connect may take at most, ms. */
const CONNECT = 10_000;
/** Milliseconds. */
const SLACK = 5;

/** Every request and every attempt to connect has a deadline: at its end who waits is told, and nothing is left of it. */
export function deadline(): Rule {
  return {
    look(member, at) {
      if (!member.live && member.ending?.how === 'crashed') return;
      // A blocked event loop notices late.
      const now = Math.min(at, Math.max(at - member.freeAt(), 0) > SLACK ? at : -Infinity);
      for (const sent of member.requests.values()) {
        const limit = limitOf(sent, member);
        if (now - sent.heardAt > limit + SLACK)
          violated(
            'DEADLINE',
            member,
            `${sent.api} to ${sent.broker} has had no answer for ${now - sent.heardAt} ms, and ${limit} were allowed`,
          );
      }
      const limit = Math.min(CONNECT, member.settings.requestTimeout);
      for (const { broker, since, open } of member.connections.all())
        if (!open && now - since > limit + SLACK)
          violated('DEADLINE', member, `connecting to ${broker} takes ${now - since} ms, and ${limit} were allowed`);
    },
  };
}

function limitOf({ api, request, at, heardAt }: Sent, { settings }: MemberShadow): number {
  const { requestTimeout, mode } = settings;
  if (api === 'Fetch') return requestTimeout + (at === heardAt ? (request as FetchRequest).maxWaitMs : 0);
  if ((api === 'JoinGroup' || api === 'SyncGroup') && mode.kind === 'group') return mode.rebalanceTimeout + PARKED;
  return requestTimeout;
}
