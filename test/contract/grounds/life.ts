import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { killed, startChild } from '../../support/child.ts';
import { linesOf, type Line } from '../../support/lines.ts';
import { appender } from './consumers/appender.ts';
import type { Ground, RealGround, SimulatedGround } from './ground.ts';
import { mortal } from './mortal.ts';

/** A consumer, at most once, that is killed some time. */
export interface Life {
  /** What it has done so far. */
  lines(): readonly Line[];
  /** Resolves with what it did in its life. */
  kill(): Promise<readonly Line[]>;
}

/** Ms, of everybody who takes part: the next life waits as long for the one that was killed. */
export function sessionTimeoutOn({ kind }: Ground): number {
  return kind === 'real' ? 6_000 : 500;
}

/** On a real Kafka a process, on the simulated one a consumer whose connections end without a farewell. */
export function live(ground: Ground, topic: string, groupId: string): Life {
  return ground.kind === 'real' ? inChild(ground, topic, groupId) : inHere(ground, topic, groupId);
}

function inChild({ kafka }: RealGround, topic: string, groupId: string): Life {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-rx-once-'));
  const path = join(folder, 'lines');
  const args = [kafka.brokers.join(','), topic, groupId, path, '1', 'once'];
  const child = startChild(join(import.meta.dirname, '../children/appender.ts'), args);
  return {
    lines: () => linesOf(path),
    kill: async () => {
      await killed(child);
      const lines = linesOf(path);
      rmSync(folder, { recursive: true, force: true });
      return lines;
    },
  };
}

function inHere(ground: SimulatedGround, topic: string, groupId: string): Life {
  const lines: Line[] = [];
  const connector = mortal(ground.connector());
  const life = appender(connector, {
    topic,
    groupId,
    work: 1,
    interval: 'once',
    options: { sessionTimeout: sessionTimeoutOn(ground), heartbeatInterval: 100, closeTimeout: 0 },
    append: ({ partition, offset }) => lines.push({ partition, offset, at: 0 }),
    failed: (error) => expect.unreachable(String(error)),
  });
  return {
    lines: () => lines,
    kill: () => {
      connector.die();
      life.unsubscribe();
      return Promise.resolve(lines);
    },
  };
}
