import type { Api } from '../api.ts';
import { api, between, since, struct } from '../schema.ts';
import { array, bool, int16, int32, int64, nullable, string, uuid } from '../types.ts';

/** What a group has committed. Until version 7 `groupId` and `topics` are asked for, from version 8 on `groups` (KIP-709). */
export interface OffsetFetchRequest {
  readonly groupId: string;
  /** null: all topics, from version 2 on. */
  readonly topics: readonly OffsetFetchRequestTopic[] | null;
  readonly groups: readonly OffsetFetchRequestGroup[];
  /** Answer UNSTABLE_OFFSET_COMMIT while a transaction is about to commit offsets (KIP-447). */
  readonly requireStable: boolean;
}

export interface OffsetFetchRequestTopic {
  readonly name: string;
  /** From version 10 on instead of the name; all zero: not known. */
  readonly topicId: string;
  readonly partitionIndexes: readonly number[];
}

export interface OffsetFetchRequestGroup {
  readonly groupId: string;
  /** null: not as a member. Groups of the classic protocol ignore it. */
  readonly memberId: string | null;
  readonly memberEpoch: number;
  readonly topics: readonly OffsetFetchRequestTopic[] | null;
}

export interface OffsetFetchResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly OffsetFetchResponseTopic[];
  readonly errorCode: number;
  readonly groups: readonly OffsetFetchResponseGroup[];
}

export interface OffsetFetchResponseTopic {
  /** Empty: the broker answers by id. */
  readonly name: string;
  /** All zero: the broker answers by name. */
  readonly topicId: string;
  readonly partitions: readonly OffsetFetchResponsePartition[];
}

export interface OffsetFetchResponsePartition {
  readonly partitionIndex: number;
  /** -1: nothing is committed. */
  readonly committedOffset: number;
  /** -1: unknown. */
  readonly committedLeaderEpoch: number;
  readonly metadata: string | null;
  readonly errorCode: number;
}

export interface OffsetFetchResponseGroup {
  readonly groupId: string;
  readonly topics: readonly OffsetFetchResponseTopic[];
  readonly errorCode: number;
}

/** The first version in which topics go by their ids (KIP-848). */
const IDS_SINCE = 10;

const asked = struct<OffsetFetchRequestTopic>({
  name: between(0, IDS_SINCE - 1, string),
  topicId: since(IDS_SINCE, uuid),
  partitionIndexes: since(0, array(int32)),
});

const partition = struct<OffsetFetchResponsePartition>({
  partitionIndex: since(0, int32),
  committedOffset: since(0, int64),
  committedLeaderEpoch: since(5, int32, -1),
  metadata: since(0, nullable(string)),
  errorCode: since(0, int16),
});

const topic = struct<OffsetFetchResponseTopic>({
  name: between(0, IDS_SINCE - 1, string),
  topicId: since(IDS_SINCE, uuid),
  partitions: since(0, array(partition)),
});

/** Who asks for all topics needs no ids. */
function isByName({ topics }: OffsetFetchRequestGroup): boolean {
  return topics?.some(({ topicId }) => topicId === uuid.initial) === true;
}

export const offsetFetchApi: Api<OffsetFetchRequest, OffsetFetchResponse> = api({
  name: 'OffsetFetch',
  key: 9,
  versions: [1, IDS_SINCE],
  flexible: 6,
  upTo: ({ groups }) => (groups.some(isByName) ? IDS_SINCE - 1 : IDS_SINCE),
  request: struct<OffsetFetchRequest>({
    groupId: between(0, 7, string),
    topics: between(0, 7, nullable(array(asked), 2)),
    groups: since(
      8,
      array(
        struct<OffsetFetchRequestGroup>({
          groupId: since(8, string),
          memberId: since(9, nullable(string), null),
          memberEpoch: since(9, int32, -1),
          topics: since(8, nullable(array(asked))),
        }),
      ),
    ),
    requireStable: since(7, bool),
  }),
  response: struct<OffsetFetchResponse>({
    throttleTimeMs: since(3, int32),
    topics: between(0, 7, array(topic)),
    errorCode: between(2, 7, int16),
    groups: since(
      8,
      array(
        struct<OffsetFetchResponseGroup>({
          groupId: since(8, string),
          topics: since(8, array(topic)),
          errorCode: since(8, int16),
        }),
      ),
    ),
  }),
});

/** The request for what one group has committed for these topics, in any version. */
export function offsetsOfGroup(groupId: string, topics: readonly OffsetFetchRequestTopic[], requireStable: boolean): OffsetFetchRequest {
  return { groupId, topics, groups: [{ groupId, memberId: null, memberEpoch: -1, topics }], requireStable };
}

/** What the one group that was asked for has committed, in any version. */
export function committedOf(response: OffsetFetchResponse, groupId: string): OffsetFetchResponseGroup {
  const { topics, errorCode, groups } = response;
  return groups.find((group) => group.groupId === groupId) ?? { groupId, topics, errorCode };
}
