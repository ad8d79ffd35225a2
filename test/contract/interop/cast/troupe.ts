import { kafkajsPlayer } from './kafkajs.ts';
import type { JavaTroupe } from './java.ts';
import { ours } from './ours.ts';
import type { Enter } from './player.ts';

/** Who comes on under a name: `java…`, `kafkajs…` or `ours…`. */
export function casting(java?: JavaTroupe): Enter {
  return (name, listing, play) => {
    if (name.startsWith('kafkajs')) return kafkajsPlayer(name, play);
    if (!name.startsWith('java')) return ours(name, listing, play);
    if (java === undefined) throw new Error('no Java on this stage');
    return java.enter(name, listing, play);
  };
}
