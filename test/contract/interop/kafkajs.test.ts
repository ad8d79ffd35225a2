import { test } from 'vitest';
import { describeKafka } from '../../support/kafka.ts';
import type { Listing } from './cast/player.ts';
import { casting } from './cast/troupe.ts';
import { Stage } from './stage.ts';

const theirs: Listing = ['RoundRobinAssigner'];
const both: Listing = ['cooperative-sticky', 'RoundRobinAssigner'];

await describeKafka('a group of kafkajs', (kafka) => {
  test('moves to kafka-rx by a rolling restart, and on to cooperative-sticky by another one: nothing is lost', async () => {
    const stage = await Stage.open(kafka, casting());
    try {
      for (const n of [1, 2, 3]) await stage.join(`kafkajs${n}`, theirs);
      await stage.restart('kafkajs1', both, 'ours1');
      await stage.restart('ours1', theirs, 'kafkajs1'); // the way back is open
      for (const n of [1, 2, 3]) await stage.restart(`kafkajs${n}`, both, `ours${n}`);
      await stage.join('kafkajs4', theirs); // one that was forgotten; ours lead
      await stage.leave('kafkajs4');
      for (const n of [1, 2, 3]) await stage.restart(`ours${n}`, ['cooperative-sticky']);
      await stage.end();
    } finally {
      await stage.close();
    }
  }, 120_000);
});
