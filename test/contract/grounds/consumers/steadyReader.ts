import process from 'node:process';
import { defer } from 'rxjs';
import { processRecords } from '../../../../operators/index.ts';
import { fromKafka, type ConsumerOptions, type Connector } from '../../../../src/index.ts';
import type { Consumer } from './consumer.ts';

/** How a steady reader stands. Times in ms. */
export interface Look {
  /** The next offset of each partition. */
  readonly next: readonly number[];
  /** What came out of order or twice. */
  readonly strange: readonly string[];
  /** How often streams began. */
  readonly assignments: number;
  /** When it attempted to connect. */
  readonly attempts: readonly number[];
  readonly cpu: number;
}

/** Reads until it is stopped. */
export function steadyReader(connector: Connector, topic: string, groupId: string, options: Partial<ConsumerOptions>): Consumer<Look> {
  const next: number[] = [];
  const strange: string[] = [];
  const attempts: number[] = [];
  let assignments = 0;
  const counted: Connector = {
    connect: (broker) =>
      defer(() => {
        attempts.push(performance.now());
        return connector.connect(broker);
      }),
  };
  const odd = (kind: string) => (what: unknown) => void strange.push(`${kind}: ${String(what)}`);
  const listeners = (['unhandledRejection', 'uncaughtException', 'warning'] as const).map((kind) => [kind, odd(kind)] as const);
  for (const [kind, listener] of listeners) process.on(kind, listener);
  const reading = fromKafka(counted, {
    groupId,
    topics: [topic],
    commit: { interval: 500 },
    ...options,
    events: ({ kind }) => {
      if (kind === 'assigned') assignments++;
    },
  } as ConsumerOptions)
    .pipe(
      processRecords(({ partition, offset }) => {
        const expected = next[partition] ?? 0;
        if (offset !== expected) strange.push(`${partition}: ${offset} where ${expected} was due`);
        next[partition] = offset + 1;
      }),
    )
    .subscribe({ error: (error: unknown) => strange.push(`error: ${String(error)}`), complete: () => strange.push('completed') });
  return {
    answer: () => {
      const { user, system } = process.cpuUsage();
      return { next: [...next], strange: [...strange], assignments, attempts: [...attempts], cpu: (user + system) / 1_000 };
    },
    stop: () => {
      reading.unsubscribe();
      for (const [kind, listener] of listeners) process.off(kind, listener);
    },
  };
}
