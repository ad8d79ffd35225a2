import { violated, type Rule } from '../rule.ts';
import { isSurelyKept } from './kept.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';

/** Bytes held ≤ max(`maxBuffered`, one batch per partition that holds some) + one response per broker. */
export function memory(): Rule {
  /** The largest batch and the largest answer that each was sent. */
  const largest = new Map<MemberShadow, { batch: number; answer: number; brokers: Set<string> }>();
  return {
    see(seen, member) {
      if (seen.kind !== 'part') return;
      const known = largest.get(member) ?? { batch: 0, answer: 0, brokers: new Set() };
      largest.set(member, known);
      known.brokers.add(seen.broker);
      if (seen.part.kind === 'batch') known.batch = Math.max(known.batch, seen.part.batch.sizeInBytes);
      if (seen.part.kind === 'end') known.answer = Math.max(known.answer, seen.part.bytes);
    },
    look(member, at, { truth }) {
      const known = largest.get(member);
      if (known === undefined) return;
      let held = 0;
      let holders = 0;
      for (const stream of member.streams.values()) {
        if (stream.ended === 'completed') continue;
        stream.settle();
        stream.looks(at);
        held += stream.surelyHeld;
        if (stream.attached || stream.heldBytes > 0) holders++;
      }
      const limit = Math.max(member.settings.maxBuffered, holders * known.batch) + known.brokers.size * known.answer;
      if (held <= limit) return;
      for (const stream of member.streams.values())
        if (stream.ended !== 'completed')
          for (const batch of stream.received) if (!isSurelyKept(stream, batch, member, truth)) held -= batch.bytes;
      if (held > limit) violated('MEM', member, `it holds ${held} bytes, and ${limit} are allowed`);
    },
  };
}
