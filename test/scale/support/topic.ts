import { eventually, uniqueTopic, withAdmin, type HasBrokers } from '../../support/kafka.ts';
import { PARTITIONS } from './plan.ts';

const configEntries = [{ name: 'min.insync.replicas', value: '2' }];

/** A topic of three replicas that all three brokers know, with its leaders; resolves with its name. */
export async function spreadTopic({ brokers }: HasBrokers): Promise<string> {
  const topic = uniqueTopic('scale');
  const topics = [{ topic, numPartitions: PARTITIONS, replicationFactor: 3, configEntries }];
  await withAdmin({ brokers }, (admin) => admin.createTopics({ topics, waitForLeaders: false }));
  const knows = (broker: string): Promise<boolean> =>
    withAdmin({ brokers: [broker] }, async (admin) => {
      const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
      const partitions = metadata.topics[0]?.partitions ?? [];
      return partitions.filter(({ leader, isr }) => leader > 0 && isr.length === 3).length === PARTITIONS;
    });
  for (const broker of brokers)
    await eventually(() => knows(broker), { what: `${broker} knows the leaders of ${topic}`, deadline: 30_000 });
  return topic;
}
