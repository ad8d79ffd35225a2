import { join } from 'node:path';
import type { GroupMember } from '../../../src/group/assignor.ts';
import type { TopicPartition } from '../../../src/model/topicPartition.ts';
import { encodeSubscription } from '../../../src/protocol/consumerProtocol.ts';
import { javaTool } from '../../support/kafka.ts';
import type { Assignment, Group } from './groups.ts';

const source = join(import.meta.dirname, '../../support/kafka/java/Assign.java');

type Round = Readonly<Record<string, readonly (readonly [string, number])[]>>;
type Told = readonly Round[] | { readonly error: string };

/**
 * What Java makes of each group, round by round: see `Assign.java`. It reads the subscriptions as we write them. No round at all: Java's
 * assignor threw, as the sticky one does for some groups where old generations claim partitions.
 */
export async function inJava(assignor: string, groups: readonly Group[]): Promise<readonly (readonly Assignment[])[]> {
  const lines = groups.map(({ members, counts }) =>
    JSON.stringify({
      assignor,
      counts: Object.fromEntries(counts),
      members: Object.fromEntries(
        members.map((member) => [member.memberId, { metadata: metadata(member), instanceId: member.instanceId }]),
      ),
    }),
  );
  const { stdout } = await javaTool('Assign', [], { source, stdin: lines.map((line) => `${line}\n`).join('') });
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Told);
  if (answers.length !== groups.length) throw new Error(`${String(answers.length)} answers for ${String(groups.length)} groups`);
  return answers.map((told) => ('error' in told ? [] : told.map(toAssignment)));
}

function toAssignment(round: Round): Assignment {
  return new Map(Object.entries(round).map(([id, list]) => [id, list.map(toPartition)]));
}

function metadata({ topics, userData, owned, generation }: GroupMember): string {
  const held = [...new Set(owned.map(({ topic }) => topic))];
  const ownedPartitions = held.map((topic) => ({
    topic,
    partitions: owned.filter((one) => one.topic === topic).map(({ partition }) => partition),
  }));
  return encodeSubscription({ topics, userData, ownedPartitions, generationId: generation, rackId: null }).toString('hex');
}

function toPartition([topic, partition]: readonly [string, number]): TopicPartition {
  return { topic, partition };
}
