import { ConfigResourceTypes } from 'kafkajs';
import { switchMap, take } from 'rxjs';
import { codeOf, kafkaErrorOf } from '../../../src/errors/table.ts';
import type { Api } from '../../../src/protocol/api.ts';
import { createTopicsApi, deleteTopicsApi } from '../../../src/protocol/apis/forTesting.ts';
import { metadataApi, type MetadataResponse, type MetadataResponsePartition } from '../../../src/protocol/apis/metadata.ts';
import { kafkajsConnector } from '../../../src/transport/kafkajs/kafkajsConnector.ts';
import { electionApi, reassignmentApi } from '../../contract/wire/kit/elections.ts';
import { only } from '../../contract/wire/kit/talk.ts';
import { eventually, fastProperties, kafkajsFor, ownedKafka, withAdmin, type OwnedKafka, type Properties } from '../../support/kafka.ts';

const NO_ID = '0'.repeat(32);
const timeoutMs = 10_000;
const nothingElse = { allowAutoTopicCreation: false, includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false };

/** After how long without a heartbeat a broker is taken for dead, ms. Not the 1.5 s of `fastProperties`: where two processors do everything they are not enough. */
const BROKER_SESSION = 3_000;

export type State = MetadataResponsePartition;

/** Three brokers, 1 to 3, in racks r1 to r3, and what an administrator does with them. */
export class Stage {
  readonly kafka: OwnedKafka;
  readonly #alive = new Set([1, 2, 3]);

  private constructor(kafka: OwnedKafka) {
    this.kafka = kafka;
  }

  static async open(properties: Properties = {}): Promise<Stage> {
    const session = { 'broker.session.timeout.ms': String(BROKER_SESSION) };
    return new Stage(await ownedKafka({ brokers: 3, properties: { ...fastProperties, ...session, ...properties } }));
  }

  close(): Promise<void> {
    return this.kafka.close();
  }

  get brokers(): readonly string[] {
    return this.kafka.brokers;
  }

  async kill(node: number): Promise<void> {
    this.#alive.delete(node);
    await this.kafka.kill(node);
  }

  freeze(node: number): void {
    this.#alive.delete(node);
    this.kafka.freeze(node);
  }

  thaw(node: number): void {
    this.kafka.thaw(node);
    this.#alive.add(node);
  }

  async start(node: number): Promise<void> {
    await this.kafka.start(node);
    this.#alive.add(node);
  }

  /** `placement`: the replicas of each partition; the first is its preferred leader. Resolves when all that are alive know its leaders. */
  async create(topic: string, placement: readonly (readonly number[])[], configs: Readonly<Record<string, string>> = {}): Promise<void> {
    const assignments = placement.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds }));
    const settings = Object.entries(configs).map(([name, value]) => ({ name, value }));
    const plan = { name: topic, numPartitions: -1, replicationFactor: -1, assignments, configs: settings };
    const { topics } = await this.#ask(createTopicsApi, { topics: [plan], timeoutMs, validateOnly: false });
    expectOne(`creating ${topic}`, topics[0]?.errorCode);
    const id = topics[0]?.topicId;
    const isThere = (states: readonly State[], topicId: string): boolean =>
      topicId === id &&
      states.length === placement.length &&
      states.every(({ leaderId, isrNodes, replicaNodes }) => leaderId > 0 && isrNodes.length === replicaNodes.length);
    await this.until(topic, 'is there', isThere);
  }

  /** Does not wait until it is known that it is gone. */
  async remove(topic: string): Promise<void> {
    const { responses } = await this.#ask(deleteTopicsApi, { topics: [{ name: topic, topicId: NO_ID }], topicNames: [topic], timeoutMs });
    expectOne(`deleting ${topic}`, responses[0]?.errorCode);
  }

  /** Waits until each broker that is alive knows that of the partitions of a topic; resolves with them. */
  async until(topic: string, what: string, good: (states: readonly State[], topicId: string) => boolean): Promise<readonly State[]> {
    let last: readonly State[] = [];
    for (const node of this.#alive)
      await eventually(
        async () => {
          const answer = await this.#ask(metadataApi, { topics: [{ topicId: NO_ID, name: topic }], ...nothingElse }, node);
          last = statesOf(answer);
          if (!good(last, answer.topics[0]?.topicId ?? NO_ID)) throw new Error(JSON.stringify(last));
          return true;
        },
        { what: `${topic} ${what}, says node ${node}`, deadline: 60_000 },
      );
    return last;
  }

  /** Who leads a partition. */
  async leader(topic: string, partition = 0): Promise<number> {
    const states = await this.until(topic, 'is led', (all) => (all[partition]?.leaderId ?? -1) > 0);
    return states[partition]?.leaderId ?? -1;
  }

  /** These replicas, the first of them preferred; waits until they are in sync and nobody else is a replica. */
  async reassign(topic: string, partition: number, replicas: readonly number[]): Promise<void> {
    const partitions = [{ partition, replicas }];
    const answer = await this.#ask(reassignmentApi, { timeoutMs, topics: [{ topic, partitions }] });
    expectOne(`reassigning ${topic}`, answer.topics[0]?.partitions[0]?.errorCode);
    const isDone = ({ replicaNodes, isrNodes, leaderId }: State): boolean =>
      replicaNodes.join() === replicas.join() && isrNodes.length === replicas.length && replicas.includes(leaderId);
    await this.until(topic, `is on ${replicas.join()}`, (all) => all.some((state) => state.partitionIndex === partition && isDone(state)));
  }

  /** The preferred replica, or `unclean` one that is not in sync. */
  async elect(topic: string, partition: number, how: 'preferred' | 'unclean'): Promise<void> {
    const request = { electionType: how === 'preferred' ? 0 : 1, topics: [{ topic, partitions: [partition] }], timeoutMs };
    await eventually(
      async () => {
        const { topics } = await this.#ask(electionApi, request);
        const errorCode = topics[0]?.partitions[0]?.errorCode;
        if (errorCode !== codeOf('ELECTION_NOT_NEEDED')) expectOne(`electing ${topic}`, errorCode);
      },
      { what: `an ${how} election of ${topic}`, deadline: 30_000 },
    );
  }

  /** How fast a node copies the partitions that are to be throttled: bytes a second; undefined: as fast as it can. */
  async throttle(node: number, rate: number | undefined): Promise<void> {
    const configEntries = rate === undefined ? [] : [{ name: 'follower.replication.throttled.rate', value: String(rate) }];
    const resources = [{ type: ConfigResourceTypes.BROKER, name: String(node), configEntries }];
    await withAdmin(this, (admin) => admin.alterConfigs({ validateOnly: false, resources }));
  }

  #ask<Q, R>(spoken: Api<Q, R>, request: Q, node: number = [...this.#alive][0] ?? 1): Promise<R> {
    const [host = '', port = ''] = this.kafka.address(node).split(':');
    const connected = kafkajsConnector(kafkajsFor(this.kafka)).connect({ host, port: Number(port) });
    return only(
      connected.pipe(
        switchMap((connection) => connection.send(spoken, request)),
        take(1),
      ),
    );
  }
}

function statesOf({ topics: [topic] }: MetadataResponse): readonly State[] {
  if (topic?.errorCode !== 0) return [];
  return topic.partitions.toSorted((a, b) => a.partitionIndex - b.partitionIndex);
}

function expectOne(what: string, errorCode: number | undefined): void {
  if (errorCode !== 0) throw new Error(`${what}: ${errorCode === undefined ? 'no answer' : kafkaErrorOf(errorCode).name}`);
}
