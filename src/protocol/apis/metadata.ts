import type { Api } from '../api.ts';
import { api, between, since, struct } from '../schema.ts';
import { array, bool, int16, int32, nullable, string, uuid } from '../types.ts';

/** Brokers, topics and leaders, as one broker knows them. */
export interface MetadataRequest {
  /** null: all topics (in version 0 an empty array means that); empty: brokers only. */
  readonly topics: readonly MetadataRequestTopic[] | null;
  readonly allowAutoTopicCreation: boolean;
  readonly includeClusterAuthorizedOperations: boolean;
  readonly includeTopicAuthorizedOperations: boolean;
}

export interface MetadataRequestTopic {
  /** All zero: asked for by name (KIP-516). */
  readonly topicId: string;
  /** null: asked for by id, from version 12 on. */
  readonly name: string | null;
}

export interface MetadataResponse {
  readonly throttleTimeMs: number;
  readonly brokers: readonly MetadataResponseBroker[];
  readonly clusterId: string | null;
  /** KRaft brokers name a live broker at random here. */
  readonly controllerId: number;
  readonly topics: readonly MetadataResponseTopic[];
  readonly clusterAuthorizedOperations: number;
}

export interface MetadataResponseBroker {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

export interface MetadataResponseTopic {
  readonly errorCode: number;
  readonly name: string | null;
  readonly topicId: string;
  readonly isInternal: boolean;
  readonly partitions: readonly MetadataResponsePartition[];
  readonly topicAuthorizedOperations: number;
}

export interface MetadataResponsePartition {
  readonly errorCode: number;
  readonly partitionIndex: number;
  /** -1: there is none at the moment. */
  readonly leaderId: number;
  /** -1: unknown. */
  readonly leaderEpoch: number;
  readonly replicaNodes: readonly number[];
  readonly isrNodes: readonly number[];
  readonly offlineReplicas: readonly number[];
}

const NO_OPERATIONS = -2147483648;

const broker = struct<MetadataResponseBroker>({
  nodeId: since(0, int32),
  host: since(0, string),
  port: since(0, int32),
  rack: since(1, nullable(string, 1), null),
});

const partition = struct<MetadataResponsePartition>({
  errorCode: since(0, int16),
  partitionIndex: since(0, int32),
  leaderId: since(0, int32),
  leaderEpoch: since(7, int32, -1),
  replicaNodes: since(0, array(int32)),
  isrNodes: since(0, array(int32)),
  offlineReplicas: since(5, array(int32)),
});

const topic = struct<MetadataResponseTopic>({
  errorCode: since(0, int16),
  name: since(0, nullable(string, 12)),
  topicId: since(10, uuid),
  isInternal: since(1, bool),
  partitions: since(0, array(partition)),
  topicAuthorizedOperations: since(8, int32, NO_OPERATIONS),
});

export const metadataApi: Api<MetadataRequest, MetadataResponse> = api({
  name: 'Metadata',
  key: 3,
  versions: [0, 12],
  flexible: 9,
  request: struct<MetadataRequest>({
    topics: since(
      0,
      nullable(
        array(
          struct<MetadataRequestTopic>({
            topicId: since(10, uuid),
            name: since(0, nullable(string, 10)),
          }),
        ),
        1,
      ),
    ),
    allowAutoTopicCreation: since(4, bool, true),
    includeClusterAuthorizedOperations: between(8, 10, bool),
    includeTopicAuthorizedOperations: since(8, bool),
  }),
  response: struct<MetadataResponse>({
    throttleTimeMs: since(3, int32),
    brokers: since(0, array(broker)),
    clusterId: since(2, nullable(string, 2), null),
    controllerId: since(1, int32, -1),
    topics: since(0, array(topic)),
    clusterAuthorizedOperations: between(8, 10, int32, NO_OPERATIONS),
  }),
});
