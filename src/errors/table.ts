import {
  AuthenticationError,
  AuthorizationError,
  BrokerError,
  InstanceFencedError,
  OffsetOutOfRangeError,
  UnknownTopicError,
} from './family.ts';
import { rows, type Invalidates } from './kafkaErrors.ts';
import type { ErrorDetails, KafkaRxError } from './KafkaRxError.ts';

/** One of Kafka's errors. */
export interface KafkaError {
  readonly code: number;
  /** Kafka's name: `NOT_COORDINATOR`. */
  readonly name: string;
  readonly retriable: boolean;
  /** What we believed and should ask for again. */
  readonly invalidates: Invalidates;
}

/** Kafka's errors by their codes. */
export const kafkaErrors: ReadonlyMap<number, KafkaError> = new Map(
  rows.map(([code, name, again = 'final', invalidates = 'none']) => [code, { code, name, retriable: again === 'retriable', invalidates }]),
);

/** UNKNOWN_SERVER_ERROR. */
const UNEXPECTED = -1;

const byName = new Map([...kafkaErrors.values()].map((error) => [error.name, error.code]));

/** What Kafka means by that code. A code that this version does not know is final, and named `UNKNOWN_<code>`. */
export function kafkaErrorOf(code: number): KafkaError {
  return kafkaErrors.get(code) ?? { code, name: `UNKNOWN_${String(code)}`, retriable: false, invalidates: 'none' };
}

/** The code of one of Kafka's names. Throws RangeError for a name that Kafka does not have. */
export function codeOf(name: string): number {
  const code = byName.get(name);
  if (code === undefined) throw new RangeError(`Kafka has no error ${name}`);
  return code;
}

const advices: ReadonlyMap<string, string> = new Map([
  ['TOPIC_AUTHORIZATION_FAILED', 'Grant the principal READ and DESCRIBE on the topic.'],
  ['GROUP_AUTHORIZATION_FAILED', 'Grant the principal READ on the group.'],
  ['CLUSTER_AUTHORIZATION_FAILED', 'Grant the principal the operation on the cluster.'],
  ['INVALID_GROUP_ID', 'Give a groupId that is not empty.'],
  ['INVALID_SESSION_TIMEOUT', 'Keep sessionTimeout between group.min.session.timeout.ms and group.max.session.timeout.ms of the broker.'],
  ['INCONSISTENT_GROUP_PROTOCOL', 'Give all members of the group one assignor in common, or use another groupId.'],
  ['GROUP_MAX_SIZE_REACHED', 'Raise group.max.size of the broker, or start fewer members.'],
  ['INVALID_TOPIC_EXCEPTION', 'Correct the name of the topic: letters, digits, dot, underscore and hyphen, at most 249.'],
  ['OFFSET_METADATA_TOO_LARGE', 'Commit less metadata, or raise offset.metadata.max.bytes of the broker.'],
  ['UNSUPPORTED_SASL_MECHANISM', 'Use a mechanism that the listener has in sasl.enabled.mechanisms.'],
  ['SASL_AUTHENTICATION_FAILED', 'Check user name and password.'],
]);

const authentication = new Set(['SASL_AUTHENTICATION_FAILED', 'UNSUPPORTED_SASL_MECHANISM', 'ILLEGAL_SASL_STATE']);

/** Whether the same may succeed later: what Kafka calls retriable, and an error that the broker itself did not expect. */
export function isWorthRetrying(code: number): boolean {
  return code === UNEXPECTED || kafkaErrorOf(code).retriable;
}

/** The error for a code that a broker answered, of the class that stands for it. `place`: where it happened. */
export function errorOf(code: number, place: ErrorDetails = {}): KafkaRxError {
  const { name } = kafkaErrorOf(code);
  const message = describe(name, place);
  const { advice = advices.get(name), ...where } = place;
  const details: ErrorDetails = { ...where, retriable: isWorthRetrying(code), ...(advice === undefined ? {} : { advice }) };
  if (name.endsWith('_AUTHORIZATION_FAILED')) return new AuthorizationError(name, message, details);
  if (authentication.has(name)) return new AuthenticationError(name, message, details);
  if (name === 'UNKNOWN_TOPIC_OR_PARTITION' || name === 'UNKNOWN_TOPIC_ID') return new UnknownTopicError(message, details);
  if (name === 'OFFSET_OUT_OF_RANGE') return new OffsetOutOfRangeError(message, details);
  if (name === 'FENCED_INSTANCE_ID') return new InstanceFencedError(message, details);
  return new BrokerError(name, message, details);
}

/** `NOT_LEADER_OR_FOLLOWER for orders-3 from kafka:9092` */
function describe(name: string, { topic, partition, broker }: ErrorDetails): string {
  const what = topic === undefined ? '' : ` for ${topic}${partition === undefined ? '' : `-${String(partition)}`}`;
  return `${name}${what}${broker === undefined ? '' : ` from ${broker}`}`;
}
