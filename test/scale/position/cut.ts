import { setTimeout as pause } from 'node:timers/promises';
import { KafkaRxError, type ConsumerOptions } from '../../../src/index.ts';
import { uniqueTopic } from '../../support/kafka.ts';
import { acrossCut } from './judge.ts';
import { inWords, moveInWords, type Positioned, type Written } from './log.ts';
import { Reader } from './reader.ts';
import type { Stage } from './stage.ts';
import { write } from './writer.ts';

/** The leader that has all, and the follower that will lead without the end of it. */
const FULL = 2;
const SHORT = 3;
/** How many records both have, and how many the leader alone. */
const COMMON = 20;
const TAIL = 10;
const LATER = 5;

const numbered = (prefix: string, count: number): readonly string[] => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

export type Policy = 'earliest' | 'latest' | 'none';

export const policies: readonly Policy[] = ['earliest', 'latest', 'none'];

/** A log of one partition that is to be cut. What stands in it, before and after. */
export class Log {
  readonly topic: string;
  /** How many records come after the cut. */
  readonly fresh: number;
  before: readonly Written[] = [];
  after: readonly Written[] = [];
  readonly cut: number = COMMON;

  constructor(fresh: number) {
    this.topic = uniqueTopic('cut');
    this.fresh = fresh;
  }

  /** Where it ended before the cut. */
  get was(): number {
    return COMMON + TAIL;
  }
}

/** Both replicas are there, and have the beginning. */
export async function beginLogs(stage: Stage, logs: readonly Log[]): Promise<void> {
  for (const log of logs) {
    await stage.create(log.topic, [[FULL, SHORT]], { 'min.insync.replicas': '1' });
    log.before = await write(stage, log.topic, 0, numbered('common', COMMON));
  }
}

/** The follower goes, and the leader writes on alone. */
export async function writeAlone(stage: Stage, logs: readonly Log[]): Promise<void> {
  await stage.kill(SHORT);
  for (const log of logs) {
    await stage.until(log.topic, 'has one replica in sync', ([state]) => state?.isrNodes.join() === String(FULL));
    log.before = [...log.before, ...(await write(stage, log.topic, 0, numbered('tail', TAIL)))];
  }
}

/** The leader goes, the follower comes back and leads without what it has never seen; others write there. Then the old leader comes back as well. */
export async function fall(stage: Stage, logs: readonly Log[]): Promise<void> {
  await stage.kill(FULL);
  await stage.start(SHORT);
  for (const { topic } of logs) await stage.until(topic, 'is led by nobody', ([state]) => state?.leaderId === -1);
  for (const log of logs) {
    await stage.elect(log.topic, 0, 'unclean');
    await stage.until(log.topic, `is led by ${SHORT}`, ([state]) => state?.leaderId === SHORT);
    log.after = [...log.before.slice(0, COMMON), ...(await write(stage, log.topic, 0, numbered('fresh', log.fresh)))];
  }
  await stage.start(FULL);
  for (const { topic } of logs) await stage.until(topic, 'is in sync', ([state]) => state?.isrNodes.length === 2);
}

/** Some records more, so that who waits at the end gets something. */
export async function writeLater(stage: Stage, logs: readonly Log[]): Promise<void> {
  for (const log of logs) log.after = [...log.after, ...(await write(stage, log.topic, 0, numbered('later', LATER)))];
}

export function liveReader(stage: Stage, { topic }: Log, autoOffsetReset: Policy): Reader {
  const partitions = [{ topic, partition: 0 }];
  return new Reader(`live, ${autoOffsetReset}`, stage, { partitions, autoOffsetReset, startFrom: 'earliest' });
}

export function member(name: string, stage: Stage, { topic }: Log, groupId: string, autoOffsetReset: Policy): Reader {
  const options: ConsumerOptions = { groupId, topics: topic, autoOffsetReset, startFrom: 'earliest', commit: { interval: 200 } };
  return new Reader(name, stage, { ...options, sessionTimeout: 6_000, heartbeatInterval: 300 });
}

/** What a reader makes of a cut, in words; all is well if there are none. `began`: where it stood when it began, at a commit or at 0. */
export function cutFaults(log: Log, policy: Policy, reader: Reader, began: number): readonly string[] {
  const { was, cut, before, after } = log;
  const moves = reader.moves.filter(({ reason }) => reason !== 'start' && reason !== 'committed' && reason !== 'seek');
  const all = moves.map(moveInWords);
  const [move] = moves;
  if (policy === 'none') return [...all, ...refusalFaults(log, reader), ...notRead(acrossCut(before.slice(began), after, cut), reader)];
  const errors = reader.failures.map(({ code }) => `error: ${code}`);
  if (move === undefined || moves.length > 1 || !isAsItShouldBe(move, policy, log))
    return [...errors, `positioned: ${all.join(', ') || 'never'}`];
  if (move.from !== was) errors.push(`from ${String(move.from)}, it stood at ${was}`);
  return [...errors, ...notRead(acrossCut(before.slice(began), after, move.to), reader)];
}

/** With 'none' there is one error, that says what has happened and how to go on; the events tell of it as well. */
function refusalFaults({ topic, cut }: Log, reader: Reader): readonly string[] {
  const [failure, ...more] = reader.failures;
  if (failure === undefined || more.length > 0 || !KafkaRxError.is(failure.error)) return [`${reader.failures.length} errors`];
  const { code, topic: where, partition, retriable, advice } = failure.error;
  const said = [code, where, partition, retriable, reader.tells('failed').length].join();
  const expected = ['LOG_TRUNCATED', topic, 0, false, 1].join();
  return [
    ...(said === expected ? [] : [`the error: ${said} instead of ${expected}`]),
    ...(advice.includes(`seek({ offset: ${cut} })`) ? [] : [`its advice: ${advice}`]),
  ];
}

/** Nothing has happened to who never read beyond the cut. */
export function untouchedFaults({ cut, after }: Log, reader: Reader): readonly string[] {
  const moves = reader.moves.filter(({ reason }) => reason !== 'committed').map(moveInWords);
  const codes = reader.failures.map(({ code }) => `error: ${code}`);
  return [...moves, ...codes, ...notRead(after.slice(cut).map(inWords), reader)];
}

function isAsItShouldBe({ to, reason }: Positioned, policy: Policy, { cut, after }: Log): boolean {
  if (reason !== 'truncated') return false;
  return policy === 'earliest' ? to === cut : to >= cut && to <= after.length;
}

function notRead(expected: readonly string[], { read }: Reader): readonly string[] {
  const actual = read.map(inWords);
  const at = expected.findIndex((one, index) => one !== actual[index]);
  if (at < 0 && actual.length === expected.length) return [];
  const first = at < 0 ? expected.length : at;
  return [
    `${expected.length} records expected, ${actual.length} read; the first that differ: ${expected[first] ?? '–'}, ${actual[first] ?? '–'}`,
  ];
}

/** Waits until the reader has the last record, or long enough: what is missing is for the judge to say. */
export async function rested(reader: Reader, { after }: Log): Promise<void> {
  const last = after.at(-1);
  await reader.until('the last record is read', () => reader.read.at(-1)?.value === last?.value, 15_000).catch(() => undefined);
  await pause(300); // and nothing comes after it
}
