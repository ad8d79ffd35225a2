import { afterAll, beforeAll, test } from 'vitest';
import { describeJava, describeKafka, sharedKafka, type HasBrokers } from '../../support/kafka.ts';
import { javaTroupe, type JavaTroupe } from './cast/java.ts';
import { casting } from './cast/troupe.ts';
import { Stage } from './stage.ts';

const members = 'moves from eager to cooperative by two rolling restarts, and never reads a record twice';

/** Kafka's recipe (KIP-429): the first restart lists both assignors, the second one only the new one. */
async function recipe(kafka: HasBrokers, names: readonly string[], java?: JavaTroupe): Promise<void> {
  const stage = await Stage.open(kafka, casting(java));
  try {
    for (const name of names) await stage.join(name, ['range']);
    for (const name of names) await stage.restart(name, ['cooperative-sticky', 'range']);
    await stage.join('ours-late', ['range']); // one that was forgotten
    await stage.leave('ours-late');
    for (const name of names) await stage.restart(name, ['cooperative-sticky']);
    await stage.restart(names[0] ?? '', ['cooperative-sticky']);
    await stage.end();
  } finally {
    await stage.close();
  }
}

await describeKafka('a group of kafka-rx', (kafka) => {
  test(members, () => recipe(kafka, ['ours1', 'ours2', 'ours3']), 120_000);
});

await describeJava('a group of kafka-rx and Java', () => {
  let java: JavaTroupe;

  beforeAll(async () => (java = await javaTroupe()));
  afterAll(() => java.close());

  test(members, async () => recipe(await sharedKafka(), ['ours1', 'java1', 'ours2', 'java2'], java), 120_000);
});
