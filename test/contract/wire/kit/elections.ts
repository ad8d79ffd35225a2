import type { Api } from '../../../../src/protocol/api.ts';
import { api, since, struct } from '../../../../src/protocol/schema.ts';
import { array, int16, int32, int8, nullable, string } from '../../../../src/protocol/types.ts';

/** What one partition was answered. */
interface PartitionError {
  readonly partition: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

interface TopicErrors {
  readonly topic: string;
  readonly partitions: readonly PartitionError[];
}

const topicErrors = array(
  struct<TopicErrors>({
    topic: since(0, string),
    partitions: since(
      0,
      array(struct<PartitionError>({ partition: since(0, int32), errorCode: since(0, int16), errorMessage: since(0, nullable(string)) })),
    ),
  }),
);

interface ReassignedPartition {
  readonly partition: number;
  readonly replicas: readonly number[] | null;
}

interface ReassignedTopic {
  readonly topic: string;
  readonly partitions: readonly ReassignedPartition[];
}

interface ReassignmentRequest {
  readonly timeoutMs: number;
  readonly topics: readonly ReassignedTopic[];
}

interface ReassignmentResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly topics: readonly TopicErrors[];
}

const reassigned = struct<ReassignedPartition>({ partition: since(0, int32), replicas: since(0, nullable(array(int32))) });

/** Other replicas, or the same in another order: the first is the preferred leader. */
export const reassignmentApi: Api<ReassignmentRequest, ReassignmentResponse> = api({
  name: 'AlterPartitionReassignments',
  key: 45,
  versions: [0, 0],
  flexible: 0,
  request: struct<ReassignmentRequest>({
    timeoutMs: since(0, int32),
    topics: since(0, array(struct<ReassignedTopic>({ topic: since(0, string), partitions: since(0, array(reassigned)) }))),
  }),
  response: struct<ReassignmentResponse>({
    throttleTimeMs: since(0, int32),
    errorCode: since(0, int16),
    errorMessage: since(0, nullable(string)),
    topics: since(0, topicErrors),
  }),
});

interface ElectedTopic {
  readonly topic: string;
  readonly partitions: readonly number[];
}

interface ElectionRequest {
  /** 0: the preferred replica. */
  readonly electionType: number;
  readonly topics: readonly ElectedTopic[];
  readonly timeoutMs: number;
}

interface ElectionResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly topics: readonly TopicErrors[];
}

export const electionApi: Api<ElectionRequest, ElectionResponse> = api({
  name: 'ElectLeaders',
  key: 43,
  versions: [2, 2],
  flexible: 2,
  request: struct<ElectionRequest>({
    electionType: since(1, int8),
    topics: since(0, array(struct<ElectedTopic>({ topic: since(0, string), partitions: since(0, array(int32)) }))),
    timeoutMs: since(0, int32),
  }),
  response: struct<ElectionResponse>({ throttleTimeMs: since(0, int32), errorCode: since(0, int16), topics: since(0, topicErrors) }),
});
