import { beforeAll, describe, test } from 'vitest';
import { describeKafka } from '../../support/kafka.ts';
import { conversations } from './conversations/index.ts';
import { realGround, simulatedGround } from './kit/grounds.ts';
import { hold } from './kit/hold.ts';
import { coordinatorsLoaded } from './kit/loaded.ts';
import { expectTranscript, isRecorded, recording } from './kit/transcripts.ts';

const all = Object.entries(conversations);

if (!recording)
  describe('what is said to the simulated cluster is answered as Kafka has answered it', () => {
    test.each(all)('%s', async (name, conversation) => expectTranscript(name, await hold(conversation, simulatedGround())));
  });

if (isRecorded)
  await describeKafka('what is said to a real Kafka is answered as it was', (kafka) => {
    beforeAll(() => coordinatorsLoaded(realGround(kafka)), 40_000);

    test.concurrent.each(all)('%s', { timeout: 40_000 }, async (name, conversation) =>
      expectTranscript(name, await hold(conversation, realGround(kafka)), 'real'),
    );
  });
