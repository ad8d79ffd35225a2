import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { committedOffsets } from '../support/consume.ts';
import { describeJava, eventually } from '../support/kafka.ts';
import { isRead, lifeFaults, Lives } from './position/lives.ts';
import { Reader } from './position/reader.ts';
import { print } from './position/report.ts';
import { Stage } from './position/stage.ts';

const isLong = process.env['SCALE_LONG'] === '1';
const TIMES = isLong ? 5 : 1;

/** How a topic is exchanged for another of its name. */
interface Exchange {
  readonly name: string;
  readonly partitions: number;
  /** Records in each partition of the new one: where they are more than in the old one, who goes on at the old place skips some and nothing tells him; where they are fewer, he commits what is not there. */
  readonly count: number;
  /** `away`: the consumer is not there while it happens; `leaves`: it goes right after it. */
  readonly how: 'at once' | 'later' | 'twice' | 'away' | 'leaves';
}

const exchanges: readonly Exchange[] = [
  { name: 'at once', partitions: 3, count: 60, how: 'at once' },
  { name: 'when its end was noticed', partitions: 3, count: 32, how: 'later' },
  { name: 'with more partitions', partitions: 5, count: 50, how: 'at once' },
  { name: 'with fewer', partitions: 2, count: 24, how: 'at once' },
  { name: 'while the consumer was away', partitions: 3, count: 40, how: 'away' },
  { name: 'twice', partitions: 3, count: 16, how: 'twice' },
  { name: 'right before the consumer goes', partitions: 3, count: 30, how: 'leaves' },
  { name: 'with more, later', partitions: 4, count: 8, how: 'later' },
];

await describeJava('a topic is deleted and created again while a group reads it', () => {
  let opened: Stage | undefined;
  const readers: Reader[] = [];

  beforeAll(async () => {
    opened = await Stage.open();
  });

  afterAll(async () => {
    await Promise.all(readers.map((reader) => reader.stop().catch(() => undefined)));
    await opened?.close();
  });

  function stage(): Stage {
    if (opened === undefined) throw new Error('there is no Kafka');
    return opened;
  }

  function join({ topic, groupId }: Lives): Reader {
    const times = { sessionTimeout: 6_000, heartbeatInterval: 300, commit: { interval: 100 } };
    const reader = new Reader(`reader ${readers.length}`, stage(), { groupId, topics: topic, startFrom: 'earliest', ...times });
    readers.push(reader);
    return reader;
  }

  const departures = (reader: Reader, reasons: readonly string[]): readonly number[] =>
    reader
      .tells('lost')
      .flatMap(({ partitions, reason = '' }) => (reasons.includes(reason) ? partitions.map(({ partition }) => partition) : []));

  /** Nobody reads an old topic any more. Resolves with who reads the new one. */
  async function exchanged(lives: Lives, reader: Reader, { how, partitions }: Exchange): Promise<Reader> {
    const before = lives.present.partitions;
    const known = departures(reader, ['deleted', 'recreated']).length;
    if (how === 'away') await reader.stop();
    await lives.end();
    if (how === 'later')
      await reader.until('it is told', () => departures(reader, ['deleted', 'recreated']).length >= known + before, 20_000);
    await lives.begin(partitions);
    if (how === 'twice') {
      await lives.end();
      await lives.begin(partitions);
    }
    if (how === 'leaves') await reader.stop();
    return how === 'leaves' || how === 'away' ? join(lives) : reader;
  }

  /** What is wrong with the partitions that it was told to have lost, since there were so many: each of the old topic once, and why. */
  function lossFaults(reader: Reader, known: number, partitions: number, how: Exchange['how']): readonly string[] {
    const all = departures(reader, ['deleted', 'recreated']).slice(known);
    const expected = how === 'away' ? [] : Array.from({ length: partitions }, (_, partition) => partition);
    // Where there were two topics it may have seen both of them go, or one.
    const each = how === 'twice' ? [...new Set(all)] : all;
    const isRight = how === 'leaves' || each.toSorted((a, b) => a - b).join() === expected.join();
    return isRight ? [] : [`lost with the topic: ${all.join() || 'nothing'} instead of ${expected.join()}`];
  }

  test.each(Array.from({ length: TIMES }, (_, time) => time))('and again and again: time %i', { timeout: 240_000 }, async () => {
    const lives = new Lives(stage());
    await lives.begin(3);
    const mine = [join(lives)];
    await mine[0]?.begun(3);
    const rows: Record<string, string | number>[] = [];

    async function live(name: string, count: number): Promise<readonly string[]> {
      const began = performance.now();
      const isDone = (): boolean => isRead(lives.present, mine, count);
      await lives.filled(count, async () => {
        await eventually(isDone, { what: 'all is read', deadline: 30_000 }).catch(() => undefined);
        const all = Array.from({ length: lives.present.partitions }, () => count);
        const committed = async (): Promise<void> => expect(await committedOffsets(stage(), lives.groupId, lives.topic)).toEqual(all);
        await eventually(committed, { what: 'all is committed', deadline: 10_000 }).catch(() => undefined);
      });
      const committed = await committedOffsets(stage(), lives.groupId, lives.topic);
      const isCommitted = committed.every((offset) => offset === count);
      const faults = [...lifeFaults(lives.present, mine), ...(isCommitted ? [] : [`committed: ${committed.join()}`])];
      const what = {
        exchanged: name,
        partitions: lives.present.partitions,
        'records each': count,
        took: Math.round(performance.now() - began),
      };
      rows.push({ ...what, verdict: faults.join('; ') || 'right' });
      return faults;
    }

    const said = [...(await live('–', 40))];
    for (const exchange of exchanges) {
      const reader = mine.at(-1);
      if (reader === undefined) break;
      const known = departures(reader, ['deleted', 'recreated']).length;
      const before = lives.present.partitions;
      const next = await exchanged(lives, reader, exchange);
      if (next !== reader) mine.push(next);
      said.push(...(await live(exchange.name, exchange.count)), ...lossFaults(reader, known, before, exchange.how));
    }
    await pause(500); // a commit more, if there is anything to commit
    const last = await committedOffsets(stage(), lives.groupId, lives.topic);
    print('a topic is exchanged for another', rows);
    expect(said).toEqual([]);
    expect(last).toEqual(last.map(() => exchanges.at(-1)?.count));
    expect(mine.flatMap(({ failures }) => failures.map(({ code }) => code))).toEqual([]);
  });
});
