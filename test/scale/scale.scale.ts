import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeJava, ownedKafka, withAdmin, type OwnedKafka } from '../support/kafka.ts';
import { Fleet, type Run } from './support/fleet.ts';
import { uncommitted, unexplained } from './support/kills.ts';
import { clock } from './support/log.ts';
import { COMMIT_INTERVAL, HEARTBEAT_INTERVAL, type AssignorName } from './support/plan.ts';
import { doubled } from './support/records.ts';
import { judged, print, type Verdict } from './support/report.ts';

const isLong = process.env['SCALE_LONG'] === '1';
/** How long a group of one size is left alone, ms. */
const STAGE = isLong ? 12_000 : 2_500;
const TIMEOUT = 240_000;
const brokerProperties = { 'min.insync.replicas': '2' };
const assignors: readonly AssignorName[] = ['range', 'cooperativeSticky'];

/** Holds for every run, whatever was done to the members. */
function expectSound(run: Run, verdict: Verdict): void {
  expect(verdict.lost).toEqual([]);
  expect(run.committed).toEqual(run.ends);
  expect(run.exitCodes.filter((code) => code !== 0)).toEqual([]);
  expect([verdict.overlaps, verdict.unowned]).toEqual([[], 0]);
}

/** What a kill may cost. */
function expectBounded({ kills, handled }: Run, { costs }: Verdict): void {
  expect(costs.filter(({ doubled: count, allowed }) => count > allowed)).toEqual([]);
  expect(unexplained(kills, doubled(handled))).toEqual([]);
  for (const kill of kills) expect(uncommitted(kill, handled, COMMIT_INTERVAL)).toEqual([]);
}

/** The broker where all groups are: their offsets have one partition. */
function coordinatorOf(kafka: OwnedKafka): Promise<number> {
  return withAdmin(kafka, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: ['__consumer_offsets'] });
    const leader = topics[0]?.partitions[0]?.leader;
    if (leader === undefined) throw new Error('nobody leads the offsets');
    return leader;
  });
}

await describeJava('a group on three brokers, 400 records a second', () => {
  let kafka: OwnedKafka | undefined;

  beforeAll(async () => {
    kafka = await ownedKafka({ brokers: 3, properties: brokerProperties });
  });

  afterAll(() => kafka?.close());

  function brokers(): OwnedKafka {
    if (kafka === undefined) throw new Error('there is no Kafka');
    return kafka;
  }

  /** `members`: how many there will be in all. */
  async function ran(
    name: string,
    assignor: AssignorName,
    members: number,
    course: (fleet: Fleet, kafka: OwnedKafka) => Promise<void>,
  ): Promise<readonly [Run, Verdict]> {
    const fleet = await Fleet.start(brokers(), assignor, members);
    try {
      await course(fleet, brokers());
      const run = await fleet.finish();
      const verdict = judged(run);
      print(name, run, verdict);
      return [run, verdict];
    } finally {
      await fleet.close();
    }
  }

  test.each(assignors)('scaled 1 → 4 → 2 → 5 → 1 by graceful stops: %s', { timeout: TIMEOUT }, async (assignor) => {
    const [run, verdict] = await ran('graceful stops', assignor, 7, async (fleet) => {
      await fleet.hold(STAGE);
      await fleet.grow(4);
      await fleet.hold(STAGE);
      await fleet.stop(2);
      await fleet.hold(STAGE);
      await fleet.grow(5);
      await fleet.hold(STAGE);
      await fleet.stop(1);
      await fleet.hold(STAGE);
    });
    expectSound(run, verdict);
    expect([verdict.doubled, verdict.disordered]).toEqual([0, 0]);
    const { kept, returned, moved, control, handler } = verdict;
    if (assignor === 'range') expect(Math.max(kept, returned, moved)).toBeLessThanOrEqual(HEARTBEAT_INTERVAL + handler + 3_000);
    else expect(Math.max(kept, returned)).toBeLessThanOrEqual(Math.min(control + 500, 3_000));
  });

  test.each(assignors)('scaled 1 → 4 → 2 → 5 → 1 by SIGKILL: %s', { timeout: TIMEOUT }, async (assignor) => {
    const [run, verdict] = await ran('SIGKILL', assignor, 7, async (fleet) => {
      await fleet.hold(STAGE);
      await fleet.grow(4);
      await fleet.hold(STAGE);
      await fleet.kill(2);
      await fleet.hold(STAGE);
      await fleet.grow(5);
      await fleet.hold(STAGE);
      await fleet.kill(1);
      await fleet.hold(STAGE);
    });
    expectSound(run, verdict);
    expectBounded(run, verdict);
  });

  test.each(assignors)('members that are silent for twice their session: %s', { timeout: TIMEOUT }, async (assignor) => {
    const [run, verdict] = await ran('SIGSTOP, SIGCONT', assignor, isLong ? 5 : 3, async (fleet) => {
      await fleet.hold(STAGE);
      await fleet.grow(isLong ? 4 : 3);
      await fleet.hold(STAGE);
      await fleet.freeze(2);
      await fleet.hold(STAGE);
      if (!isLong) return;
      await fleet.grow(5);
      await fleet.hold(STAGE);
      await fleet.freeze(1);
      await fleet.hold(STAGE);
    });
    expectSound(run, verdict);
    expectBounded(run, verdict);
  });

  test.each(assignors)('the coordinator is killed in the middle of a rebalance: %s', { timeout: TIMEOUT }, async (assignor) => {
    const [run, verdict] = await ran('coordinator killed', assignor, 4, async (fleet, { kill, start }) => {
      await fleet.grow(3);
      await fleet.hold(STAGE);
      const coordinator = await coordinatorOf(brokers());
      const killedAt = { ms: NaN };
      await fleet.rebalanceDuring(async () => {
        killedAt.ms = clock();
        await kill(coordinator);
      });
      await fleet.whole(); // within the session time-out and 20 s, by its own deadline
      process.stdout.write(`\nwhole again after ${Math.round(clock() - killedAt.ms)} ms\n`);
      await fleet.hold(STAGE);
      await start(coordinator);
    });
    expectSound(run, verdict);
    expect(verdict.doubled).toBe(0);
  });
});
