import type { Api } from '../api.ts';
import { api, between, since, struct, tagged } from '../schema.ts';
import { array, bytes, int16, int32, int64, nullable, string, uuid } from '../types.ts';

/** Batches to be appended: one for each partition. */
export interface ProduceRequest {
  /** null: not in a transaction. */
  readonly transactionalId: string | null;
  /** 0: no answer at all; 1: when the leader has it; -1: when all replicas in sync have it. */
  readonly acks: number;
  readonly timeoutMs: number;
  readonly topicData: readonly TopicProduceData[];
}

export interface TopicProduceData {
  /** Until version 12. */
  readonly name: string;
  /** From version 13 on. */
  readonly topicId: string;
  readonly partitionData: readonly PartitionProduceData[];
}

export interface PartitionProduceData {
  readonly index: number;
  readonly records: Buffer | null;
}

export interface ProduceResponse {
  readonly responses: readonly TopicProduceResponse[];
  readonly throttleTimeMs: number;
  /** Where the leaders are that `currentLeader` names (KIP-951). */
  readonly nodeEndpoints: readonly ProduceNodeEndpoint[];
}

export interface TopicProduceResponse {
  readonly name: string;
  readonly topicId: string;
  readonly partitionResponses: readonly PartitionProduceResponse[];
}

export interface PartitionProduceResponse {
  readonly index: number;
  readonly errorCode: number;
  /** -1 with an error. */
  readonly baseOffset: number;
  /** -1: the batch keeps the timestamps of its producer. */
  readonly logAppendTimeMs: number;
  readonly logStartOffset: number;
  readonly recordErrors: readonly BatchIndexAndErrorMessage[];
  readonly errorMessage: string | null;
  /** -1, -1: not said. */
  readonly currentLeader: ProduceLeader;
}

export interface BatchIndexAndErrorMessage {
  readonly batchIndex: number;
  readonly batchIndexErrorMessage: string | null;
}

export interface ProduceLeader {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

export interface ProduceNodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

const asked = struct<PartitionProduceData>({ index: since(0, int32), records: since(0, nullable(bytes)) });

const recordError = struct<BatchIndexAndErrorMessage>({
  batchIndex: since(8, int32),
  batchIndexErrorMessage: since(8, nullable(string), null),
});

const partition = struct<PartitionProduceResponse>({
  index: since(0, int32),
  errorCode: since(0, int16),
  baseOffset: since(0, int64),
  logAppendTimeMs: since(2, int64, -1),
  logStartOffset: since(5, int64, -1),
  recordErrors: since(8, array(recordError)),
  errorMessage: since(8, nullable(string), null),
  currentLeader: tagged(0, 10, struct<ProduceLeader>({ leaderId: since(10, int32, -1), leaderEpoch: since(10, int32, -1) })),
});

const endpoint = struct<ProduceNodeEndpoint>({
  nodeId: since(10, int32),
  host: since(10, string),
  port: since(10, int32),
  rack: since(10, nullable(string), null),
});

export const produceApi: Api<ProduceRequest, ProduceResponse> = api({
  name: 'Produce',
  key: 0,
  versions: [3, 13],
  flexible: 9,
  request: struct<ProduceRequest>({
    transactionalId: since(3, nullable(string), null),
    acks: since(0, int16),
    timeoutMs: since(0, int32),
    topicData: since(
      0,
      array(
        struct<TopicProduceData>({
          name: between(0, 12, string),
          topicId: since(13, uuid),
          partitionData: since(0, array(asked)),
        }),
      ),
    ),
  }),
  response: struct<ProduceResponse>({
    responses: since(
      0,
      array(
        struct<TopicProduceResponse>({
          name: between(0, 12, string),
          topicId: since(13, uuid),
          partitionResponses: since(0, array(partition)),
        }),
      ),
    ),
    throttleTimeMs: since(1, int32),
    nodeEndpoints: tagged(0, 10, array(endpoint)),
  }),
});
