import type { OffsetCommitResponse } from '../../../src/protocol/apis/offsetCommit.ts';
import type { OffsetFetchResponse } from '../../../src/protocol/apis/offsetFetch.ts';
import type { OffsetForLeaderEpochResponse } from '../../../src/protocol/apis/offsetForLeaderEpoch.ts';
import type { ListOffsetsResponse } from '../../../src/protocol/apis/listOffsets.ts';
import type { MetadataResponse } from '../../../src/protocol/apis/metadata.ts';
import type { FindCoordinatorResponse } from '../../../src/protocol/apis/findCoordinator.ts';
import { partitionKey } from '../../../src/model/topicPartition.ts';
import { kafkaErrorOf } from '../../../src/errors/table.ts';

/** An error in an answer. `key`: of the partition that it stands at; absent: it is about the whole. */
export interface Refusal {
  readonly name: string;
  readonly key?: string;
}

/** What an answer refuses. Of Fetch see its parts. */
export function refusalsOf(api: string, response: unknown): readonly Refusal[] {
  return codesOf(api, response)
    .filter(({ code }) => code !== 0)
    .map(({ code, key }) => ({ name: kafkaErrorOf(code).name, ...(key !== undefined && { key }) }));
}

interface Code {
  readonly code: number;
  readonly key?: string;
}

function codesOf(api: string, response: unknown): readonly Code[] {
  switch (api) {
    case 'OffsetCommit':
      return (response as OffsetCommitResponse).topics.flatMap(({ name, partitions }) => partitions.map((each) => at(name, each)));
    case 'ListOffsets':
      return (response as ListOffsetsResponse).topics.flatMap(({ name, partitions }) => partitions.map((each) => at(name, each)));
    case 'OffsetForLeaderEpoch':
      return (response as OffsetForLeaderEpochResponse).topics.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition: partitionIndex, errorCode }) => at(topic, { partitionIndex, errorCode })),
      );
    case 'OffsetFetch':
      return committedCodes(response as OffsetFetchResponse);
    case 'FindCoordinator': {
      const { errorCode, coordinators } = response as FindCoordinatorResponse;
      return [errorCode, ...coordinators.map((each) => each.errorCode)].map((code) => ({ code }));
    }
    case 'Metadata':
      return metadataCodes(response as MetadataResponse);
    default:
      return [{ code: (response as { readonly errorCode?: number }).errorCode ?? 0 }];
  }
}

function committedCodes({ errorCode, topics, groups }: OffsetFetchResponse): readonly Code[] {
  const whole = [errorCode, ...groups.map((group) => group.errorCode)].map((code) => ({ code }));
  const each = [...topics, ...groups.flatMap((group) => group.topics)];
  return [...whole, ...each.flatMap(({ name, partitions }) => partitions.map((partition) => at(name, partition)))];
}

/** A partition without a leader is one that is refused. */
function metadataCodes({ brokers, topics }: MetadataResponse): readonly Code[] {
  const alive = new Set(brokers.map(({ nodeId }) => nodeId));
  return topics.flatMap(({ errorCode, partitions }) => [
    { code: errorCode },
    ...partitions.map(({ leaderId }) => ({ code: alive.has(leaderId) ? 0 : LEADER_NOT_AVAILABLE })),
  ]);
}

const LEADER_NOT_AVAILABLE = 5;

function at(topic: string, { partitionIndex, errorCode }: { readonly partitionIndex: number; readonly errorCode: number }): Code {
  return { code: errorCode, key: partitionKey(topic, partitionIndex) };
}

/** Who leads each partition: `host:port`; undefined: nobody that is there. */
export function leadersOf({ brokers, topics }: MetadataResponse): ReadonlyMap<string, string | undefined> {
  const addresses = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, `${host}:${String(port)}`]));
  return new Map(
    topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, leaderId }) => [partitionKey(name ?? '', partitionIndex), addresses.get(leaderId)] as const),
    ),
  );
}

export function leaderEpochsOf({ topics }: MetadataResponse): ReadonlyMap<string, number> {
  return new Map(
    topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, leaderEpoch }) => [partitionKey(name ?? '', partitionIndex), leaderEpoch] as const),
    ),
  );
}
