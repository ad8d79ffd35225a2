import { createTopicsApi } from '../../../../src/protocol/apis/forTesting.ts';
import { metadataApi, type MetadataResponse } from '../../../../src/protocol/apis/metadata.ts';
import { Desk, expectNone } from './desk.ts';
import type { Talk } from './talk.ts';
import type { ThreeGround } from './threeGrounds.ts';

/** A desk at each broker. */
export async function desks(talk: Talk, ground: ThreeGround): Promise<readonly [Desk, Desk, Desk]> {
  return [await Desk.open(talk, ground.address(1)), await Desk.open(talk, ground.address(2)), await Desk.open(talk, ground.address(3))];
}

/** Creates a topic of one partition on these brokers; the first leads. Waits until all know it. */
export async function placed(all: readonly Desk[], topic: string, replicas: readonly number[]): Promise<void> {
  const [desk] = all;
  if (desk === undefined) return;
  const plan = {
    name: desk.named(topic),
    numPartitions: -1,
    replicationFactor: -1,
    assignments: [{ partitionIndex: 0, brokerIds: replicas }],
    configs: [],
  };
  const { topics } = await desk.line.quietly(createTopicsApi, { topics: [plan], timeoutMs: 10_000, validateOnly: false });
  expectNone(`creating ${topic}`, topics[0]?.errorCode);
  await ledBy(all, topic, replicas[0] ?? -1);
  await all[(replicas[0] ?? 1) - 1]?.leads(topic);
}

export async function ledBy(all: readonly Desk[], topic: string, leader: number, alive = 3): Promise<void> {
  const knows = ({ brokers, topics: [first] }: MetadataResponse): boolean => {
    const [partition] = first?.partitions ?? [];
    const whole =
      partition?.isrNodes.length === partition?.replicaNodes.filter((node) => brokers.some(({ nodeId }) => nodeId === node)).length;
    return brokers.length === alive && partition?.leaderId === leader && (leader < 0 || whole);
  };
  for (const desk of all)
    await desk.talk.until(`${topic} is led by ${leader}`, () => desk.line.quietly(metadataApi, desk.metadata(topic)), knows, 20_000);
}
