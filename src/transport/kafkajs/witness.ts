import { isBag, type PoolConnection } from './internals.ts';

/** What went on in a handshake below the words that kafkajs puts around it. */
export interface Witness {
  /** What the last request failed with, or the socket factory threw; undefined: nothing did. */
  readonly failure: unknown;
  /** Whether the broker had something to say in the last step of SASL, beyond that it agrees. */
  readonly objected: boolean;
}

/** Looks on while kafkajs connects. Changes nothing. */
export function witness(connection: PoolConnection): Witness {
  const send = connection.send.bind(connection);
  const make = connection.socketFactory;
  const seen: { failure: unknown; objected: boolean } = { failure: undefined, objected: false };
  connection.send = async (exchange) => {
    try {
      const answer = await send(exchange);
      seen.failure = undefined;
      seen.objected = hasWords(answer);
      return answer;
    } catch (error) {
      seen.failure = error;
      throw error;
    }
  };
  connection.socketFactory = (given) => {
    try {
      return make(given);
    } catch (error) {
      seen.failure = error;
      throw error;
    }
  };
  return seen;
}

/** An answer to SaslAuthenticate, as kafkajs reads it: a length (int32), and as many bytes. */
function hasWords(answer: unknown): boolean {
  const bytes = isBag(answer) ? answer['authBytes'] : undefined;
  return Buffer.isBuffer(bytes) && bytes.length > 4;
}
