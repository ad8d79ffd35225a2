import { Kafka, logLevel } from 'kafkajs';
import { setTimeout as pause } from 'node:timers/promises';
import { timing, type Play, type Player } from './player.ts';

/** A consumer of kafkajs as it is out of the box, with a handler that takes a moment. */
export async function kafkajsPlayer(name: string, { kafka, topic, groupId, ledger }: Play): Promise<Player> {
  const client = new Kafka({ brokers: [...kafka.brokers], clientId: name, logLevel: logLevel.NOTHING });
  const consumer = client.consumer({
    groupId,
    sessionTimeout: timing.session,
    heartbeatInterval: timing.heartbeat,
    maxWaitTimeInMs: 100,
  });
  /** When its handler was last at work: it holds what it holds at least until then. */
  let busyAt = 0;
  const { GROUP_JOIN, REBALANCING, CRASH } = consumer.events;
  consumer.on(GROUP_JOIN, ({ timestamp, payload }) => ledger.given(name, payload.memberAssignment[topic] ?? [], timestamp));
  consumer.on(REBALANCING, ({ timestamp }) => ledger.taken(name, ledger.held(name), timestamp));
  consumer.on(CRASH, ({ payload: { error, restart } }) => {
    if (!restart) ledger.wrong(`${name} failed: ${String(error)}`);
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      const offset = Number(message.offset);
      ledger.delivered(name, { partition, first: offset, last: offset, at: Date.now() });
      await pause(1);
      busyAt = Date.now();
    },
  });
  return {
    name,
    led: [],
    leave: async () => {
      await consumer.stop();
      ledger.taken(name, ledger.held(name), busyAt);
      await consumer.disconnect();
    },
  };
}
