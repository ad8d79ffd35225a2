import { test } from 'vitest';
import { describeJava } from '../support/kafka.ts';
import { realOutage } from './grounds/outage.ts';
import { outlive } from './grounds/outlive.ts';

const times = { sessionTimeout: 2_000, away: 3_000, handler: 500 };

// The whole minute, with the default session, is in test/long/outlive.long.ts, and in virtual time in marbles/session.test.ts.
await describeJava('all brokers away for longer than the session', () => {
  test('while handlers finish and ack: nothing is done again', () => outlive(realOutage, times), 120_000);
});
