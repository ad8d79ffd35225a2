import { setTimeout as pause } from 'node:timers/promises';
import { map, timer } from 'rxjs';
import { expect } from 'vitest';
import { processRecords } from '../../../operators/index.ts';
import { fromKafka, type ConsumerEvent } from '../../../src/index.ts';
import { eventually, uniqueTopic } from '../../support/kafka.ts';
import type { Outage } from './outage.ts';

/** Milliseconds. */
export interface Times {
  readonly sessionTimeout: number;
  /** How long all brokers are away. */
  readonly away: number;
  /** How long each handler takes: several are done while they are away. */
  readonly handler: number;
}

const partitions = 3;

/**
 * All brokers go away for longer than the session while handlers are at work, which finish and ack. Nothing of what they did is done again
 * afterwards, and everything is committed.
 */
export async function outlive(open: () => Promise<Outage>, { sessionTimeout, away, handler }: Times): Promise<void> {
  const outage = await open();
  const { ground } = outage;
  const each = Math.ceil((away + 4 * handler) / handler);
  const topic = await ground.createTopic('outlive', { partitions });
  const groupId = uniqueTopic('outlive');
  await ground.produce({ topic, partitions, count: partitions * each });
  const done: string[] = [];
  const told: ConsumerEvent[] = [];
  const options = { groupId, topics: topic, sessionTimeout, commit: { interval: 200 }, closeTimeout: 1_000 };
  const life = fromKafka(ground.source(), { ...options, events: (event) => void told.push(event) })
    .pipe(processRecords(({ partition, offset }) => timer(handler).pipe(map(() => void done.push(`${partition}@${offset}`)))))
    .subscribe({ error: (error: unknown) => expect.unreachable(String(error)) });
  const count = (kind: ConsumerEvent['kind']): number => told.filter((event) => event.kind === kind).length;
  try {
    await eventually(() => done.length >= partitions, { what: 'the first of each', deadline: 30_000 });
    await outage.down();
    const before = done.length;
    // The outage is the thing under test: it lasts as long as the promise says.
    await pause(away);
    expect(done.length).toBeGreaterThanOrEqual(before + partitions);
    const expired = told.filter((event) => event.kind === 'stalled' && event.reason === 'session-expired').length;
    expect(expired).toBeGreaterThan(0);
    await outage.up();
    await eventually(() => done.length >= partitions * each, { what: 'all of them', deadline: away + each * handler + 60_000 });
    await eventually(async () => expect(await ground.committed(groupId, topic)).toEqual(await ground.ends(topic)), {
      what: 'the commit of all',
      deadline: 15_000,
    });
    expect(done).toHaveLength(new Set(done).size);
    expect([count('lost'), count('revoked'), count('joined')]).toEqual([0, 0, 1]);
  } finally {
    life.unsubscribe();
    await outage.close();
  }
}
