import { afterAll, beforeAll, describe, test } from 'vitest';
import { describeJava, fastProperties, ownedKafka, type OwnedKafka } from '../../support/kafka.ts';
import { conversationsOfThree } from './conversations/three.ts';
import { hold } from './kit/hold.ts';
import { expectTranscript, isRecorded, recording } from './kit/transcripts.ts';
import { threeRealBrokers, threeSimulatedBrokers } from './kit/threeGrounds.ts';

const all = Object.entries(conversationsOfThree);

if (!recording)
  describe('what is said to three simulated brokers is answered as Kafka has answered it', () => {
    test.each(all)('%s', async (name, conversation) => expectTranscript(name, await hold(conversation, threeSimulatedBrokers())));
  });

if (isRecorded)
  await describeJava('what is said to three real brokers is answered as it was', () => {
    let kafka: OwnedKafka | undefined;

    beforeAll(async () => {
      kafka = await ownedKafka({ brokers: 3, properties: fastProperties });
    });

    afterAll(() => kafka?.close());

    test.each(all)('%s', { timeout: 120_000 }, async (name, conversation) => {
      if (kafka === undefined) throw new Error('there is no Kafka');
      expectTranscript(name, await hold(conversation, threeRealBrokers(kafka), 100_000), 'real');
    });
  });
