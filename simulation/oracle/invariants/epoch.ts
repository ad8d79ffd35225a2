import { violated, type Rule } from '../rule.ts';

/** A stale response, timer, callback or ack changes nothing and delivers nothing. */
export function epoch(): Rule {
  return {
    see(seen, member) {
      if (seen.kind !== 'delivered') return;
      const stream = member.streams.get(seen.stream);
      const [first = 0] = seen.offsets;
      if (stream === undefined) violated('EPOCH', member, `a stream of an assignment that is over delivered ${first}`);
      const { key, expected, fresh, ended, attached } = stream;
      if (ended !== undefined || !attached) violated('EPOCH', member, `${key} delivered ${first} to nobody`);
      if (expected === undefined) violated('EPOCH', member, `${key} delivered ${first} while its position was being looked up`);
      if (fresh && first < expected) violated('EPOCH', member, `${key} was to go on at ${expected} and delivered ${first}`);
    },
  };
}
