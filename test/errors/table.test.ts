import { describe, expect, test } from 'vitest';
import {
  AuthenticationError,
  AuthorizationError,
  BrokerError,
  InstanceFencedError,
  KafkaRxError,
  OffsetOutOfRangeError,
  UnknownTopicError,
} from '../../src/errors/index.ts';
import { codeOf, errorOf, kafkaErrorOf, kafkaErrors } from '../../src/errors/table.ts';

describe('the error table', () => {
  test('has every code once, by name and by number', () => {
    expect([...kafkaErrors.keys()]).toEqual(Array.from({ length: 135 }, (_, i) => i - 1));
    expect(new Set([...kafkaErrors.values()].map(({ name }) => name)).size).toBe(135);
    for (const { name, code } of kafkaErrors.values()) expect(codeOf(name)).toBe(code);
    expect(() => codeOf('NO_SUCH_ERROR')).toThrow(RangeError);
  });

  test('says what proved wrong', () => {
    const invalidating = (what: string): readonly string[] =>
      [...kafkaErrors.values()].filter((e) => e.invalidates === what).map((e) => e.name);
    expect(invalidating('coordinator')).toEqual(['COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR']);
    expect(invalidating('member')).toEqual(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID', 'FENCED_MEMBER_EPOCH']);
    expect(invalidating('metadata')).toContain('FENCED_LEADER_EPOCH');
    expect(kafkaErrorOf(27)).toEqual({ code: 27, name: 'REBALANCE_IN_PROGRESS', retriable: false, invalidates: 'none' });
  });

  test('a code of a later Kafka', () => {
    expect(kafkaErrorOf(999)).toEqual({ code: 999, name: 'UNKNOWN_999', retriable: false, invalidates: 'none' });
    expect(errorOf(999)).toMatchObject({ code: 'UNKNOWN_999', retriable: false });
  });
});

describe('errorOf', () => {
  test.each([
    ['TOPIC_AUTHORIZATION_FAILED', AuthorizationError],
    ['GROUP_AUTHORIZATION_FAILED', AuthorizationError],
    ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', AuthorizationError],
    ['SASL_AUTHENTICATION_FAILED', AuthenticationError],
    ['UNKNOWN_TOPIC_OR_PARTITION', UnknownTopicError],
    ['OFFSET_OUT_OF_RANGE', OffsetOutOfRangeError],
    ['FENCED_INSTANCE_ID', InstanceFencedError],
    ['NOT_COORDINATOR', BrokerError],
    ['UNSUPPORTED_VERSION', BrokerError],
  ])('%s', (name, kind) => {
    const error = errorOf(codeOf(name));
    expect(error).toBeInstanceOf(kind);
    expect(error.code).toBe(name);
    expect(error.retriable).toBe(kafkaErrorOf(codeOf(name)).retriable);
  });

  test('an unknown topic id is an unknown topic', () => {
    const error = errorOf(100, { topic: 'orders' });
    expect(error).toBeInstanceOf(UnknownTopicError);
    expect([error.retriable, error.message]).toEqual([true, 'UNKNOWN_TOPIC_ID for orders']);
  });

  test('says where, and what to do', () => {
    const error = errorOf(29, { topic: 'orders', partition: 3, broker: 'kafka:9092' });
    expect(error.message).toBe('TOPIC_AUTHORIZATION_FAILED for orders-3 from kafka:9092');
    expect(error).toMatchObject({ topic: 'orders', partition: 3, broker: 'kafka:9092', retriable: false });
    expect(error.advice).toMatch(/READ/);
    expect(KafkaRxError.is(error)).toBe(true);
  });

  test('keeps the advice of the class, and takes that of the caller', () => {
    expect(errorOf(3).advice).toBe('Create the topic, or correct its name.');
    expect(errorOf(3, { advice: 'Look.' }).advice).toBe('Look.');
    expect(errorOf(24).advice).toMatch(/groupId/);
  });
});
