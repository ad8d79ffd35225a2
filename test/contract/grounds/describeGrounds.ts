import { describe } from 'vitest';
import { describeKafka } from '../../support/kafka.ts';
import type { Ground } from './ground.ts';
import { realGround } from './real.ts';
import { simulatedGround } from './simulated.ts';

/**
 * One suite on both grounds: the simulated cluster, which there always is, and the Kafka that all tests share, where there is one.
 *
 * Await it at the top of the file. The ground is only to be used inside of tests and hooks. `{many}` in the name: how many that is there.
 */
export async function describeGrounds(name: string, suite: (ground: Ground) => void): Promise<void> {
  const simulated = simulatedGround();
  describe(`${nameOn(simulated, name)}, simulated`, () => suite(simulated));
  await describeKafka(nameOn(realGround({ brokers: [] }), name), (kafka) => suite(realGround(kafka)));
}

function nameOn({ many }: Ground, name: string): string {
  return name.replace('{many}', many.toLocaleString('en'));
}
