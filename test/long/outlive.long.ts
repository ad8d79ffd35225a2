import { test } from 'vitest';
import { realOutage } from '../contract/grounds/outage.ts';
import { outlive } from '../contract/grounds/outlive.ts';
import { describeJava } from '../support/kafka.ts';

await describeJava('all brokers away for 60 s, with a session of 45 s', () => {
  test(
    'while handlers finish and ack: nothing is done again',
    () => outlive(realOutage, { sessionTimeout: 45_000, away: 60_000, handler: 4_000 }),
    300_000,
  );
});
