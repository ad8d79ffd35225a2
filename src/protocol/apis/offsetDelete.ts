import type { Api } from '../api.ts';
import { api, since, struct } from '../schema.ts';
import { array, int16, int32, string } from '../types.ts';

/** What a group has committed for these partitions is to be forgotten (KIP-496). */
export interface OffsetDeleteRequest {
  readonly groupId: string;
  readonly topics: readonly OffsetDeleteRequestTopic[];
}

export interface OffsetDeleteRequestTopic {
  readonly name: string;
  readonly partitions: readonly OffsetDeleteRequestPartition[];
}

export interface OffsetDeleteRequestPartition {
  readonly partitionIndex: number;
}

export interface OffsetDeleteResponse {
  readonly errorCode: number;
  readonly throttleTimeMs: number;
  readonly topics: readonly OffsetDeleteResponseTopic[];
}

export interface OffsetDeleteResponseTopic {
  readonly name: string;
  readonly partitions: readonly OffsetDeleteResponsePartition[];
}

export interface OffsetDeleteResponsePartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

const asked = struct<OffsetDeleteRequestPartition>({ partitionIndex: since(0, int32) });
const answered = struct<OffsetDeleteResponsePartition>({ partitionIndex: since(0, int32), errorCode: since(0, int16) });

export const offsetDeleteApi: Api<OffsetDeleteRequest, OffsetDeleteResponse> = api({
  name: 'OffsetDelete',
  key: 47,
  versions: [0, 0],
  flexible: Infinity,
  request: struct<OffsetDeleteRequest>({
    groupId: since(0, string),
    topics: since(0, array(struct<OffsetDeleteRequestTopic>({ name: since(0, string), partitions: since(0, array(asked)) }))),
  }),
  response: struct<OffsetDeleteResponse>({
    errorCode: since(0, int16),
    throttleTimeMs: since(0, int32),
    topics: since(0, array(struct<OffsetDeleteResponseTopic>({ name: since(0, string), partitions: since(0, array(answered)) }))),
  }),
});
