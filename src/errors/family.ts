import { KafkaRxError, type ErrorDetails } from './KafkaRxError.ts';

/** One thing that is wrong with the options. */
export interface OptionsIssue {
  /** Which option: `window.records`. */
  readonly path: string;
  readonly given: unknown;
  readonly allowed: string;
  readonly suggestion?: string;
}

/** Options that cannot be used. Thrown at once, all issues in one error. */
export class OptionsError extends KafkaRxError {
  readonly issues: readonly OptionsIssue[];
  constructor(message: string, issues: readonly OptionsIssue[] = []) {
    super('INVALID_OPTIONS', message, { advice: 'Correct the options named in the message.' });
    this.issues = issues;
  }
}

export type ConnectionErrorCode = 'CONNECTION_FAILED' | 'CONNECTION_LOST' | 'BROKERS_UNREACHABLE' | 'TLS_FAILED';

/** No connection to a broker, or one that is gone. Retriable, except for `TLS_FAILED`. */
export class ConnectionError extends KafkaRxError {
  constructor(code: ConnectionErrorCode, message: string, details: ErrorDetails = {}) {
    super(code, message, { retriable: code !== 'TLS_FAILED', ...details });
  }
}

/** The broker does not believe who we are (SASL). Never retriable. */
export class AuthenticationError extends KafkaRxError {}

/** The broker knows who we are and does not let us. `code` is Kafka's: `GROUP_AUTHORIZATION_FAILED`, … */
export class AuthorizationError extends KafkaRxError {}

/** No answer within the deadline. The connection that it was sent over is dropped. Retriable. */
export class RequestTimeoutError extends KafkaRxError {
  readonly api: string;
  /** Milliseconds waited. */
  readonly waited: number;
  constructor(api: string, waited: number, details: ErrorDetails = {}) {
    const where = details.broker === undefined ? '' : ` from ${details.broker}`;
    super('REQUEST_TIMED_OUT', `no answer to ${api}${where} within ${String(waited)} ms`, {
      retriable: true,
      advice: 'Look at the load of the broker and the network between; raise requestTimeout if the broker is only slow.',
      ...details,
    });
    this.api = api;
    this.waited = waited;
  }
}

/** The broker and we have no version of an API in common. */
export class UnsupportedVersionError extends KafkaRxError {
  readonly api: string;
  readonly ours: readonly [min: number, max: number];
  /** undefined: the broker does not know the API at all. */
  readonly theirs: readonly [min: number, max: number] | undefined;
  constructor(
    api: string,
    ours: readonly [min: number, max: number],
    theirs: readonly [min: number, max: number] | undefined,
    details: ErrorDetails = {},
  ) {
    const range = ([min, max]: readonly [number, number]): string => `${String(min)} to ${String(max)}`;
    const them = theirs === undefined ? 'does not know it' : `speaks ${range(theirs)}`;
    super('UNSUPPORTED_VERSION', `${api}: we speak versions ${range(ours)}, the broker ${them}`, {
      advice: 'Use a Kafka broker of version 2.1 or later.',
      ...details,
    });
    this.api = api;
    this.ours = ours;
    this.theirs = theirs;
  }
}

/** A topic or partition that the cluster does not have. */
export class UnknownTopicError extends KafkaRxError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('UNKNOWN_TOPIC_OR_PARTITION', message, { advice: 'Create the topic, or correct its name.', ...details });
  }
}

/** Bytes that are not a record batch, or not the one that the producer sent. The records before it were delivered. */
export class CorruptBatchError extends KafkaRxError {
  readonly firstOffset: number;
  readonly lastOffset: number;
  constructor(message: string, firstOffset: number, lastOffset: number, details: ErrorDetails = {}) {
    super('CORRUPT_MESSAGE', message, {
      offset: firstOffset,
      advice: `Subscribe again to fetch it once more, or seek({ offset: ${String(lastOffset + 1)} }) to pass it.`,
      ...details,
    });
    this.firstOffset = firstOffset;
    this.lastOffset = lastOffset;
  }
}

/** A batch in a codec that nothing installed can read. */
export class UnsupportedCodecError extends KafkaRxError {
  readonly codec: string;
  /** The package to install; empty if there is none. */
  readonly install: string;
  /** `batch`: which one, in words. */
  constructor(codec: string, install: string, details: ErrorDetails = {}, batch = '') {
    super('UNSUPPORTED_COMPRESSION_TYPE', `no decompressor for ${codec}${batch === '' ? '' : `, and ${batch} is in it`}`, {
      advice: install === '' ? 'Use another codec.' : `npm install ${install}`,
      ...details,
    });
    this.codec = codec;
    this.install = install;
  }
}

/** The position is outside of the log, and `autoOffsetReset` is `none`. */
export class OffsetOutOfRangeError extends KafkaRxError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('OFFSET_OUT_OF_RANGE', message, {
      advice: "Seek to where to go on, or set autoOffsetReset to 'earliest' or 'latest'.",
      ...details,
    });
  }
}

/** The stream has ended: its partition is not ours any more. */
export class NotAssignedError extends KafkaRxError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('NOT_ASSIGNED', message, { advice: 'Use the stream of the new assignment, which the consumer emits.', ...details });
  }
}

/** A partition stream has one subscriber at a time. */
export class AlreadySubscribedError extends KafkaRxError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('ALREADY_SUBSCRIBED', message, { advice: 'share() the stream, or unsubscribe the first subscription.', ...details });
  }
}

/** The consumer was unsubscribed while this stream was still subscribed. */
export class ConsumerClosedError extends KafkaRxError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('CONSUMER_CLOSED', message, {
      advice: 'Keep the subscription of the consumer for as long as its streams are read: take(1) or first() above mergeAll ends it.',
      ...details,
    });
  }
}

/** A newer member took over this instanceId (KIP-345). Subscribing the same source, group and instanceId again errors again, without a word to any broker. */
export class InstanceFencedError extends KafkaRxError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('FENCED_INSTANCE_ID', message, {
      advice: 'Give each running member an instanceId of its own. A new Kafka object takes this one back.',
      ...details,
    });
  }
}

/** The consumer stopped while records were still being worked on. They will be delivered again. */
export class DrainTimeoutError extends KafkaRxError {
  /** How many records were delivered and not acked. */
  readonly unacked: number;
  constructor(unacked: number, waited: number) {
    super('DRAIN_TIMED_OUT', `${String(unacked)} records were not acked within ${String(waited)} ms of the stop`, {
      advice: 'Make the window smaller (rate × drainTimeout) or drainTimeout longer.',
    });
    this.unacked = unacked;
  }
}

/** A commit that did not get through. */
export class CommitFailedError extends KafkaRxError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('COMMIT_FAILED', message, { advice: 'The records after the last commit will be delivered again.', ...details });
  }
}

/** An assigned stream that nobody subscribed for `unattendedTimeout`. */
export class UnattendedPartitionError extends KafkaRxError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('UNATTENDED_PARTITION', message, {
      advice: 'Subscribe every stream at once (mergeMap without a concurrency, eachPartition), or hold a pause().',
      ...details,
    });
  }
}

/** Reason of a `signal`: the group gave the partition to somebody else, or its topic is gone. */
export class PartitionLostError extends KafkaRxError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('PARTITION_LOST', message, { advice: 'Stop working on its records: another member may process them again.', ...details });
  }
}

/** Reason of a `signal`: the partition had to be given up before its records were acked. */
export class HandOverDeadlineError extends KafkaRxError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('HAND_OVER_DEADLINE', message, { advice: 'Make the window smaller or rebalanceTimeout longer.', ...details });
  }
}

/** Nothing moved for longer than it may. */
export class ConsumerStalledError extends KafkaRxError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('CONSUMER_STALLED', message, { advice: 'This is a defect of kafka-rx: please report it with the events before it.', ...details });
  }
}

/** Any other answer of a broker, by Kafka's name of it. */
export class BrokerError extends KafkaRxError {}
