import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { killed, startChild } from '../support/child.ts';
import { createTopic, describeJava, eventually, kafkajsFor, ownedKafka, type NodePlan, type OwnedKafka } from '../support/kafka.ts';
import { freePorts } from '../support/kafka/ports.ts';
import { startProxy, type Proxy } from '../support/proxy.ts';
import type { Look } from './children/steadyReader.ts';

const host = '127.0.0.1';
const partitions = 3;
const requestTimeout = 2_000;
const backoff = { initial: 100, max: 1_000, jitter: 0.2 };
const step = backoff.max * (1 + backoff.jitter);
/** For the machine: two cores, and other tests. */
const slack = 2_000;

/** The listener `PLAINTEXT` is for who writes, `PROXIED` for who reads: its address is that of the proxy. */
function listeners({ port, controllerPort }: NodePlan, behind: number, proxy: Proxy): Readonly<Record<string, string>> {
  return {
    listeners: `PLAINTEXT://${host}:${port},PROXIED://${host}:${behind},CONTROLLER://${host}:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${host}:${port},PROXIED://${proxy.address}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT',
  };
}

/** Writes a record to each partition every 20 ms, from the first. */
class Writing {
  readonly count: number[] = Array.from({ length: partitions }, () => 0);
  private readonly producer: Producer;
  private readonly topic: string;
  private running: Promise<void> = Promise.resolve();
  private over = false;

  constructor(producer: Producer, topic: string) {
    this.producer = producer;
    this.topic = topic;
  }

  async start(): Promise<void> {
    await this.producer.connect();
    this.running = this.write();
  }

  async stop(): Promise<void> {
    this.over = true;
    await this.running;
    await this.producer.disconnect();
  }

  private async write(): Promise<void> {
    while (!this.over) {
      const messages = this.count.map((number, partition) => ({ partition, value: `${partition}:${number}:${'x'.repeat(300)}` }));
      await this.producer.send({ topic: this.topic, messages });
      this.count.forEach((number, partition) => (this.count[partition] = number + 1));
      await pause(20);
    }
  }
}

await describeJava('a hostile network', () => {
  let proxy: Proxy;
  let kafka: OwnedKafka;
  let writing: Writing;
  let child: ChildProcess;

  beforeAll(async () => {
    const [proxied = 0, behind = 0] = await freePorts(2);
    proxy = await startProxy({ host, port: proxied, to: behind });
    kafka = await ownedKafka({ properties: (node) => listeners(node, behind, proxy) });
    await createTopic(kafka, 'steady', { partitions });
    writing = new Writing(kafkajsFor(kafka).producer(), 'steady');
    await writing.start();
    const options = JSON.stringify({ requestTimeout, backoff });
    child = startChild(join(import.meta.dirname, 'children/steadyReader.ts'), [proxy.address, 'steady', 'steady-group', options]);
    await flows('from the beginning', 30_000);
  }, 90_000);

  afterAll(async () => {
    await killed(child);
    await writing.stop();
    await kafka.close();
    await proxy.close();
  });

  async function look(): Promise<Look> {
    const answer = once(child, 'message');
    child.send('look');
    const [message] = (await answer) as [Look];
    return message;
  }

  /** What is written from now on arrives within so many ms. */
  async function flows(what: string, within: number): Promise<void> {
    const due = writing.count.map((number) => number + 2);
    await eventually(async () => (await look()).next.filter((next, partition) => next >= (due[partition] ?? 0)).length === partitions, {
      what: `records ${what}`,
      deadline: within,
    });
  }

  /** Nothing lost, nothing twice, nothing out of order, in one and the same assignment. */
  async function expectWhole(): Promise<void> {
    expect(await look()).toMatchObject({ strange: [], assignments: 1 });
  }

  describe.each(['requests', 'answers', 'both'] as const)('swallows %s', (direction) => {
    test('for a moment; both also for longer than a request may take', async () => {
      for (const ms of direction === 'both' ? [300, requestTimeout + 1_000] : [300]) {
        proxy.swallow(direction);
        await pause(ms);
        await proxy.heal();
        await flows(`after ${ms} ms`, requestTimeout + 500 + step + slack);
      }
      await expectWhole();
    }, 30_000);
  });

  test('is slow: records flow; slower than a request may take: they flow again once it is not', async () => {
    proxy.delay(200);
    await flows('though each way takes 200 ms', 3_000 + slack);
    proxy.delay(requestTimeout);
    await pause(requestTimeout + 1_000);
    await proxy.heal();
    await flows('after the delay', requestTimeout + 500 + step + slack);
    await expectWhole();
  }, 30_000);

  test.each(['reset', 'end'] as const)(
    'cuts connections inside of frames, by %s',
    async (how) => {
      for (const bytes of [0, 2, 6, 30, 150, 400]) {
        await proxy.cutAfter(bytes, how);
        await flows(`after a cut at ${bytes}`, step + slack);
      }
      await expectWhole();
    },
    60_000,
  );

  test('refuses: one attempt in each step of the back-off, under 5 % of a core, and it goes on within a step of the return', async () => {
    const before = await look();
    await proxy.refuse();
    const length = 6_000;
    await pause(length);
    const after = await look();
    await proxy.heal();
    await flows('after the refusal', step + slack);

    expect(after.cpu - before.cpu).toBeLessThan(length * 0.05);
    const attempts = after.attempts.slice(before.attempts.length);
    const gaps = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
    gaps.forEach((gap, index) => {
      expect(gap, gaps.join(' ')).toBeGreaterThan((1 - backoff.jitter) * Math.min(backoff.max, backoff.initial * 2 ** index) - 2);
    });
    expect(attempts.length).toBeGreaterThan(4);
    await expectWhole();
  }, 30_000);
});
