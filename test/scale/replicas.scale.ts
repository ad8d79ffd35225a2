import { setTimeout as pause } from 'node:timers/promises';
import process from 'node:process';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ConsumerOptions } from '../../src/index.ts';
import { describeJava, uniqueTopic } from '../support/kafka.ts';
import { faults, judged, unasked } from './position/judge.ts';
import { inWords } from './position/log.ts';
import { Reader } from './position/reader.ts';
import { print } from './position/report.ts';
import { allowedLateness } from './position/scene.ts';
import { Stage } from './position/stage.ts';
import { burst, write, Writer } from './position/writer.ts';

const isLong = process.env['SCALE_LONG'] === '1';
const QUIET = isLong ? 5_000 : 1_000;
/** How long a follower may hang back before it is not in sync, ms. */
const LAG = 3_000;
/** How long the consumer stays with a follower before it asks the leader again, ms. */
const LEASE = 4_000;
/** For some round trips, where a machine is busy: ms. */
const IN_TIME = 6_000;
/** Its leader, the replica that is close, and another. */
const [LEADER, CLOSE, FAR] = [1, 2, 3] as const;
const replicas = [[LEADER, CLOSE, FAR]];

await describeJava('a consumer reads from the replica that is in its rack', () => {
  let opened: Stage | undefined;
  const readers: Reader[] = [];
  const writers: Writer[] = [];

  beforeAll(async () => {
    opened = await Stage.open({ 'replica.lag.time.max.ms': String(LAG) });
  });

  afterEach(async () => {
    for (const writer of writers.splice(0)) writer.kill();
    await Promise.all(readers.splice(0).map((reader) => reader.stop().catch(() => undefined)));
  });

  afterAll(() => opened?.close());

  function stage(): Stage {
    if (opened === undefined) throw new Error('there is no Kafka');
    return opened;
  }

  function close(name: string, topic: string, options: Partial<ConsumerOptions> = {}): Reader {
    const own = { groupId: uniqueTopic('close'), topics: topic, rackId: `r${CLOSE}`, sessionTimeout: 6_000, heartbeatInterval: 300 };
    const reader = new Reader(name, stage(), { ...own, ...options } as ConsumerOptions);
    readers.push(reader);
    return reader;
  }

  /** The nodes of which it fetched something, from that time on, one after the other. */
  function sources(reader: Reader, since = 0): readonly number[] {
    const nodes = reader.tells('fetched').filter(({ at, partitions }) => at >= since && partitions > 0);
    return nodes.map(({ broker }) => stage().brokers.indexOf(broker) + 1).filter((node, index, all) => node !== all[index - 1]);
  }

  const now = (reader: Reader): number => reader.told.at(-1)?.at ?? 0;
  const reads = (reader: Reader, node: number): Promise<void> =>
    reader.until(`it reads from ${node}`, () => sources(reader).at(-1) === node);

  test('and from the leader when that is gone', { timeout: 240_000 }, async () => {
    const topic = uniqueTopic('close');
    await stage().create(topic, replicas, { 'min.insync.replicas': '2' });
    const reader = close('in r2', topic, { metadataMaxAge: 2 * LEASE });
    await reader.begun(1);
    const writer = await Writer.start(stage(), { topic, partitions: 1 });
    writers.push(writer);
    await reads(reader, CLOSE);
    const settled = now(reader);
    await pause(2 * QUIET);
    const quiet = sources(reader, settled + 1);

    const killed = now(reader);
    const count = reader.read.length;
    await stage().kill(CLOSE);
    await reader.until('it reads from the leader', () => sources(reader, killed).at(-1) === LEADER, 5_000);
    const away = now(reader) - killed;
    await stage().until(topic, 'has two replicas in sync', (all) => all[0]?.isrNodes.length === 2);
    await reader.until('it reads on', () => reader.read.length > count + 50);
    await stage().start(CLOSE);
    await stage().until(topic, 'has three replicas in sync', (all) => all[0]?.isrNodes.length === 3);
    await reads(reader, CLOSE);

    await stage().kill(LEADER);
    await stage().until(topic, 'is led by another', (all) => ![LEADER, -1].includes(all[0]?.leaderId ?? -1));
    await pause(QUIET);
    await stage().start(LEADER);
    const written = await writer.stop();
    await reader.until('all is read', () => reader.read.length >= writer.visible, 40_000).catch(() => undefined);
    const verdict = judged(written, reader.read);
    const said = [
      ...faults(verdict, allowedLateness(verdict.outage, 0)),
      ...unasked(reader.moves),
      ...reader.failures.map(({ code }) => code),
    ];
    const path = sources(reader).join(' → ');
    const times = { 'to the leader after the kill, ms': Math.round(away), 'latest record': Math.round(verdict.late) };
    print('the closest replica', [
      { reader: reader.name, records: verdict.written, 'read from node': path, ...times, verdict: said.join('; ') || 'right' },
    ]);
    expect(quiet).toEqual([CLOSE]);
    expect(said).toEqual([]);
  });

  test('which may hang back: what it has not is asked for at the leader', { timeout: 240_000 }, async () => {
    const topic = uniqueTopic('lagging');
    await stage().create(topic, replicas, { 'min.insync.replicas': '1', 'follower.replication.throttled.replicas': `0:${CLOSE}` });
    const [stays, seeks] = [close('stays', topic, { metadataMaxAge: LEASE }), close('seeks', topic)];
    const all = [...(await write(stage(), topic, 0, ['0', '1', '2', '3', '4']))];
    for (const reader of [stays, seeks]) {
      await reader.until('it has read the first ones', () => reader.read.length === 5);
      await reads(reader, CLOSE);
    }
    await stage().throttle(CLOSE, 1);
    // Who is in sync is never slowed down: so it is silent until it is not. Then it is more than a follower gets at a time, and for the rest it waits.
    stage().freeze(CLOSE);
    const big = Array.from({ length: 16 }, (_, index) => `${index}`.padEnd(900_000, 'x'));
    all.push(...(await burst(stage(), topic, big)));
    await stage().until(topic, 'has lost a replica', (states) => states[0]?.isrNodes.includes(CLOSE) === false);
    stage().thaw(CLOSE);
    const from = now(stays);
    seeks.streams.get(0)?.seek('latest');
    await seeks.until('it has sought', () => seeks.moves.some(({ reason }) => reason === 'seek'));
    const target = seeks.moves.find(({ reason }) => reason === 'seek')?.to ?? -1;
    all.push(...(await write(stage(), topic, 0, ['a', 'b', 'c'])));
    // Not only when the replica has caught up, and not only when the lease of the other one is over.
    await seeks.until('it reads on at the leader', () => seeks.read.at(-1)?.value === 'c', IN_TIME);
    await stays.until('it reads on when its lease is over', () => stays.read.at(-1)?.value === 'c', LEASE + IN_TIME);
    const paths = [sources(stays, from), sources(seeks, from)];

    await stage().throttle(CLOSE, undefined);
    await stage().until(topic, 'has three replicas in sync', (states) => states[0]?.isrNodes.length === 3);
    all.push(...(await write(stage(), topic, 0, ['d', 'e'])));
    for (const reader of [stays, seeks])
      await reader.until('it has read all', () => reader.read.at(-1)?.value === 'e', 20_000).catch(() => undefined);
    const words = (reader: Reader): readonly string[] => reader.read.map(inWords).map(short);
    const rows = [stays, seeks].map((reader, index) => {
      const moves = [...unasked(reader.moves), ...reader.failures.map(({ code }) => code)].join('; ');
      return {
        reader: reader.name,
        read: reader.read.length,
        'while the replica hung back, from node': paths[index]?.join(' → ') ?? '',
        'unasked moves': moves,
      };
    });
    print('the closest replica hangs back', rows);
    expect(rows.map((row) => row['unasked moves'])).toEqual(['', '']);
    expect(words(stays)).toEqual(all.map(inWords).map(short));
    const [first] = words(seeks).filter((_, index) => (seeks.read[index]?.offset ?? 0) >= target);
    expect(target).toBe(21);
    expect(first).toBe('0@21=a');
    expect(words(seeks).slice(-5)).toEqual(all.slice(-5).map(inWords));
    expect(seeks.read.length).toBe(new Set(words(seeks)).size);
  });
});

function short(words: string): string {
  return words.slice(0, 20);
}
