import { codeOf, kafkaErrorOf } from '../../../../src/errors/table.ts';
import type { Api } from '../../../../src/protocol/api.ts';
import type { FetchRequest, FetchResponse } from '../../../../src/protocol/apis/fetch.ts';
import { fetchApi } from '../../../../src/protocol/apis/fetch.ts';
import { createTopicsApi, deleteTopicsApi, produceApi } from '../../../../src/protocol/apis/forTesting.ts';
import { LATEST_TIMESTAMP, listOffsetsApi, type ListOffsetsRequest } from '../../../../src/protocol/apis/listOffsets.ts';
import {
  metadataApi,
  type MetadataRequest,
  type MetadataResponse,
  type MetadataResponseTopic,
} from '../../../../src/protocol/apis/metadata.ts';
import type { ProduceRequest } from '../../../../src/protocol/apis/produce.ts';
import { encodeBatch, type NewBatch, type NewRecord } from '../../../../src/protocol/encodeBatch.ts';
import type { BrokerAddress } from '../../../../src/transport/port.ts';
import type { Line, Talk } from './talk.ts';

export const NO_ID: string = '0'.repeat(32);

export interface TopicPlan {
  readonly partitions?: number;
  readonly replicationFactor?: number;
  readonly configs?: Readonly<Record<string, string>>;
}

/** A batch that is appended as it is, in a transaction if there is one. */
export type Appended = NewBatch & { readonly transactionalId?: string; readonly version?: number };

/** What a fetch asks of one partition. */
export interface Wanted {
  readonly topic: string;
  readonly partition?: number;
  readonly offset?: number;
  readonly epoch?: number;
  readonly lastEpoch?: number;
  readonly maxBytes?: number;
}

/** Fetch in the versions in which topics go by their names: an empty request, too. */
const fetchByNames: typeof fetchApi = { ...fetchApi, versions: [fetchApi.versions[0], 12] };

/** A client that reads and writes topics by their names in the transcript. What it prepares is not noted, what it asks is. */
export class Desk {
  readonly talk: Talk;
  readonly line: Line;

  private constructor(talk: Talk, line: Line) {
    this.talk = talk;
    this.line = line;
  }

  /** At that broker, or any. */
  static async open(talk: Talk, broker?: BrokerAddress): Promise<Desk> {
    return new Desk(talk, await talk.line(broker));
  }

  /** Another one, at that broker. */
  at(broker?: BrokerAddress): Promise<Desk> {
    return Desk.open(this.talk, broker);
  }

  ask<Q, R>(title: string, api: Api<Q, R>, request: Q, version?: number): Promise<R> {
    return this.line.ask(title, api, request, version);
  }

  named(topic: string): string {
    return this.talk.named(topic);
  }

  /** Creates a topic and waits until its partitions are led. */
  async topic(topic: string, { partitions = 1, replicationFactor = 1, configs = {} }: TopicPlan = {}): Promise<MetadataResponseTopic> {
    const name = this.named(topic);
    const settings = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
    const plan = { name, numPartitions: partitions, replicationFactor, assignments: [], configs: settings };
    const { topics } = await this.line.quietly(createTopicsApi, { topics: [plan], timeoutMs: 10_000, validateOnly: false });
    expectNone(`creating ${name}`, topics[0]?.errorCode);
    const known = await this.talk.until(
      `${name} has leaders`,
      () => this.line.quietly(metadataApi, this.metadata(topic)),
      (answer) => isLed(answer, partitions),
    );
    // Who leads a partition may hear of it a moment after Metadata tells it.
    for (let partition = 0; partition < partitions; partition++) await this.#leadsBy(topic, partition, 'NONE');
    const [created] = known.topics;
    if (created === undefined) throw new Error(`no metadata of ${name}`);
    return created;
  }

  async deleteTopic(topic: string): Promise<void> {
    const name = this.named(topic);
    const request = { topics: [{ name, topicId: NO_ID }], topicNames: [name], timeoutMs: 10_000 };
    const { responses } = await this.line.quietly(deleteTopicsApi, request);
    expectNone(`deleting ${name}`, responses[0]?.errorCode);
    await this.talk.until(
      `${name} is gone`,
      () => this.line.quietly(metadataApi, this.metadata(topic)),
      ({ topics }) => topics[0]?.errorCode === codeOf('UNKNOWN_TOPIC_OR_PARTITION'),
    );
    await this.#leadsBy(topic, 0, 'UNKNOWN_TOPIC_OR_PARTITION');
  }

  /** Waits until the broker knows that it leads. */
  leads(topic: string): Promise<void> {
    return this.#leadsBy(topic, 0, 'NONE');
  }

  async #leadsBy(topic: string, partition: number, error: string): Promise<void> {
    await this.talk.until(
      `${topic}-${partition}: ${error}`,
      () => this.line.quietly(listOffsetsApi, this.offsets([{ topic, partition, timestamp: LATEST_TIMESTAMP }])),
      ({ topics }) => topics[0]?.partitions[0]?.errorCode === codeOf(error),
    );
  }

  /** Appends one batch of these values (or records), a millisecond apart. Resolves with its first offset. */
  async produce(topic: string, partition: number, records: readonly (string | NewRecord)[], batch: Appended = {}): Promise<number> {
    const { responses } = await this.line.quietly(produceApi, this.batch(topic, partition, records, batch), batch.version ?? 12);
    const [answer] = responses[0]?.partitionResponses ?? [];
    expectNone(`producing to ${topic}-${partition}`, answer?.errorCode);
    return answer?.baseOffset ?? -1;
  }

  /** The request that appends such a batch. */
  batch(topic: string, partition: number, records: readonly (string | NewRecord)[], batch: Appended = {}): ProduceRequest {
    const bytes = encodeBatch(
      records.map((record, i) => ({
        timestamp: this.talk.time(i),
        ...(typeof record === 'string' ? { value: Buffer.from(record) } : record),
      })),
      batch,
    );
    return this.raw(topic, partition, bytes, batch.transactionalId);
  }

  /** The request that appends these bytes. */
  raw(topic: string, partition: number, records: Buffer | null, transactionalId: string | null = null): ProduceRequest {
    const topicData = [{ name: this.named(topic), topicId: NO_ID, partitionData: [{ index: partition, records }] }];
    return { transactionalId, acks: -1, timeoutMs: 5_000, topicData };
  }

  metadata(...topics: readonly string[]): MetadataRequest {
    return metadataRequest(topics.map((topic) => ({ topicId: NO_ID, name: this.named(topic) })));
  }

  offsets(
    wanted: readonly { readonly topic: string; readonly partition?: number; readonly timestamp: number; readonly epoch?: number }[],
    isolationLevel = 0,
  ): ListOffsetsRequest {
    const topics = wanted.map(({ topic, partition = 0, timestamp, epoch = -1 }) => ({
      name: this.named(topic),
      partitions: [{ partitionIndex: partition, currentLeaderEpoch: epoch, timestamp }],
    }));
    return { replicaId: -1, isolationLevel, topics, timeoutMs: 1_000 };
  }

  fetchRequest(wanted: readonly Wanted[], settings: Partial<FetchRequest> = {}): FetchRequest {
    const topics = wanted.map(({ topic, partition = 0, offset = 0, epoch = -1, lastEpoch = -1, maxBytes = 1_000_000 }) => ({
      topic: this.named(topic),
      topicId: NO_ID,
      partitions: [
        {
          partition,
          currentLeaderEpoch: epoch,
          fetchOffset: offset,
          lastFetchedEpoch: lastEpoch,
          logStartOffset: -1,
          partitionMaxBytes: maxBytes,
        },
      ],
    }));
    return {
      clusterId: null,
      replicaId: -1,
      maxWaitMs: 100,
      minBytes: 1,
      maxBytes: 10_000_000,
      isolationLevel: 0,
      sessionId: 0,
      sessionEpoch: -1,
      topics,
      forgottenTopicsData: [],
      rackId: '',
      ...settings,
    };
  }

  fetch(title: string, wanted: readonly Wanted[], settings: Partial<FetchRequest> = {}, version?: number): Promise<FetchResponse> {
    return this.ask(title, fetchByNames, this.fetchRequest(wanted, settings), version);
  }
}

export function metadataRequest(topics: MetadataRequest['topics']): MetadataRequest {
  return { topics, allowAutoTopicCreation: false, includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false };
}

function isLed({ topics: [topic] }: MetadataResponse, partitions: number): boolean {
  return topic?.errorCode === 0 && topic.partitions.length === partitions && topic.partitions.every(({ leaderId }) => leaderId >= 0);
}

export function expectNone(what: string, errorCode: number | undefined): void {
  if (errorCode !== 0) throw new Error(`${what}: ${errorCode === undefined ? 'no answer' : kafkaErrorOf(errorCode).name}`);
}
