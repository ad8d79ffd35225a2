import { setTimeout as pause } from 'node:timers/promises';
import type { ConsumerOptions } from '../../../src/index.ts';
import { uniqueTopic } from '../../support/kafka.ts';
import { faults, judged, unasked, type Verdict } from './judge.ts';
import type { Written } from './log.ts';
import { Reader } from './reader.ts';
import { print } from './report.ts';
import type { Stage } from './stage.ts';
import { Writer } from './writer.ts';

const PARTITIONS = 3;
/** Each node leads one partition. */
const placement = [
  [1, 2, 3],
  [2, 3, 1],
  [3, 1, 2],
];

export type ReaderOptions = Partial<Pick<ConsumerOptions, 'requestTimeout'>>;

/** A reader, and how much later than what delays everybody it may be: ms. */
export interface Cast {
  readonly name: string;
  readonly options: ReaderOptions;
  readonly patience: number;
}

/** What comes of a reader. */
export interface Outcome {
  readonly name: string;
  readonly verdict: Verdict;
  readonly faults: readonly string[];
}

/** Back-off as it is by default. */
const MAX_BACKOFF = 10_000;
const JITTER = 0.2;
/** For round trips, and a machine that is busy with other things: ms. */
const GRACE = 2_500;
/** A long poll is over by then: ms. */
const SETTLES = 1_500;

/**
 * How late a record may be when there was no leader for `outage` ms. Until there is one metadata is asked again and again; the waits double, so the last one
 * is no longer than all before it together, give and take the jitter; nor is it longer than the longest one.
 */
export function allowedLateness(outage: number, patience: number): number {
  const lastWait = Math.min(MAX_BACKOFF * (1 + JITTER), (outage * (1 + JITTER)) / (1 - JITTER));
  return lastWait + patience + GRACE;
}

interface Line {
  readonly kind: 'plain' | 'transactions';
  readonly topic: string;
  readonly writer: Writer;
  readonly readers: readonly { readonly cast: Cast; readonly reader: Reader }[];
}

async function openLine(stage: Stage, kind: Line['kind'], casts: readonly Cast[]): Promise<Line> {
  const topic = uniqueTopic(kind);
  await stage.create(topic, placement, { 'min.insync.replicas': '2' });
  const partitions = placement.map((_, partition) => ({ topic, partition }));
  const readers = casts.map((cast) => ({ cast, reader: new Reader(cast.name, stage, { partitions, ...cast.options }) }));
  await Promise.all(readers.map(({ reader }) => reader.begun(PARTITIONS)));
  const transactionalId = kind === 'transactions' ? topic : undefined;
  const writer = await Writer.start(stage, { topic, partitions: PARTITIONS, ...(transactionalId !== undefined && { transactionalId }) });
  return { kind, topic, writer, readers };
}

/** Ends a line: everything is written, and read as far as it ever will be. */
async function closeLine({ kind, writer, readers }: Line): Promise<readonly Outcome[]> {
  const written = await writer.stop();
  const outcomes: Outcome[] = [];
  for (const { cast, reader } of readers) {
    await reader.until('all is read', () => reader.read.length >= writer.visible, 40_000).catch(() => undefined); // what is missing the judge says
    await reader.stop();
    outcomes.push(outcomeOf(nameOf(kind, cast), written, reader, cast.patience));
  }
  return outcomes;
}

function outcomeOf(name: string, written: readonly Written[], reader: Reader, patience: number): Outcome {
  const verdict = judged(written, reader.read);
  // A transaction that is committed is marked as that in the logs by somebody who has to find their leaders as well.
  const allowed = allowedLateness(verdict.outage, patience);
  const failed = reader.failures.map(({ partition, code }) => `partition ${partition} failed: ${code}`);
  return { name, verdict, faults: [...faults(verdict, allowed), ...unasked(reader.moves), ...failed] };
}

/**
 * Records flow into two topics, into one of them in transactions, and are read while something happens to the brokers.
 * `course` is given the topics, and resolves with a node that leads nothing by then, if there is one: nobody may read from it any more. Prints what came of it.
 */
export async function played(
  title: string,
  stage: Stage,
  casts: readonly Cast[],
  course: (topics: readonly string[]) => Promise<number | undefined>,
): Promise<readonly Outcome[]> {
  const lines: Line[] = [];
  try {
    for (const kind of ['plain', 'transactions'] as const) lines.push(await openLine(stage, kind, casts));
    for (const { readers } of lines)
      for (const { reader } of readers) await reader.until('something is read', () => reader.read.length > 50);
    const deposed = await course(lines.map(({ topic }) => topic));
    const strays = deposed === undefined ? [] : await readingFrom(stage, deposed, lines);
    const closed = (await Promise.all(lines.map(closeLine))).flat();
    const outcomes = closed.map((one) =>
      strays.includes(one.name) ? { ...one, faults: [...one.faults, 'it reads from who leads nothing'] } : one,
    );
    print(title, outcomes.map(rowOf));
    return outcomes;
  } finally {
    for (const { writer, readers } of lines) {
      writer.kill();
      for (const { reader } of readers) await reader.stop().catch(() => undefined);
    }
  }
}

/** Who reads from that node. A follower serves whoever does not say in which epoch he takes it for the leader: without an error, and late. */
async function readingFrom({ kafka }: Stage, node: number, lines: readonly Line[]): Promise<readonly string[]> {
  await pause(SETTLES);
  const marks = lines.flatMap(({ kind, readers }) =>
    readers.map(({ cast, reader }) => ({ name: nameOf(kind, cast), reader, since: reader.told.length })),
  );
  await pause(SETTLES);
  const isStray = ({ reader, since }: (typeof marks)[number]): boolean =>
    reader.told.slice(since).some((event) => event.kind === 'fetched' && event.partitions > 0 && event.broker === kafka.address(node));
  return marks.filter(isStray).map(({ name }) => name);
}

function nameOf(kind: Line['kind'], { name }: Cast): string {
  return `${kind}, ${name}`;
}

function rowOf({ name, verdict, faults: said }: Outcome): Readonly<Record<string, string | number>> {
  const { written, lost, doubled, disordered, foreign, outage, late, pause: longest } = verdict;
  const counts = { lost: lost.length, doubled: doubled.length, disordered: disordered.length, foreign: foreign.length };
  const times = { 'no leader, ms': Math.round(outage), 'longest pause': Math.round(longest), 'latest record': Math.round(late) };
  return { reader: name, records: written, ...counts, ...times, verdict: said.join('; ') || 'right' };
}
