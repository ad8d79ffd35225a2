import type { Api } from '../api.ts';
import { api, since, struct, tagged } from '../schema.ts';
import { array, bool, int16, int32, int8, nullable, string, uuid } from '../types.ts';

/** New topics. */
export interface CreateTopicsRequest {
  readonly topics: readonly CreatableTopic[];
  readonly timeoutMs: number;
  /** Nothing is created: only what is wrong is told. */
  readonly validateOnly: boolean;
}

export interface CreatableTopic {
  readonly name: string;
  /** -1: as the broker is configured, or as `assignments` say. */
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly assignments: readonly CreatableReplicaAssignment[];
  readonly configs: readonly CreatableTopicConfig[];
}

export interface CreatableReplicaAssignment {
  readonly partitionIndex: number;
  readonly brokerIds: readonly number[];
}

export interface CreatableTopicConfig {
  readonly name: string;
  readonly value: string | null;
}

export interface CreateTopicsResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly CreatableTopicResult[];
}

export interface CreatableTopicResult {
  readonly name: string;
  readonly topicId: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly topicConfigErrorCode: number;
  /** -1 with an error. */
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly configs: readonly CreatableTopicConfigs[] | null;
}

export interface CreatableTopicConfigs {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly configSource: number;
  readonly isSensitive: boolean;
}

const topic = struct<CreatableTopic>({
  name: since(0, string),
  numPartitions: since(0, int32),
  replicationFactor: since(0, int16),
  assignments: since(0, array(struct<CreatableReplicaAssignment>({ partitionIndex: since(0, int32), brokerIds: since(0, array(int32)) }))),
  configs: since(0, array(struct<CreatableTopicConfig>({ name: since(0, string), value: since(0, nullable(string)) }))),
});

const config = struct<CreatableTopicConfigs>({
  name: since(5, string),
  value: since(5, nullable(string)),
  readOnly: since(5, bool),
  configSource: since(5, int8, -1),
  isSensitive: since(5, bool),
});

const result = struct<CreatableTopicResult>({
  name: since(0, string),
  topicId: since(7, uuid),
  errorCode: since(0, int16),
  errorMessage: since(1, nullable(string)),
  topicConfigErrorCode: tagged(0, 5, int16),
  numPartitions: since(5, int32, -1),
  replicationFactor: since(5, int16, -1),
  configs: since(5, nullable(array(config), 5)),
});

export const createTopicsApi: Api<CreateTopicsRequest, CreateTopicsResponse> = api({
  name: 'CreateTopics',
  key: 19,
  versions: [2, 7],
  flexible: 5,
  request: struct<CreateTopicsRequest>({
    topics: since(0, array(topic)),
    timeoutMs: since(0, int32, 60_000),
    validateOnly: since(1, bool),
  }),
  response: struct<CreateTopicsResponse>({ throttleTimeMs: since(2, int32), topics: since(0, array(result)) }),
});
