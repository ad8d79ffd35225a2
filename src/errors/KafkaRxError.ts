const brand = Symbol.for('kafka-rx.error');

/** Where an error happened and what it means; every field is optional and absent where it does not apply. */
export interface ErrorDetails {
  readonly retriable?: boolean;
  readonly broker?: string | undefined;
  readonly topic?: string | undefined;
  readonly partition?: number | undefined;
  readonly offset?: number | undefined;
  readonly advice?: string | undefined;
  readonly cause?: unknown;
}

/**
 * What every error of this library is: Kafka's word for it, whether trying again can help, where it happened, and what to do.
 *
 * Branded, so that `KafkaRxError.is` recognises the errors of another copy of the library as well.
 */
export class KafkaRxError extends Error {
  static is(value: unknown): value is KafkaRxError {
    return typeof value === 'object' && value !== null && brand in value;
  }

  /** Kafka's word where Kafka has one: `NOT_COORDINATOR`, `TOPIC_AUTHORIZATION_FAILED`, … */
  readonly code: string;
  /** Whether the same thing may succeed later without anybody changing anything. */
  readonly retriable: boolean;
  /** `host:port`. */
  readonly broker?: string;
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
  /** What to do about it, in one sentence. */
  readonly advice: string;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.retriable = details.retriable ?? false;
    this.advice = details.advice ?? '';
    if (details.broker !== undefined) this.broker = details.broker;
    if (details.topic !== undefined) this.topic = details.topic;
    if (details.partition !== undefined) this.partition = details.partition;
    if (details.offset !== undefined) this.offset = details.offset;
    Object.defineProperty(this, brand, { value: true });
  }
}
