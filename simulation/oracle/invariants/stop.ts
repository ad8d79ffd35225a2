import { violated, type Rule } from '../rule.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';

/** Long enough to say good-bye, ms. */
const MOMENT = 1_000;
const SLACK = 5;

/** Closing settles in bounded time from any state, once, and leaves no timer, connection or request. */
export function stop(timersOf: (member: MemberShadow) => number = () => 0): Rule {
  return {
    see(seen, member) {
      if (seen.kind === 'event' && seen.event.kind === 'closed' && member.closed > 0) violated('STOP', member, 'it closed a second time');
      if (seen.kind === 'request' && member.closed > 0) violated('STOP', member, `it sent a ${seen.api} after it was closed`);
      if (seen.kind === 'connecting' && member.closed > 0) violated('STOP', member, 'it connected after it was closed');
    },
    look(member, at) {
      if (member.live || member.ending?.how === 'crashed') return;
      const waited = at - Math.max(member.endedAt, member.freeAt());
      if (waited <= 2 * member.settings.closeTimeout + MOMENT + SLACK) return;
      if (member.connections.size > 0)
        violated('STOP', member, `it ended ${waited} ms ago, and has ${member.connections.size} connections`);
      if (member.requests.size > 0) violated('STOP', member, `it ended ${waited} ms ago, and waits for ${member.requests.size} answers`);
    },
    end(member) {
      if (member.ending?.how === 'crashed') return;
      if (member.live) violated('STOP', member, 'it has not come to its end');
      for (const { key, attached } of member.streams.values()) if (attached) violated('STOP', member, `${key} still has a subscriber`);
      if (member.connections.size > 0) violated('STOP', member, `${member.connections.size} connections are left`);
      const timers = timersOf(member);
      if (timers > 0) violated('STOP', member, `${timers} timers are left`);
    },
  };
}
