import { withAdmin } from '../../support/kafka.ts';
import type { Ground } from './ground.ts';

/** What happens to topics, on either ground. */
export interface Topics {
  create(topic: string, partitions: number): Promise<void>;
  /** So many from now on. */
  grow(topic: string, partitions: number): Promise<void>;
  remove(topic: string): Promise<void>;
}

export function topicsOf(ground: Ground): Topics {
  if (ground.kind === 'simulated') {
    const { cluster } = ground;
    return {
      create: (topic, partitions) => Promise.resolve(void cluster.topic(topic, partitions)),
      grow: (topic, partitions) => Promise.resolve(void cluster.apply({ kind: 'addPartitions', topic, partitions })),
      remove: (topic) => Promise.resolve(void cluster.apply({ kind: 'deleteTopic', topic })),
    };
  }
  const { kafka } = ground;
  return {
    async create(topic, numPartitions) {
      await withAdmin(kafka, (admin) =>
        admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor: 1 }], waitForLeaders: true }),
      );
    },
    async grow(topic, count) {
      await withAdmin(kafka, (admin) => admin.createPartitions({ topicPartitions: [{ topic, count }] }));
    },
    remove: (topic) => withAdmin(kafka, (admin) => admin.deleteTopics({ topics: [topic] })),
  };
}
