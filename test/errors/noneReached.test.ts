import { expect, test } from 'vitest';
import { ConnectionError, RequestTimeoutError } from '../../src/errors/index.ts';
import { noneReached } from '../../src/errors/noneReached.ts';

const refused = (broker: string): ConnectionError => new ConnectionError('CONNECTION_FAILED', `no connection to ${broker}`, { broker });
const tls = (broker: string): ConnectionError =>
  new ConnectionError('TLS_FAILED', 'hung up', { broker, retriable: true, advice: 'leave `ssl` out' });

test('names what each said, and has them as its cause', () => {
  const failures = [refused('a:1'), new RequestTimeoutError('Metadata', 5, { broker: 'b:1' })];
  const error = noneReached('no broker answered Metadata', failures);
  expect(error).toMatchObject({ name: 'ConnectionError', code: 'BROKERS_UNREACHABLE', retriable: true });
  expect(error.broker).toBeUndefined();
  expect(error.message).toBe('no broker answered Metadata: no connection to a:1; no answer to Metadata from b:1 within 5 ms');
  expect((error.cause as AggregateError).errors).toEqual(failures);
});

test('has the broker if it is only one, and a single failure as the cause itself', () => {
  const [one, two] = [refused('a:1'), refused('a:1')];
  expect(noneReached('x', [one, two]).broker).toBe('a:1');
  expect(noneReached('x', [one])).toMatchObject({ broker: 'a:1', cause: one });
});

test('has the last advice that there is, else one of its own', () => {
  expect(noneReached('x', [tls('a:1'), refused('a:1')]).advice).toBe('leave `ssl` out');
  expect(noneReached('x', [refused('a:1')]).advice).toMatch(/bootstrap and the advertised addresses/);
});

test('is of TLS only if all of them are', () => {
  expect(noneReached('x', [tls('a:1'), tls('b:1')])).toMatchObject({ code: 'TLS_FAILED', retriable: true });
  expect(noneReached('x', [tls('a:1'), refused('b:1')]).code).toBe('BROKERS_UNREACHABLE');
  expect(noneReached('x', [tls('a:1'), new Error('y')]).code).toBe('BROKERS_UNREACHABLE');
});

test('of nothing that failed', () => {
  const error = noneReached('x', []);
  expect(error).toMatchObject({ code: 'BROKERS_UNREACHABLE', message: 'x' });
  expect(error.cause).toBeUndefined();
});
