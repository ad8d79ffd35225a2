import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { findOrStartKafka, NoKafkaError } from './ladder.ts';
import type { SharedKafka, StartedKafka } from './ladder.ts';

/** What the door says: where Kafka is, or why there is none. */
export type Answer = { readonly kafka: SharedKafka } | { readonly reason: string; readonly absent: boolean };

export interface Door {
  readonly port: number;
  close(): Promise<void>;
}

async function answer(started: Promise<StartedKafka>): Promise<Answer> {
  try {
    const { brokers, kind } = await started;
    return { kafka: { brokers, kind } };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error), absent: error instanceof NoKafkaError };
  }
}

/**
 * One Kafka for all test files of a run, which live in processes of their own: who knocks is told where it is.
 * It is started at the first knock, so that runs without Kafka do not pay for it.
 */
export async function openDoor(): Promise<Door> {
  let started: Promise<StartedKafka> | undefined;
  const server = createServer((socket) => {
    socket.on('error', () => undefined); // who knocked has gone
    started ??= findOrStartKafka();
    void answer(started).then((words) => socket.end(JSON.stringify(words)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async close() {
      server.close();
      await started?.then(
        (kafka) => kafka.close(),
        () => undefined,
      );
    },
  };
}
