import { defer, delay, EMPTY, finalize, merge, mergeMap, repeat, Subject, take, takeUntil, tap, timer, type Observable } from 'rxjs';
import { expect, test } from 'vitest';
import { fromKafka, type KafkaRecord, type PartitionStream } from '../../src/index.ts';
import { ended } from '../support/consume.ts';
import { eventually, uniqueTopic } from '../support/kafka.ts';
import { seeded } from '../support/seeded.ts';
import { describeGrounds } from './grounds/describeGrounds.ts';
import type { Ground } from './grounds/ground.ts';
import { firstFrom, partitions, writeLog, type LogTruth } from './seekStorm/log.ts';
import { Rider, type Tally } from './seekStorm/rider.ts';

/** `SEEK_STORM_SECONDS=60 npx vitest run test/contract/seekStorm` is the long form. */
const seconds = Number(process.env['SEEK_STORM_SECONDS'] ?? 6);
const lives = 3;

/** One storm: a group with one member at a time, whose lives follow one another. */
class Storm {
  readonly tally: Tally = { seeks: 0, delivered: 0, resets: 0, targets: new Map() };
  readonly riders: readonly Rider[];
  readonly told = new Set<string>();
  readonly failures: unknown[] = [];
  private readonly ground: Ground;
  private readonly topic: string;
  private readonly groupId: string;
  private readonly random: () => number;

  constructor(ground: Ground, topic: string, groupId: string, truths: readonly LogTruth[], seed: number) {
    this.ground = ground;
    this.topic = topic;
    this.groupId = groupId;
    this.random = seeded(seed);
    this.riders = truths.map((truth) => new Rider(truth, this.random, this.tally));
  }

  /** Seeks at random for that long, and stops as `until` does. */
  async life(ms: number): Promise<void> {
    const { groupId, topic, riders } = this;
    const begun = new Subject<void>();
    const streams = fromKafka(this.ground.source(), {
      groupId,
      topics: topic,
      until: begun.pipe(take(1), delay(ms)),
      commit: { interval: 20 },
      fetch: { maxWait: 50, maxPartitionBytes: 4_000 },
      backoff: { initial: 20, max: 100 },
      events: (event) => {
        if (event.kind === 'assigned') begun.next();
        if (event.kind === 'positioned') riders[event.partition]?.positioned(event);
        if (event.kind === 'committed') for (const { partition, offset } of event.offsets) this.told.add(`${partition}@${offset}`);
        if (event.kind === 'failed' || event.kind === 'commitFailed') this.failures.push(event.error);
      },
    });
    await ended(streams.pipe(mergeMap((stream) => this.ride(stream))));
  }

  private ride(stream: PartitionStream): Observable<unknown> {
    const { random } = this;
    const rider = this.riders[stream.partition] ?? expect.unreachable(stream.key);
    rider.begins(stream);
    const end = new Subject<void>();
    const records = stream.pipe(
      tap((record) => {
        rider.takes(record);
        this.ack(record);
      }),
      finalize(() => end.next()),
    );
    const seeks = defer(() => timer(random() * 40)).pipe(
      tap(() => rider.seek()),
      // Not all of them: commits are under way as they are, by the interval.
      mergeMap(() => (random() < 0.1 ? stream.commit() : EMPTY)),
      repeat(),
      takeUntil(end),
    );
    return merge(records, seeks);
  }

  /** At once, or a moment later: then a seek may have come between. */
  private ack(record: KafkaRecord): void {
    if (this.random() < 0.7) record.ack();
    else setTimeout(() => record.ack(), this.random() * 5);
  }
}

/** A coordinator that has just begun says at first that it is loading. */
function committedOnce(ground: Ground, groupId: string, topic: string): Promise<readonly number[]> {
  return eventually(() => ground.committed(groupId, topic), { what: 'what is committed', deadline: 20_000, every: 200 });
}

await describeGrounds('seeks at random, from inside of next and from timers, with commits', (ground) => {
  const time = ground.kind === 'real' ? seconds * 1_000 : 2_000;

  test(
    'every record is the one that the last seek and the log imply; after a restart it goes on at the last intended offset',
    async () => {
      const topic = await ground.createTopic('storm', { partitions });
      const groupId = uniqueTopic('storm');
      const truths = await writeLog(ground, topic);
      const storm = new Storm(ground, topic, groupId, truths, 7);
      const { tally, riders, told, failures } = storm;
      for (let life = 0; life < lives; life++) {
        await storm.life(time / lives);
        const committed = await committedOnce(ground, groupId, topic);
        riders.forEach((rider, partition) => {
          const truth = truths[partition] ?? expect.unreachable();
          rider.startsAt = committed[partition];
          // Where the last seek is still being looked up, nothing new is intended.
          if (rider.intended !== undefined) expect(firstFrom(truth, committed[partition] ?? -1)).toEqual(firstFrom(truth, rider.intended));
          expect(rider.wrong).toEqual([]);
          for (const offset of rider.foundCommitted.splice(0)) expect(told).toContain(`${partition}@${offset}`);
        });
      }
      expect(failures).toEqual([]);
      const figures = JSON.stringify({ ...tally, targets: Object.fromEntries(tally.targets) });
      if (process.env['SEEK_STORM_SECONDS'] !== undefined) process.stdout.write(`${ground.kind}: ${figures}\n`);
      expect(tally.delivered, figures).toBeGreaterThan(tally.seeks);
      expect(tally.targets.size).toBe(5);
    },
    time + 60_000,
  );
});
