import { expect } from 'vitest';
import { fromKafka, KafkaRxError, type ConsumerOptions } from '../../../src/index.ts';
import type { Fault } from '../../../src/testing/index.ts';
import type { Source } from './ground.ts';

/** Where a start happens. */
export interface Place {
  /** Who is asked: `host:port`. */
  readonly broker: string;
  /** A topic of one partition. */
  readonly topic: string;
}

/** What a start that cannot succeed says. */
export interface Refusal {
  readonly options?: (place: Place) => Partial<ConsumerOptions>;
  readonly expected: (place: Place) => Readonly<Record<string, unknown>>;
  readonly advice: RegExp;
  /** On the simulated cluster, where the client is not one whose settings could be named. Default: the same. */
  readonly plainAdvice?: RegExp;
  /** It is told without waiting for the start to run out of time. */
  readonly atOnce?: boolean;
  /** What makes the simulated cluster refuse it; a real one is set up so that it does. */
  readonly faults: readonly Fault[];
}

const unreachable = { name: 'ConnectionError', code: 'BROKERS_UNREACHABLE', retriable: true };
const group = { name: 'AuthorizationError', code: 'GROUP_AUTHORIZATION_FAILED' };
const always = { kind: 'error', times: Infinity } as const;

type Refused =
  | 'refused port'
  | 'wrong password, PLAIN'
  | 'unknown topic'
  | 'unknown partition'
  | 'topic not authorised'
  | 'group not authorised'
  | 'group that may be seen and not joined';

/** Those that both grounds can refuse. */
export const refusals: Readonly<Record<Refused, Refusal>> = {
  'refused port': {
    expected: ({ broker }) => ({ ...unreachable, broker }),
    advice: /Look whether the broker runs/,
    plainAdvice: /Look whether the brokers run/,
    faults: [{ ...always, api: 'Connect', error: 'CONNECTION_FAILED' }],
  },
  'wrong password, PLAIN': {
    expected: ({ broker }) => ({ name: 'AuthenticationError', code: 'SASL_AUTHENTICATION_FAILED', retriable: false, broker }),
    advice: /sasl\.username and sasl\.password/,
    plainAdvice: /user name and password/,
    atOnce: true,
    faults: [{ ...always, api: 'Connect', error: 'SASL_AUTHENTICATION_FAILED' }],
  },
  'unknown topic': {
    options: ({ topic }) => ({ topics: [topic, 'no-such-topic'] }),
    expected: () => ({ name: 'UnknownTopicError', code: 'UNKNOWN_TOPIC_OR_PARTITION', topic: 'no-such-topic', retriable: false }),
    advice: /Create the topic/,
    faults: [],
  },
  'unknown partition': {
    options: ({ topic }) =>
      ({
        groupId: undefined,
        topics: undefined,
        partitions: [
          { topic, partition: 0 },
          { topic, partition: 7 },
        ],
      }) as never,
    expected: ({ topic }) => ({ name: 'UnknownTopicError', code: 'UNKNOWN_TOPIC_OR_PARTITION', topic, partition: 7 }),
    advice: /Create the topic/,
    faults: [],
  },
  'topic not authorised': {
    options: () => ({ topics: 'secret' }),
    expected: () => ({ name: 'AuthorizationError', code: 'TOPIC_AUTHORIZATION_FAILED', topic: 'secret', retriable: false }),
    advice: /READ and DESCRIBE on the topic/,
    atOnce: true,
    faults: [{ ...always, api: 'Metadata', topic: 'secret', error: 'TOPIC_AUTHORIZATION_FAILED' }],
  },
  'group not authorised': {
    expected: ({ broker }) => ({ ...group, broker, retriable: false }),
    advice: /READ on the group/,
    atOnce: true,
    faults: [{ ...always, api: 'FindCoordinator', error: 'GROUP_AUTHORIZATION_FAILED' }],
  },
  'group that may be seen and not joined': {
    expected: ({ broker }) => ({ ...group, broker }),
    advice: /READ on the group/,
    atOnce: true,
    faults: [{ ...always, api: 'JoinGroup', error: 'GROUP_AUTHORIZATION_FAILED' }],
  },
};

/** Ms. */
export const START_TIMEOUT: Readonly<Record<'real' | 'simulated', number>> = { real: 5_000, simulated: 1_000 };
/** What is refused is told within so many ms. */
const AT_ONCE: Readonly<Record<'real' | 'simulated', number>> = { real: 3_000, simulated: 900 };

export interface Outcome {
  /** Everything that the outer Observable did. */
  readonly said: readonly unknown[];
  readonly after: number;
}

export function starting(source: Source, options: ConsumerOptions): Promise<Outcome> {
  const begun = performance.now();
  const said: unknown[] = [];
  return new Promise((resolve) => {
    const end = (what: unknown): void => {
      said.push(what);
      resolve({ said, after: performance.now() - begun });
    };
    fromKafka(source, options).subscribe({ next: ({ key }) => said.push(key), error: end, complete: () => end('complete') });
  });
}

/** It said so, once, and in time. */
export function expectRefused(
  { said, after }: Outcome,
  expected: Readonly<Record<string, unknown>>,
  { advice, plainAdvice = advice, atOnce }: Pick<Refusal, 'advice' | 'plainAdvice' | 'atOnce'>,
  kind: 'real' | 'simulated' = 'real',
): void {
  expect(said).toHaveLength(1);
  const [error] = said;
  expect(error).toMatchObject(expected);
  if (!KafkaRxError.is(error)) throw new Error('not one of ours');
  expect(error.advice).toMatch(kind === 'real' ? advice : plainAdvice);
  expect(after).toBeLessThan(atOnce === true ? AT_ONCE[kind] : START_TIMEOUT[kind] + 2_000);
}
