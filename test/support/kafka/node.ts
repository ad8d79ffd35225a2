import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { eventually } from './eventually.ts';
import { kafkaJars, startJava } from './java.ts';
import type { NodePlan, Properties } from './nodeProperties.ts';
import { propertiesText } from './nodeProperties.ts';
import { nodesKnownBy } from './probe.ts';

const HEAP = ['-Xms64m', '-Xmx384m'];
const READY_WITHIN = 60_000;
const TERMINATED_WITHIN = 15_000;

/** A random id as Kafka writes them: 16 bytes in base64url, not beginning with a dash. */
export function kafkaUuid(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? kafkaUuid() : id;
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  child.ref();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

/** One Kafka node as a Java process; its data and ports outlive the process. */
export class KafkaNode {
  readonly plan: NodePlan;
  readonly address: string;
  readonly #log: string;
  readonly #config: string;
  #child: ChildProcess | undefined;

  private constructor(plan: NodePlan) {
    this.plan = plan;
    this.address = `127.0.0.1:${plan.port}`;
    this.#log = join(dirname(plan.folder), `n${plan.id}.log`);
    this.#config = join(dirname(plan.folder), `n${plan.id}.properties`);
  }

  /** Lays down its data folder. It does not run yet. */
  static async create(plan: NodePlan, properties: Properties, clusterId: string): Promise<KafkaNode> {
    const node = new KafkaNode(plan);
    const meta = { version: '1', 'cluster.id': clusterId, 'node.id': String(plan.id), 'directory.id': kafkaUuid() };
    mkdirSync(plan.folder, { recursive: true });
    writeFileSync(node.#config, propertiesText(properties));
    writeFileSync(join(plan.folder, 'meta.properties'), propertiesText(meta));
    copyFileSync(join(await kafkaJars(), 'formatted', 'bootstrap.checkpoint'), join(plan.folder, 'bootstrap.checkpoint'));
    return node;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Everything it has logged: warnings and errors. */
  get log(): string {
    return readFileSync(this.#log, 'utf8');
  }

  async launch(): Promise<void> {
    if (this.isRunning) return;
    const log = openSync(this.#log, 'a');
    try {
      this.#child = await startJava('kafka.Kafka', [this.#config], { jvm: HEAP, stdio: ['ignore', log, log] });
    } finally {
      closeSync(log);
    }
  }

  /** Waits until it answers and knows these brokers to be alive (itself at least). Rejects with its log when it ends before. */
  async ready(ids: readonly number[] = [this.plan.id]): Promise<void> {
    const what = `node ${this.plan.id} at ${this.address} answers and knows ${ids.join(', ')}`;
    const known = async (): Promise<boolean> => {
      if (!this.isRunning) return true;
      const alive = await nodesKnownBy(this.address);
      return ids.every((id) => alive.includes(id));
    };
    await eventually(known, { what, deadline: READY_WITHIN });
    if (!this.isRunning)
      throw new Error(`Kafka node ${this.plan.id} ended while it started:\n${this.log.split('\n').slice(-30).join('\n')}`);
  }

  signal(name: NodeJS.Signals): void {
    if (this.isRunning) this.#child?.kill(name);
  }

  /** Sends the signal and waits for the end; what a SIGTERM has not ended after 15 s (a quorum that is gone) is killed. */
  async terminate(name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return;
    child.kill(name);
    const timer = setTimeout(() => child.kill('SIGKILL'), TERMINATED_WITHIN);
    await end(child);
    clearTimeout(timer);
  }
}
