import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startJava } from '../../../support/kafka.ts';
import { timing, type Listing, type Play, type Player } from './player.ts';

/** A line of VerifiableConsumers.java. */
interface Line {
  readonly member: string;
  readonly error?: string;
  readonly event?: {
    readonly timestamp: number;
    readonly name: string;
    readonly success?: boolean;
    readonly offsets?: readonly { readonly partition: number; readonly offset: number }[];
    readonly partitions?: readonly { readonly partition: number; readonly minOffset: number; readonly maxOffset: number }[];
  };
}

/** A JVM whose consumers are members of groups. */
export interface JavaTroupe {
  enter(name: string, listing: Listing, play: Play): Player;
  /** Kills it. */
  close(): void;
}

const source = join(import.meta.dirname, '../../../support/kafka/java/VerifiableConsumers.java');

const classes: Readonly<Record<Listing[number], string>> = {
  'cooperative-sticky': 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
  range: 'org.apache.kafka.clients.consumer.RangeAssignor',
  RoundRobinAssigner: 'there is none',
};

const settings = (name: string, listing: Listing, { kafka, groupId }: Play): Readonly<Record<string, string>> => ({
  'bootstrap.servers': kafka.brokers.join(),
  'client.id': name,
  'group.id': groupId,
  'group.protocol': 'classic',
  'partition.assignment.strategy': listing.map((one) => classes[one]).join(),
  'session.timeout.ms': String(timing.session),
  'heartbeat.interval.ms': String(timing.heartbeat),
  'fetch.max.wait.ms': '100',
  'auto.offset.reset': 'earliest',
  'enable.auto.commit': 'false',
});

/** What a VerifiableConsumer says, told to the ledger; `over` when it is closed. */
function listener(name: string, { ledger }: Play, over: () => void): (line: Line) => void {
  return ({ error, event }) => {
    if (error !== undefined) ledger.wrong(`${name} failed: ${error}`);
    if (event === undefined) return;
    const { timestamp: at, partitions = [], offsets = [], success } = event;
    const numbers = partitions.map(({ partition }) => partition);
    if (event.name === 'partitions_assigned') ledger.given(name, numbers, at);
    if (event.name === 'partitions_revoked') ledger.taken(name, numbers, at);
    if (event.name === 'shutdown_complete') over();
    if (success === true) for (const { partition, offset } of offsets) ledger.committed(name, partition, offset, at);
    if (event.name !== 'records_consumed') return;
    for (const { partition, minOffset: first, maxOffset: last } of partitions) ledger.delivered(name, { partition, first, last, at });
  };
}

export async function javaTroupe(): Promise<JavaTroupe> {
  const child = await startJava('VerifiableConsumers', [], { source });
  const listeners = new Map<string, (line: Line) => void>();
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null) throw new Error('no pipes');
  stderr?.pipe(process.stderr);
  createInterface(stdout).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    listeners.get(line.member)?.(line);
  });
  const order = (words: unknown): void => void stdin.write(`${JSON.stringify(words)}\n`);
  return {
    enter: (name, listing, play) => {
      let over: () => void = () => undefined;
      const left = new Promise<void>((resolve) => (over = resolve));
      play.ledger.commitsLate(name); // while others rebalance it goes on reading, and its commit may be refused
      listeners.set(name, listener(name, play, over));
      order({ join: name, topic: play.topic, config: settings(name, listing, play) });
      return {
        name,
        led: [],
        leave: () => {
          order({ leave: name });
          return left;
        },
      };
    },
    close: () => void child.kill('SIGKILL'),
  };
}
