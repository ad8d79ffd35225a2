import type { Admin } from 'kafkajs';
import { decodeAssignment } from '../../../src/protocol/consumerProtocol.ts';

interface Described {
  readonly state: string;
  /** The assignor that the group has agreed on. */
  readonly protocol: string;
  /** Who has which partitions, by client id. */
  readonly assignment: ReadonlyMap<string, readonly number[]>;
}

/** A group whose members subscribe to one topic, as its coordinator describes it. */
export async function described(admin: Admin, groupId: string): Promise<Described> {
  const { groups } = await admin.describeGroups([groupId]);
  const [group] = groups;
  if (group === undefined) throw new Error(`no group ${groupId}`);
  const assignment = group.members.map(({ clientId, memberAssignment }) => {
    const topics = decodeAssignment(memberAssignment).assignedPartitions;
    return [clientId, topics.flatMap(({ partitions }) => partitions).sort((a, b) => a - b)] as const;
  });
  return { state: group.state, protocol: group.protocol, assignment: new Map(assignment) };
}
