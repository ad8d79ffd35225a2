import { KafkaRxError, type ErrorDetails } from '../errors/KafkaRxError.ts';

/**
 * Bytes that do not mean what they should: a length beyond the end, a number that JavaScript would round, a varint that does not stop.
 *
 * Where they are inside a record batch, the batch is corrupt; elsewhere the answer is, and with it the connection is in doubt.
 */
export class MalformedError extends KafkaRxError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('MALFORMED_RESPONSE', message, {
      advice: 'If the other end is an Apache Kafka broker, look at what stands between: proxies, a wrong port, TLS spoken to plain text.',
      ...details,
    });
  }
}
