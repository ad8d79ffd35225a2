import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeJava } from '../support/kafka.ts';
import { played, type Cast } from './position/scene.ts';
import { Stage } from './position/stage.ts';

const isLong = process.env['SCALE_LONG'] === '1';
const TIMEOUT = 240_000;
/** How long records flow undisturbed, ms. */
const QUIET = isLong ? 5_000 : 1_000;
const TIMES = isLong ? 6 : 1;
/** How long a leader is frozen, ms. */
const FROZEN = 15_000;
const REQUEST_TIMEOUT = 4_000;
const MAX_WAIT = 500;

/** Who waits as long as by default still listens to a leader that was frozen when it comes back with its old data. */
const patient: Cast = { name: 'patient', options: {}, patience: 0 };
/** Hears nothing of a fetch, then nothing of what it asks about the cluster, if it asks the same broker. */
const impatient: Cast = { name: 'impatient', options: { requestTimeout: REQUEST_TIMEOUT }, patience: 2 * REQUEST_TIMEOUT + MAX_WAIT };

await describeJava('the leader of a partition is another one all of a sudden', () => {
  let opened: Stage | undefined;

  beforeAll(async () => {
    opened = await Stage.open();
  });

  afterAll(() => opened?.close());

  function stage(): Stage {
    if (opened === undefined) throw new Error('there is no Kafka');
    return opened;
  }

  async function ledByOther(topics: readonly string[], than: number): Promise<void> {
    for (const topic of topics)
      await stage().until(topic, `is not led by ${than}`, (all) => all.every(({ leaderId }) => leaderId > 0 && leaderId !== than));
  }

  async function whole(topics: readonly string[]): Promise<void> {
    for (const topic of topics)
      await stage().until(topic, 'is in sync', (all) => all.every(({ isrNodes, replicaNodes }) => isrNodes.length === replicaNodes.length));
  }

  test('SIGKILL', { timeout: TIMEOUT }, async () => {
    const outcomes = await played('the leader is killed, and comes back', stage(), [patient], async (topics) => {
      for (let time = 0; time < TIMES; time++) {
        const node = (time % 3) + 1;
        await pause(QUIET);
        await stage().kill(node);
        await ledByOther(topics, node);
        await pause(QUIET);
        await stage().start(node);
        await whole(topics);
      }
      return ((TIMES - 1) % 3) + 1;
    });
    expect(outcomes.flatMap(({ faults }) => faults)).toEqual([]);
  });

  test('reassignment: it is no replica any more', { timeout: TIMEOUT }, async () => {
    const outcomes = await played('the leader is taken out of the replicas', stage(), [patient], async (topics) => {
      for (let time = 0; time < TIMES; time++) {
        await pause(QUIET);
        for (const topic of topics) {
          const leader = await stage().leader(topic);
          const others = [1, 2, 3].filter((node) => node !== leader);
          await stage().reassign(topic, 0, others);
          await pause(QUIET);
          await stage().reassign(topic, 0, [...others, leader]);
        }
      }
      await pause(QUIET);
      return undefined;
    });
    expect(outcomes.flatMap(({ faults }) => faults)).toEqual([]);
  });

  test('preferred election', { timeout: TIMEOUT }, async () => {
    const outcomes = await played('another replica is preferred, and elected', stage(), [patient], async (topics) => {
      for (let time = 0; time < 3 * TIMES; time++) {
        await pause(QUIET);
        for (const topic of topics) {
          const leader = await stage().leader(topic);
          const next = (leader % 3) + 1;
          await stage().reassign(topic, 0, [next, ...[1, 2, 3].filter((node) => node !== next)]);
          await stage().elect(topic, 0, 'preferred');
          await stage().until(topic, `is led by ${next}`, (all) => all[0]?.leaderId === next);
        }
      }
      await pause(QUIET);
      return undefined;
    });
    expect(outcomes.flatMap(({ faults }) => faults)).toEqual([]);
  });

  test('SIGSTOP, and SIGCONT of one that does not know that it leads no more', { timeout: TIMEOUT }, async () => {
    const listening: Cast = { ...patient, patience: FROZEN };
    const outcomes = await played('the leader is frozen for 15 s', stage(), [listening, impatient], async (topics) => {
      await pause(QUIET);
      const node = await stage().leader(topics[0] ?? '');
      stage().freeze(node);
      const over = pause(FROZEN);
      await ledByOther(topics, node);
      await over;
      stage().thaw(node);
      await whole(topics);
      await pause(QUIET);
      return node;
    });
    expect(outcomes.flatMap(({ faults }) => faults)).toEqual([]);
  });
});
