import { describe, expect, test } from 'vitest';
import type { ClusterView } from '../../src/cluster/view.ts';
import { refusedTopic, startFailure } from '../../src/consumer/startFailure.ts';
import { AuthorizationError, BrokerError, ConnectionError, RequestTimeoutError } from '../../src/errors/index.ts';

interface Known {
  readonly topics?: Readonly<Record<string, number>>;
  readonly errors?: Readonly<Record<string, number>>;
  readonly at?: number;
}

/** `topics`: how many partitions each has. */
function viewOf({ topics = {}, errors = {}, ...rest }: Known): ClusterView {
  const leader = { leader: 1, leaderEpoch: 0 };
  return {
    brokers: new Map(),
    topics: new Map(
      Object.entries(topics).map(([name, count]) => [
        name,
        { name, id: '', internal: false, partitions: new Map(Array.from({ length: count }, (_, partition) => [partition, leader])) },
      ]),
    ),
    errors: new Map(Object.entries(errors)),
    at: 'at' in rest ? rest.at : 1,
  };
}

const never = viewOf({ at: undefined as never });
const wanted = [{ topic: 't' }];
const refused = new ConnectionError('CONNECTION_FAILED', 'no connection to b:1', { broker: 'b:1' });

describe('a topic that waiting does not help', () => {
  test.each([
    [29, 'AuthorizationError', 'TOPIC_AUTHORIZATION_FAILED'],
    [17, 'BrokerError', 'INVALID_TOPIC_EXCEPTION'],
  ])('code %i', (code, name, word) => {
    expect(refusedTopic(wanted, viewOf({ errors: { t: code } }))).toMatchObject({ name, code: word, topic: 't', retriable: false });
  });

  test.each([3, 5, 100])('code %i may pass', (code) => {
    expect(refusedTopic(wanted, viewOf({ errors: { t: code } }))).toBeUndefined();
  });

  test('one that somebody else wants is nothing to us', () => {
    expect(refusedTopic(wanted, viewOf({ topics: { t: 1 }, errors: { u: 29 } }))).toBeUndefined();
  });
});

describe('a start that ran out of time', () => {
  test('for a topic: says which, and why, with what failed meanwhile', () => {
    const error = startFailure(
      [{ topic: 't' }, { topic: 'u' }, { topic: 'v' }],
      viewOf({ topics: { t: 1 }, errors: { u: 5 } }),
      [refused],
      9,
    );
    expect(error).toMatchObject({ name: 'UnknownTopicError', topic: 'u', retriable: false });
    expect(error.message).toBe('the cluster does not have u (LEADER_NOT_AVAILABLE), v (UNKNOWN_TOPIC_OR_PARTITION) after 9 ms');
    expect((error.cause as AggregateError).errors).toEqual([refused]);
  });

  test('for a partition of a topic that there is', () => {
    const error = startFailure(
      [
        { topic: 't', partition: 1 },
        { topic: 't', partition: 2 },
      ],
      viewOf({ topics: { t: 2 } }),
      [],
      9,
    );
    expect(error).toMatchObject({ name: 'UnknownTopicError', topic: 't', partition: 2 });
    expect(error.message).toBe('the cluster does not have t-2 (UNKNOWN_TOPIC_OR_PARTITION) after 9 ms');
  });

  test('without any answer: nothing is said of topics', () => {
    const error = startFailure(wanted, never, [new RequestTimeoutError('Metadata', 5, { broker: 'b:1' }), refused], 9);
    expect(error).toMatchObject({ name: 'ConnectionError', code: 'BROKERS_UNREACHABLE', broker: 'b:1' });
    expect(error.message).toBe('no consumer after 9 ms: no answer to Metadata from b:1 within 5 ms; no connection to b:1');
  });

  test('with an answer last: that is it', () => {
    const loading = new BrokerError('COORDINATOR_LOAD_IN_PROGRESS', 'loading', { retriable: true });
    expect(startFailure(wanted, viewOf({ topics: { t: 1 } }), [refused, loading], 9)).toBe(loading);
    const denied = new AuthorizationError('GROUP_AUTHORIZATION_FAILED', 'denied');
    expect(startFailure(wanted, viewOf({ topics: { t: 1 } }), [denied, refused], 9)).toMatchObject({ code: 'BROKERS_UNREACHABLE' });
  });

  test('without anything that failed', () => {
    expect(startFailure(wanted, viewOf({ topics: { t: 1 } }), [], 9)).toMatchObject({
      code: 'BROKERS_UNREACHABLE',
      message: 'no consumer after 9 ms: no partition was assigned',
    });
  });
});
