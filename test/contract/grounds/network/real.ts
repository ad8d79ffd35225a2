import { join } from 'node:path';
import { createTopic, kafkajsFor, ownedKafka, type NodePlan } from '../../../support/kafka.ts';
import { freePorts } from '../../../support/kafka/ports.ts';
import { startProxy, type Proxy } from '../../../support/proxy.ts';
import { inChild } from '../consumers/consumer.ts';
import type { Look } from '../consumers/steadyReader.ts';
import { partitions, type Scene, type Stage, type Timing } from './stage.ts';
import { Writing } from './writing.ts';

const host = '127.0.0.1';
const hows = { 'inside of frames, by reset': 'reset', 'inside of frames, by end': 'end' } as const;

const timing: Timing = {
  requestTimeout: 2_000,
  backoff: { initial: 100, max: 1_000, jitter: 0.2 },
  slack: 2_000,
  moment: 300,
  slow: 200,
  refusal: 6_000,
};

/** A Kafka of its own, and a proxy through which its reader goes. */
export const realStage: Stage = {
  kind: 'real',
  timing,
  cuts: Object.keys(hows).map((how) => ({ how, places: ['0', '2', '6', '30', '150', '400'] })),
  open,
};

async function open(): Promise<Scene> {
  const [proxied = 0, behind = 0] = await freePorts(2);
  const proxy = await startProxy({ host, port: proxied, to: behind });
  const kafka = await ownedKafka({ properties: (node) => listeners(node, behind, proxy) });
  const topic = await createTopic(kafka, 'steady', { partitions });
  const producer = kafkajsFor(kafka).producer();
  await producer.connect();
  const writing = new Writing((values) => producer.send({ topic, messages: values.map((value, partition) => ({ partition, value })) }));
  const { requestTimeout, backoff } = timing;
  const child = join(import.meta.dirname, '../../children/steadyReader.ts');
  const reader = inChild<Look>(child, [proxy.address, topic, 'steady-group', JSON.stringify({ requestTimeout, backoff })]);
  return {
    network: proxy,
    reader,
    written: writing.count,
    cut: (how, place) => proxy.cutAfter(Number(place), hows[how as keyof typeof hows]),
    close: async () => {
      await reader.end();
      await writing.stop();
      await producer.disconnect();
      await kafka.close();
      await proxy.close();
    },
  };
}

/** The listener `PLAINTEXT` is for who writes, `PROXIED` for who reads: its address is that of the proxy. */
function listeners({ port, controllerPort }: NodePlan, behind: number, proxy: Proxy): Readonly<Record<string, string>> {
  return {
    listeners: `PLAINTEXT://${host}:${port},PROXIED://${host}:${behind},CONTROLLER://${host}:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${host}:${port},PROXIED://${proxy.address}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT',
  };
}
