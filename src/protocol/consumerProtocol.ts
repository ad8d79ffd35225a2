import { MalformedError } from './MalformedError.ts';
import { Reader } from './reader.ts';
import { message, since, struct } from './schema.ts';
import type { Schema } from './api.ts';
import { array, bytes, int32, nullable, string } from './types.ts';
import { Writer } from './writer.ts';

/** Partitions of one topic. */
export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** What a member of a group tells its leader: the metadata of a JoinGroup. */
export interface ConsumerProtocolSubscription {
  readonly topics: readonly string[];
  /** The assignor's own. */
  readonly userData: Buffer | null;
  /** What the member holds as it joins (KIP-429), from version 1 on. */
  readonly ownedPartitions: readonly TopicPartitions[];
  /** Of which generation `ownedPartitions` is (KIP-792), from version 2 on; -1: unknown. */
  readonly generationId: number;
  /** Where the member stands (KIP-881), from version 3 on. */
  readonly rackId: string | null;
}

/** What the leader gives to a member: the assignment of a SyncGroup. */
export interface ConsumerProtocolAssignment {
  readonly assignedPartitions: readonly TopicPartitions[];
  readonly userData: Buffer | null;
}

/** The highest version of both that we know, which is the one that Java's consumers write. */
const CONSUMER_PROTOCOL_VERSION = 3;

const topicPartitions = array(struct<TopicPartitions>({ topic: since(0, string), partitions: since(0, array(int32)) }));

const subscription = message(
  Infinity,
  struct<ConsumerProtocolSubscription>({
    topics: since(0, array(string)),
    userData: since(0, nullable(bytes), null),
    ownedPartitions: since(1, topicPartitions),
    generationId: since(2, int32, -1),
    rackId: since(3, nullable(string), null),
  }),
);

const assignment = message(
  Infinity,
  struct<ConsumerProtocolAssignment>({
    assignedPartitions: since(0, topicPartitions),
    userData: since(0, nullable(bytes), null),
  }),
);

export function encodeSubscription(value: ConsumerProtocolSubscription, version: number = CONSUMER_PROTOCOL_VERSION): Buffer {
  return encode(subscription, value, version);
}

/** Throws MalformedError if the bytes are no subscription. */
export function decodeSubscription(data: Buffer): ConsumerProtocolSubscription {
  return decode(subscription, data);
}

export function encodeAssignment(value: ConsumerProtocolAssignment, version: number = CONSUMER_PROTOCOL_VERSION): Buffer {
  return encode(assignment, value, version);
}

/** No bytes at all are an empty assignment: a leader may leave a member out. Throws MalformedError if the bytes are no assignment. */
export function decodeAssignment(data: Buffer): ConsumerProtocolAssignment {
  return data.length === 0 ? { assignedPartitions: [], userData: null } : decode(assignment, data);
}

function encode<T>(schema: Schema<T>, value: T, version: number): Buffer {
  const writer = new Writer();
  writer.int16(version);
  schema.write(writer, value, version);
  return writer.finish();
}

/** A later version than we know only adds fields at the end: it is read as the latest that we know, and the rest is left. */
function decode<T>(schema: Schema<T>, data: Buffer): T {
  const reader = new Reader(data);
  const version = reader.int16();
  if (version < 0) throw new MalformedError(`version ${String(version)} of the consumer protocol`);
  return schema.read(reader, Math.min(version, CONSUMER_PROTOCOL_VERSION));
}
