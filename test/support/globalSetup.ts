import type { TestProject } from 'vitest/node';
import { openDoor } from './kafka/door.ts';

/** What one run of the tests shares: the way to a real Kafka. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const door = await openDoor();
  provide('kafkaDoor', door.port);
  return () => door.close();
}
