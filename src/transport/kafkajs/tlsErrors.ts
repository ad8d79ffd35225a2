import { ConnectionError } from '../../errors/index.ts';

/** Codes of `node:tls` and OpenSSL. kafkajs calls them retriable: they are not, before somebody changes a certificate. */
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|CERT_|CRL_|ERROR_IN_|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_|HOSTNAME_MISMATCH$)/;

/** How Node says that the peer hung up on the first message of TLS, which a listener in plain text cannot read. */
const CUT_SHORT = 'before secure TLS connection was established';

/** What to look at, by what the code says. The first that matches. */
const ADVICE: readonly (readonly [code: RegExp, advice: string])[] = [
  [
    /ALTNAME|HOSTNAME_MISMATCH/,
    'The certificate of the broker is for other names: connect by one of them, also in advertised.listeners, or give the right one as ssl.servername.',
  ],
  [
    /ALERT.*(CERTIFICATE|CA)|HANDSHAKE_FAILURE/,
    'The broker does not accept your certificate, or wants one: give ssl.cert and ssl.key, signed by an authority that the broker trusts.',
  ],
  [/EXPIRED|NOT_YET_VALID/, 'Renew the certificate of the broker, or look at the clock here.'],
  [
    /SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|INVALID_CA|UNTRUSTED/,
    'Nobody known here vouches for the certificate of the broker: give the certificate of the authority that signed it as ssl.ca.',
  ],
  [
    /WRONG_VERSION|UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION/,
    'Look whether the port speaks TLS at all, and which versions of it both sides allow.',
  ],
  [/^ERR_OSSL_/, 'Look at ssl.ca, ssl.cert, ssl.key and ssl.passphrase: one of them cannot be read.'],
];

const OTHERWISE =
  'Look at `ssl`: the authority that signed the certificate of the broker, the host name in it, and your own certificate and key.';

/** undefined: the code does not speak of TLS. */
export function tlsFailure(broker: string, code: string, cause: unknown): ConnectionError | undefined {
  if (!TLS_CODE.test(code)) return undefined;
  const advice = ADVICE.find(([pattern]) => pattern.test(code))?.[1] ?? OTHERWISE;
  return new ConnectionError('TLS_FAILED', `TLS with ${broker} failed (${code})`, { broker, cause, advice });
}

/**
 * undefined: it did not end so.
 *
 * A port that speaks plain text ends so, and so does a proxy that has no broker behind it for the moment. So it may be tried again, as a port that
 * refuses may.
 */
export function tlsCutShort(broker: string, message: string, cause: unknown): ConnectionError | undefined {
  if (!message.includes(CUT_SHORT)) return undefined;
  return new ConnectionError('TLS_FAILED', `TLS with ${broker} failed (it hung up on the first message)`, {
    broker,
    cause,
    retriable: true,
    advice:
      'Look whether this port speaks TLS: if it is a listener in plain text, leave `ssl` out or use the port of the listener for TLS.',
  });
}

/** The broker answered plain text with a message of TLS. It will again. */
export function tlsWanted(broker: string): ConnectionError {
  return new ConnectionError('TLS_FAILED', `${broker} speaks TLS, and was spoken to in plain text`, {
    broker,
    advice: 'This port speaks TLS: give `ssl`, or use the port of the listener in plain text.',
  });
}
