import { endOffsets } from '../../../support/consume.ts';
import { createTopic, eventually, type HasBrokers, type TopicSettings } from '../../../support/kafka.ts';

/** Creates a topic, and waits until the broker knows that it leads it: it may hear of that a moment after it tells. */
export async function createLedTopic(kafka: HasBrokers, topic: string, settings: TopicSettings): Promise<void> {
  await createTopic(kafka, topic, settings);
  await eventually(() => endOffsets(kafka, topic), { what: `${topic} is led` });
}
