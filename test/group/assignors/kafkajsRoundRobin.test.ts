import { assert, asyncProperty } from 'fast-check';
import kafkajs from 'kafkajs';
import type { Cluster } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { kafkajsRoundRobin } from '../../../src/group/assignors/kafkajsRoundRobin.ts';
import { assignmentsFor, joinRequest } from '../../../src/group/messages.ts';
import { decodeAssignment, decodeSubscription } from '../../../src/protocol/consumerProtocol.ts';
import { groups, member, shown, type Group } from './groups.ts';

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;
const settings = { groupId: 'g', sessionTimeout: 1, heartbeatInterval: 1, rebalanceTimeout: 1, assignors: [kafkajsRoundRobin] };

/** The assigner that kafkajs's consumers have unless they are told otherwise. */
function theirs(counts: Group['counts'] = new Map()): ReturnType<(typeof kafkajs.PartitionAssigners)['roundRobin']> {
  const findTopicPartitionMetadata = (topic: string): unknown =>
    Array.from({ length: counts.get(topic) ?? 0 }, (_, partitionId) => ({ partitionId }));
  return kafkajs.PartitionAssigners.roundRobin({
    cluster: { findTopicPartitionMetadata } as unknown as Cluster,
    groupId: 'g',
    logger: kafkajs.logLevel as never,
  });
}

describe('kafkajsRoundRobin', () => {
  it('has the name of what kafkajs does unless it is told otherwise', () => {
    expect(kafkajsRoundRobin.name).toBe(theirs().name);
    expect(kafkajsRoundRobin.protocol).toBe('eager');
  });

  it('subscribes with the bytes of kafkajs', () => {
    const [protocol] = joinRequest(settings, { memberId: '', topics: ['b', 'a'], owned: [], assignedIn: -1, reason: null }).protocols;
    expect(protocol?.metadata).toEqual(theirs().protocol({ topics: ['a', 'b'] }).metadata);
    expect(MemberMetadata.decode(protocol?.metadata ?? Buffer.alloc(0))).toEqual({
      version: 0,
      topics: ['a', 'b'],
      userData: Buffer.alloc(0),
    });
  });

  it('assigns with the bytes of kafkajs, as kafkajs assigns', async () => {
    await assert(
      asyncProperty(groups({ equal: true }), async ({ members, counts }) => {
        const topics = [...(members[0]?.topics ?? [])].sort();
        const asked = members.map(({ memberId }) => ({ memberId, memberMetadata: Buffer.alloc(0) }));
        const expected = new Map(
          (await theirs(counts).assign({ members: asked, topics })).map((one) => [one.memberId, one.memberAssignment]),
        );
        for (const { memberId, assignment } of assignmentsFor(kafkajsRoundRobin, members, counts)) {
          const empty = MemberAssignment.encode({ version: 0, assignment: {}, userData: Buffer.alloc(0) });
          expect(assignment).toEqual(expected.get(memberId) ?? empty);
        }
      }),
    );
  });

  it('reads what kafkajs writes', () => {
    const metadata = theirs().protocol({ topics: ['t'] }).metadata;
    expect(decodeSubscription(metadata)).toMatchObject({ topics: ['t'], userData: Buffer.alloc(0), ownedPartitions: [], generationId: -1 });
    const assignment = MemberAssignment.encode({ version: 0, assignment: { t: [0, 2] }, userData: Buffer.alloc(0) });
    expect(decodeAssignment(assignment).assignedPartitions).toEqual([{ topic: 't', partitions: [0, 2] }]);
  });

  it('gives nothing to a member that does not subscribe to it, where kafkajs does', async () => {
    const members = [member('a', ['t']), member('b', ['other'])];
    const counts = new Map([['t', 2]]);
    expect(shown(kafkajsRoundRobin.assign(members, counts))).toEqual({ a: 't-0 t-1', b: '' });
    const asked = members.map(({ memberId }) => ({ memberId, memberMetadata: Buffer.alloc(0) }));
    const [, b] = await theirs(counts).assign({ members: asked, topics: ['t'] });
    expect(MemberAssignment.decode(b?.memberAssignment ?? Buffer.alloc(0))?.assignment).toEqual({ t: [1] });
  });
});
