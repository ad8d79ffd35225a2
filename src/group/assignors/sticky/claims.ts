import type { TopicPartition } from '../../../model/topicPartition.ts';
import type { GroupMember } from '../../assignor.ts';
import { generationOf } from './userData.ts';

interface Claim {
  owner: number | undefined;
  generation: number;
  readonly claimants: number[];
}

/**
 * What the members say that they hold. Members go by their index.
 *
 * Two of them may name the same partition. A member that was out for a while holds on to what has been given away meanwhile: the word of the
 * later generation counts. In the same generation neither is believed.
 */
export class Claims {
  private readonly byTopic = new Map<string, Map<number, Claim>>();

  constructor(members: readonly GroupMember[]) {
    members.forEach((member, index) => {
      const generation = generationOf(member);
      for (const partition of member.owned) this.add(partition, index, generation);
    });
  }

  /** Who may keep it; undefined: nobody. */
  ownerOf(partition: TopicPartition): number | undefined {
    return this.find(partition)?.owner;
  }

  /** Somebody else says that it holds it, rightly or not, and may still be busy with its records. */
  heldByAnother(partition: TopicPartition, member: number): boolean {
    return this.find(partition)?.claimants.some((claimant) => claimant !== member) ?? false;
  }

  private find({ topic, partition }: TopicPartition): Claim | undefined {
    return this.byTopic.get(topic)?.get(partition);
  }

  private add(partition: TopicPartition, member: number, generation: number): void {
    const claim = this.find(partition);
    if (claim === undefined) this.set(partition, { owner: member, generation, claimants: [member] });
    else if (!claim.claimants.includes(member)) {
      claim.claimants.push(member);
      if (generation === claim.generation) claim.owner = undefined;
      if (generation <= claim.generation) return;
      claim.owner = member;
      claim.generation = generation;
    }
  }

  private set({ topic, partition }: TopicPartition, claim: Claim): void {
    const partitions = this.byTopic.get(topic);
    if (partitions === undefined) this.byTopic.set(topic, new Map([[partition, claim]]));
    else partitions.set(partition, claim);
  }
}
