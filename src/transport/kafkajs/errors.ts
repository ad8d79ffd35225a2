import { AuthenticationError, BrokerError, ConnectionError, KafkaRxError } from '../../errors/index.ts';
import { isBag } from './internals.ts';
import { tlsCutShort, tlsFailure } from './tlsErrors.ts';

/** What is known of an attempt that failed. */
export interface Failure {
  /** What kafkajs threw. */
  readonly error: unknown;
  /** What the last request of the handshake failed with, before kafkajs put words around it; undefined: it was answered. */
  readonly cause: unknown;
  /** `host:port`; undefined: no broker was chosen yet. */
  readonly broker: string | undefined;
  /** SASL mechanism, if any. */
  readonly mechanism: string | undefined;
}

/** Mechanisms that kafkajs does itself. With any other, code of the user runs and may fail for reasons of its own. */
const BUILT_IN = /^(PLAIN|SCRAM-SHA-256|SCRAM-SHA-512)$/i;

/**
 * What a failed handshake means.
 *
 * No text from kafkajs, from providers of tokens or from socket factories goes into a message, nor do their errors become a cause: any of them may
 * quote a password or a token. What the broker says may, and errors of the system, which know nothing but addresses and certificates.
 */
export function classify(failure: Failure): KafkaRxError {
  const { error, broker } = failure;
  if (KafkaRxError.is(error)) return error;
  if (broker === undefined) return noBroker(error);
  const name = textOf(error, 'name') ?? '';
  if (name === 'KafkaJSSASLAuthenticationError') return duringSasl(failure, broker);
  if (name === 'KafkaJSProtocolError') return refused(failure, broker, error);
  if (name.startsWith('KafkaJS')) return unconnected(broker, error, failure.cause);
  // Whatever is not kafkajs's own was thrown by code of the user.
  return withCredentialsOfTheUser(failure) ? noCredentials(failure, broker) : unreachable(broker);
}

/** kafkajs says `SASL … failed` for whatever happens in the meantime: a restarting broker as well as a wrong password. */
function duringSasl(failure: Failure, broker: string): KafkaRxError {
  const { cause, mechanism = '' } = failure;
  const name = textOf(cause, 'name') ?? '';
  if (name === 'KafkaJSProtocolError') return refused(failure, broker, cause);
  if (name.startsWith('KafkaJS')) return unconnected(broker, cause);
  if (withCredentialsOfTheUser(failure)) return noCredentials(failure, broker);
  return new AuthenticationError('SASL_AUTHENTICATION_FAILED', `SASL ${mechanism} at ${broker} failed`, {
    broker,
    advice: 'Look at sasl.mechanism, sasl.username and sasl.password, and whether the broker is the one you mean.',
  });
}

function withCredentialsOfTheUser({ mechanism }: Failure): boolean {
  return mechanism !== undefined && !BUILT_IN.test(mechanism);
}

function noCredentials({ mechanism = '' }: Failure, broker: string): KafkaRxError {
  return new ConnectionError('CONNECTION_FAILED', `there were no credentials for SASL ${mechanism} at ${broker}`, {
    broker,
    advice: 'Look at the provider given as sasl.oauthBearerProvider or sasl.authenticationProvider.',
  });
}

const SASL_ADVICE: Readonly<Record<string, string>> = {
  SASL_AUTHENTICATION_FAILED: 'Look at sasl.username and sasl.password, and whether the user exists for this mechanism.',
  UNSUPPORTED_SASL_MECHANISM: 'Use a mechanism that the listener has enabled (sasl.enabled.mechanisms).',
  ILLEGAL_SASL_STATE: 'This listener wants no SASL: leave `sasl` out, or use the port of the listener that wants it.',
};

/** The broker answered with an error code. */
function refused({ mechanism }: Failure, broker: string, error: unknown): KafkaRxError {
  const code = textOf(error, 'type') ?? 'UNKNOWN_SERVER_ERROR';
  const said = textOf(error, 'message') ?? code;
  const advice = SASL_ADVICE[code];
  if (advice !== undefined)
    return new AuthenticationError(code, `SASL ${mechanism ?? ''} at ${broker} was refused: ${said}`, { broker, advice });
  const retriable = isBag(error) && error['retriable'] === true;
  return new BrokerError(code, `${broker} refused the connection: ${said}`, { broker, retriable });
}

/** The broker answered a token with an objection. kafkajs takes it for consent. */
export function tokenRefused(broker: string): AuthenticationError {
  return new AuthenticationError(
    'SASL_AUTHENTICATION_FAILED',
    `SASL OAUTHBEARER at ${broker} was refused: the broker does not accept the token`,
    {
      broker,
      advice: 'Look at the token that sasl.oauthBearerProvider gives: who issued it, for which audience and scope, and until when.',
    },
  );
}

/** An error of kafkajs about the connection itself. `below`: what was thrown before kafkajs put its words around it. */
function unconnected(broker: string, error: unknown, below?: unknown): KafkaRxError {
  const code = textOf(error, 'code');
  // Thrown by the socket factory. Only its code is taken: it may be a factory of the user's.
  if (code === undefined) return tlsFailure(broker, textOf(below, 'code') ?? '', undefined) ?? unreachable(broker, wordsFor(error));
  return tlsFailure(broker, code, error) ?? tlsCutShort(broker, textOf(error, 'message') ?? '', error) ?? unreachable(broker, code, error);
}

function wordsFor(error: unknown): string | undefined {
  return WORDS[textOf(error, 'message') ?? ''] ?? WORDS[textOf(error, 'name') ?? ''];
}

/** By the message of kafkajs's error or by its name. */
const WORDS: Readonly<Record<string, string | undefined>> = {
  'Connection timeout': 'not within connectionTimeout',
  KafkaJSConnectionClosedError: 'the broker closed it during the handshake',
  KafkaJSRequestTimeoutError: 'no answer in the handshake',
};

export function unreachable(broker: string, why?: string, cause?: unknown): ConnectionError {
  return new ConnectionError('CONNECTION_FAILED', `no connection to ${broker}${why === undefined ? '' : ` (${why})`}`, {
    broker,
    cause,
    advice: 'Look whether the broker runs, at its advertised.listeners, and whether that listener speaks what `ssl` and `sasl` say.',
  });
}

/** No broker could be chosen: `brokers` is no list of them, or the function that should return one failed. */
function noBroker(error: unknown): KafkaRxError {
  const settled = isBag(error) && error['retriable'] === false;
  return new ConnectionError('CONNECTION_FAILED', 'there is no bootstrap broker: `brokers` gave none', {
    retriable: !settled,
    advice: 'Give brokers as a list of host:port, or as a function that returns one.',
  });
}

function textOf(value: unknown, field: string): string | undefined {
  const text = isBag(value) ? value[field] : undefined;
  return typeof text === 'string' ? text : undefined;
}
