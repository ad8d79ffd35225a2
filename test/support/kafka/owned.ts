import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { keeper } from './keeper.ts';
import { KafkaNode, kafkaUuid } from './node.ts';
import { nodeProperties } from './nodeProperties.ts';
import type { NodePlan, Properties } from './nodeProperties.ts';
import { freePorts } from './ports.ts';

export interface OwnedKafkaOptions {
  readonly brokers?: 1 | 3;
  /** Further properties of the brokers, or a function of the node. See `fastProperties`. */
  readonly properties?: Properties | ((node: NodePlan) => Properties);
}

/** A cluster of one test's own, to be stopped, killed and frozen at will. Nodes are 1 to n; each is broker and controller. */
export interface OwnedKafka {
  /** `host:port` of each node. */
  readonly brokers: readonly string[];
  /** `host:port` of that node. */
  address(id: number): string;
  pid(id: number): number | undefined;
  /** What the node logged: warnings and errors. */
  log(id: number): string;
  /** SIGTERM, and waits for the end. */
  stop(id: number): Promise<void>;
  /** SIGKILL, and waits for the end. */
  kill(id: number): Promise<void>;
  /** SIGSTOP: it goes on listening and answers nothing. */
  freeze(id: number): void;
  /** SIGCONT. */
  thaw(id: number): void;
  /** Starts it again on the same ports with the same data, and waits until it answers. */
  start(id: number): Promise<void>;
  /** Kills all nodes and deletes their data. */
  close(): Promise<void>;
}

async function plans(count: number, folder: string): Promise<readonly NodePlan[]> {
  const ports = await freePorts(2 * count);
  return Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    port: ports[2 * index] ?? 0,
    controllerPort: ports[2 * index + 1] ?? 0,
    folder: join(folder, `d${index + 1}`),
  }));
}

async function destroy(nodes: readonly KafkaNode[], folder: string): Promise<void> {
  await Promise.all(nodes.map((node) => node.terminate('SIGKILL')));
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

async function create(count: number, folder: string, extra: OwnedKafkaOptions['properties']): Promise<readonly KafkaNode[]> {
  const clusterId = kafkaUuid();
  const planned = await plans(count, folder);
  const of = (plan: NodePlan): Properties => (typeof extra === 'function' ? extra(plan) : (extra ?? {}));
  return Promise.all(planned.map((plan) => KafkaNode.create(plan, nodeProperties(plan, planned, of(plan)), clusterId)));
}

/** Undefined: somebody else took one of the ports meanwhile. */
async function attempt({ brokers = 1, properties }: OwnedKafkaOptions): Promise<OwnedKafka | undefined> {
  const folder = mkdtempSync(join(keeper().folder, 'cluster-'));
  const nodes = await create(brokers, folder, properties);
  try {
    await Promise.all(nodes.map((node) => node.launch()));
    const ids = nodes.map((node) => node.plan.id);
    await Promise.all(nodes.map((node) => node.ready(ids)));
    return ownedBy(nodes, folder);
  } catch (error) {
    const clash = nodes.some((node) => /Address already in use|BindException/.test(node.log));
    await destroy(nodes, folder);
    if (clash) return undefined;
    throw error;
  }
}

function ownedBy(nodes: readonly KafkaNode[], folder: string): OwnedKafka {
  const node = (id: number): KafkaNode => {
    const found = nodes[id - 1];
    if (found === undefined) throw new RangeError(`no node ${id}: they are 1 to ${nodes.length}`);
    return found;
  };
  return {
    brokers: nodes.map(({ address }) => address),
    address: (id) => node(id).address,
    pid: (id) => node(id).pid,
    log: (id) => node(id).log,
    stop: (id) => node(id).terminate('SIGTERM'),
    kill: (id) => node(id).terminate('SIGKILL'),
    freeze: (id) => node(id).signal('SIGSTOP'),
    thaw: (id) => node(id).signal('SIGCONT'),
    start: async (id) => {
      await node(id).launch();
      await node(id).ready();
    },
    close: () => destroy(nodes, folder),
  };
}

/** Starts a cluster of one's own with Java and Maven; resolves when all its brokers know each other. Close it. */
export async function ownedKafka(options: OwnedKafkaOptions = {}): Promise<OwnedKafka> {
  for (let tries = 0; tries < 5; tries += 1) {
    const kafka = await attempt(options);
    if (kafka !== undefined) return kafka;
  }
  throw new Error('five times somebody else took the ports between 20000 and 29999 that had been free');
}
