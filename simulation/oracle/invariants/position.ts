import { violated, type Rule } from '../rule.ts';
import { placesOf } from '../shadow/places.ts';

/**
 * committable ≤ position ≤ fetchOffset; the position never moves back within an assignment, position epoch and delivery, what may be committed
 * never within an assignment and position epoch. The fetch offset is seen in what is asked for.
 */
export function position(): Rule {
  return {
    see(seen, member, now) {
      if (seen.kind !== 'request' || seen.api !== 'Fetch' || member.connections.hasJustOpened(seen.broker, now)) return;
      for (const { topic, partition, offset } of placesOf('Fetch', seen.request)) {
        const stream = member.streamOf(topic, partition);
        const at = stream?.view.position;
        if (stream === undefined) continue;
        if (at === undefined) violated('POS', member, `${stream.key} asks for ${offset} while its position is looked up`);
        if (offset < at) violated('POS', member, `${stream.key} is at ${at} and asks for ${offset}`);
        const { receivedEnd } = stream;
        // What it asks for follows what it holds, or what it delivers next: else there is a hole.
        if (offset !== at && offset !== receivedEnd && !stream.received.some(({ next }) => next === offset))
          violated(
            'POS',
            member,
            `${stream.key} is at ${at}, was sent up to ${receivedEnd ?? at}, and asks for ${offset}: there is a hole`,
          );
      }
    },
    look(member) {
      for (const stream of member.streams.values()) {
        const { key, view, floor, lastPosition } = stream;
        // At most once it is the position, and what is about to be delivered.
        const committable = member.settings.delivery === 'at-least-once' ? stream.committable : undefined;
        const { position: at } = view;
        if (at === undefined || stream.expected === undefined) continue;
        if (lastPosition !== undefined && at < lastPosition)
          violated('POS', member, `the position of ${key} went back from ${lastPosition} to ${at}`);
        if (committable !== undefined && committable > at)
          violated('POS', member, `${key} is at ${at} and has ${committable} to be committed`);
        if (committable !== undefined && committable < floor)
          violated('POS', member, `what may be committed of ${key} went back from ${floor} to ${committable}`);
        stream.lastPosition = at;
        stream.floor = Math.max(floor, committable ?? -1);
      }
    },
  };
}
