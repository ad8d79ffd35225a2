import type { JoinGroupRequestProtocol } from '../../../protocol/apis/joinGroup.ts';

type Protocols = readonly JoinGroupRequestProtocol[];

/** Whether one of these protocols is spoken by all of them. */
export function haveInCommon(protocols: Protocols, others: readonly Protocols[]): boolean {
  return protocols.some(({ name }) => others.every((other) => speaks(other, name)));
}

/** Each votes for the first of its protocols that all speak, and most votes win; among equals the one that stands first in the broker's map. */
export function elect(all: readonly Protocols[]): string | undefined {
  const votes = new Map<string, number>();
  for (const protocols of all) {
    const choice = protocols.find(({ name }) => all.every((other) => speaks(other, name)))?.name;
    if (choice !== undefined) votes.set(choice, (votes.get(choice) ?? 0) + 1);
  }
  const [elected] = [...votes].sort(([one, ofOne], [other, ofOther]) => ofOther - ofOne || placeOf(one) - placeOf(other));
  return elected?.[0];
}

/** Where a name stands in a Java HashMap of up to twelve names: by 16 buckets of its hash. */
function placeOf(name: string): number {
  let hash = 0;
  for (let at = 0; at < name.length; at++) hash = (Math.imul(31, hash) + name.charCodeAt(at)) | 0;
  return (hash ^ (hash >>> 16)) & 15;
}

/** The same protocols in the same order, with the same bytes. */
export function areSame(some: Protocols, others: Protocols): boolean {
  return (
    some.length === others.length &&
    some.every(({ name, metadata }, at) => {
      const other = others[at];
      return other?.name === name && metadata.equals(other.metadata);
    })
  );
}

function speaks(protocols: Protocols, name: string): boolean {
  return protocols.some((protocol) => protocol.name === name);
}
