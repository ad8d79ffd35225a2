import kafkajs from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { AuthenticationError, BrokerError, ConnectionError, UnsupportedVersionError } from '../../../src/errors/index.ts';
import { classify, type Failure } from '../../../src/transport/kafkajs/errors.ts';

const { KafkaJSConnectionError, KafkaJSProtocolError, KafkaJSRequestTimeoutError, KafkaJSNonRetriableError } = kafkajs;

const SECRET = 'open sesame';

/** The types of kafkajs do not know this class and the next. */
function closedError(): Error {
  return Object.assign(new Error('Closed connection'), { name: 'KafkaJSConnectionClosedError', retriable: true, broker: 'b:1' });
}

function saslError(message: string): Error {
  return Object.assign(new Error(message), { name: 'KafkaJSSASLAuthenticationError', retriable: false });
}

function protocolError(type: string, code: number, message: string, retriable = false): Error {
  return new KafkaJSProtocolError(Object.assign(new Error(message), { type, code, retriable }));
}

function failure(error: unknown, more: Partial<Failure> = {}): Failure {
  return { error, cause: undefined, broker: 'b:1', mechanism: undefined, ...more };
}

function system(code: string): Error {
  return new KafkaJSConnectionError(`Connection error: ${code}`, { broker: 'b:1', code });
}

describe('what a failed handshake means', () => {
  test.each([
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'EPROTO',
  ])('%s: TLS, for good', (code) => {
    const error = classify(failure(system(code)));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code: 'TLS_FAILED', retriable: false, broker: 'b:1', message: `TLS with b:1 failed (${code})` });
    expect(error.cause).toBeDefined();
  });

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'EPIPE'])('%s: try again', (code) => {
    const error = classify(failure(system(code)));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', retriable: true, broker: 'b:1', message: `no connection to b:1 (${code})` });
  });

  test.each([
    [new KafkaJSConnectionError('Connection timeout', { broker: 'b:1' }), 'not within connectionTimeout'],
    [closedError(), 'the broker closed it during the handshake'],
    [new KafkaJSRequestTimeoutError('Request ApiVersions timed out', {} as never), 'no answer in the handshake'],
  ])('%s: try again', (thrown, why) => {
    expect(classify(failure(thrown))).toMatchObject({
      code: 'CONNECTION_FAILED',
      retriable: true,
      message: `no connection to b:1 (${why})`,
    });
  });

  test.each([
    ['SASL_AUTHENTICATION_FAILED', 58, 'invalid credentials'],
    ['UNSUPPORTED_SASL_MECHANISM', 33, 'not supported'],
    ['ILLEGAL_SASL_STATE', 34, 'not valid'],
  ])('%s: the broker’s own word, for good', (type, code, words) => {
    const error = classify(failure(protocolError(type, code, words), { mechanism: 'plain' }));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ code: type, retriable: false, broker: 'b:1', message: `SASL plain at b:1 was refused: ${words}` });
    expect(error.advice).not.toBe('');
  });

  test('a refusal that kafkajs put its words around is the broker’s own word again', () => {
    const cause = protocolError('SASL_AUTHENTICATION_FAILED', 58, 'invalid credentials');
    const error = classify(failure(saslError('SASL PLAIN authentication failed: invalid credentials'), { cause, mechanism: 'plain' }));
    expect(error).toMatchObject({
      code: 'SASL_AUTHENTICATION_FAILED',
      retriable: false,
      message: 'SASL plain at b:1 was refused: invalid credentials',
    });
  });

  test.each([closedError(), new KafkaJSRequestTimeoutError('Request SaslAuthenticate timed out', {} as never), system('ECONNRESET')])(
    'a broker that goes away in the midst of SASL refused nobody: %s',
    (cause) => {
      const error = classify(failure(saslError(`SASL PLAIN authentication failed: ${cause.message}`), { cause, mechanism: 'plain' }));
      expect(error).toMatchObject({ code: 'CONNECTION_FAILED', retriable: true });
    },
  );

  test('credentials that kafkajs itself cannot use are for good', () => {
    const error = classify(failure(saslError('SASL Plain: Invalid username or password'), { mechanism: 'PLAIN' }));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.retriable).toBe(false);
  });

  test.each([new Error(SECRET), Object.assign(new Error(SECRET), { code: 'ECONNREFUSED' }), saslError(`failed: ${SECRET}`), SECRET])(
    'a provider of tokens that fails may succeed later: %s',
    (thrown) => {
      expect(classify(failure(thrown, { mechanism: 'oauthbearer' }))).toMatchObject({ code: 'CONNECTION_FAILED', retriable: true });
    },
  );

  test('another code of Kafka keeps its word', () => {
    const error = classify(failure(protocolError('CLUSTER_AUTHORIZATION_FAILED', 31, 'Cluster authorization failed')));
    expect(error).toBeInstanceOf(BrokerError);
    expect(error).toMatchObject({ code: 'CLUSTER_AUTHORIZATION_FAILED', retriable: false, broker: 'b:1' });
    expect(classify(failure(protocolError('NOT_CONTROLLER', 41, 'x', true))).retriable).toBe(true);
  });

  test('no broker: for good with a list that is none, not with a function that failed', () => {
    const none = { broker: undefined };
    expect(classify(failure(new KafkaJSNonRetriableError('Failed to connect: brokers array is empty'), none))).toMatchObject({
      code: 'CONNECTION_FAILED',
      retriable: false,
    });
    expect(classify(failure(new KafkaJSConnectionError(`Failed to connect: "config.brokers" threw: ${SECRET}`), none)).retriable).toBe(
      true,
    );
  });

  test('our own errors pass', () => {
    const error = new UnsupportedVersionError('Fetch', [4, 12], undefined);
    expect(classify(failure(error))).toBe(error);
  });

  test('no text that code of the user may have written gets through, not even as a cause', () => {
    const thrown: readonly unknown[] = [
      new Error(SECRET),
      Object.assign(new Error(SECRET), { code: SECRET }),
      Object.assign(new Error(SECRET), { code: 'ECONNREFUSED', config: { headers: { authorization: SECRET } } }),
      new KafkaJSConnectionError(`Failed to connect: ${SECRET}`, { broker: 'b:1' }),
      new KafkaJSConnectionError(`Failed to connect: "config.brokers" threw: ${SECRET}`),
      saslError(`SASL PLAIN authentication failed: ${SECRET}`),
      SECRET,
      undefined,
    ];
    for (const error of thrown) {
      for (const broker of ['b:1', undefined]) {
        for (const mechanism of [undefined, 'plain', 'oauthbearer']) {
          for (const cause of [undefined, error]) {
            const classified = classify({ error, cause, broker, mechanism });
            expect(JSON.stringify([classified.message, classified.advice, classified.cause, String(classified.cause)])).not.toContain(
              SECRET,
            );
          }
        }
      }
    }
  });
});
