import { describe, expect, test } from 'vitest';
import { tlsCutShort, tlsFailure, tlsWanted } from '../../../src/transport/kafkajs/tlsErrors.ts';

describe('a failure of TLS', () => {
  test.each([
    ['ERR_TLS_CERT_ALTNAME_INVALID', /other names/],
    ['HOSTNAME_MISMATCH', /other names/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /ssl\.ca/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /ssl\.ca/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /ssl\.ca/],
    ['CERT_HAS_EXPIRED', /Renew/],
    ['CERT_NOT_YET_VALID', /Renew/],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', /ssl\.cert and ssl\.key/],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', /ssl\.cert and ssl\.key/],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', /ssl\.cert and ssl\.key/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /speaks TLS at all/],
    ['ERR_OSSL_PEM_NO_START_LINE', /cannot be read/],
    ['CERT_REVOKED', /Look at `ssl`/],
  ])('%s: fatal, with what to look at', (code, advice) => {
    const error = tlsFailure('b:1', code, undefined);
    expect(error).toMatchObject({ name: 'ConnectionError', code: 'TLS_FAILED', retriable: false, broker: 'b:1' });
    expect(error?.advice).toMatch(advice);
    expect(error?.message).toContain(code);
  });

  test.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', '', 'KAFKA_CERT_'])('%j does not speak of TLS', (code) => {
    expect(tlsFailure('b:1', code, undefined)).toBeUndefined();
  });

  test('hung up on: tried again, since a proxy without a broker does so as well', () => {
    const words = 'Connection error: Client network socket disconnected before secure TLS connection was established';
    expect(tlsCutShort('b:1', words, undefined)).toMatchObject({ code: 'TLS_FAILED', retriable: true, broker: 'b:1' });
    expect(tlsCutShort('b:1', 'Connection error: read ECONNRESET', undefined)).toBeUndefined();
  });

  test('wanted', () => {
    expect(tlsWanted('b:1')).toMatchObject({ code: 'TLS_FAILED', retriable: false, broker: 'b:1' });
  });
});
