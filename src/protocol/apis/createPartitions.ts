import type { Api } from '../api.ts';
import { api, since, struct } from '../schema.ts';
import { array, bool, int16, int32, nullable, string } from '../types.ts';

/** More partitions for topics that there are. */
export interface CreatePartitionsRequest {
  readonly topics: readonly CreatePartitionsTopic[];
  readonly timeoutMs: number;
  /** Nothing is created: only what is wrong is told. */
  readonly validateOnly: boolean;
}

export interface CreatePartitionsTopic {
  readonly name: string;
  /** How many it shall have then. */
  readonly count: number;
  /** The replicas of each new one; null: as the broker likes. */
  readonly assignments: readonly CreatePartitionsAssignment[] | null;
}

export interface CreatePartitionsAssignment {
  readonly brokerIds: readonly number[];
}

export interface CreatePartitionsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly CreatePartitionsTopicResult[];
}

export interface CreatePartitionsTopicResult {
  readonly name: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

const topic = struct<CreatePartitionsTopic>({
  name: since(0, string),
  count: since(0, int32),
  assignments: since(0, nullable(array(struct<CreatePartitionsAssignment>({ brokerIds: since(0, array(int32)) })))),
});

const result = struct<CreatePartitionsTopicResult>({
  name: since(0, string),
  errorCode: since(0, int16),
  errorMessage: since(0, nullable(string), null),
});

export const createPartitionsApi: Api<CreatePartitionsRequest, CreatePartitionsResponse> = api({
  name: 'CreatePartitions',
  key: 37,
  versions: [0, 3],
  flexible: 2,
  request: struct<CreatePartitionsRequest>({
    topics: since(0, array(topic)),
    timeoutMs: since(0, int32),
    validateOnly: since(0, bool),
  }),
  response: struct<CreatePartitionsResponse>({ throttleTimeMs: since(0, int32), results: since(0, array(result)) }),
});
