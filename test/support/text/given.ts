import type { TopicPartition } from '../../../src/model/topicPartition.ts';
import type { Fault } from '../../../src/testing/fault.ts';
import { OptionsError } from '../../../src/errors/index.ts';
import { readOptions } from '../../../src/options.ts';
import { consumerOptions } from './consumerOptions.ts';
import { faultWords, readFault } from './faults.ts';
import type { Mistake, Piece, Spot } from './picture.ts';
import { aboutPartition, aboutPicture, known, options, type Value } from './kinds.ts';
import { batchesOf, countOf, nodeOf } from './values.ts';

export interface GivenLog extends TopicPartition {
  /** How many records each of its batches has. */
  readonly batches: readonly number[];
}

/** How things stand in column 0. */
export interface Given {
  /** What a column lasts, ms. */
  readonly tick: number;
  /** What happens in column 0: the first fetch is sent, or the consumer is subscribed. */
  readonly from: 'first fetch' | 'subscription';
  /** What is done with a record: nothing until a lane says so, or it is acked when it is delivered. */
  readonly work: 'none' | 'ack';
  readonly brokers: number;
  /** Ms. */
  readonly latency: number;
  readonly logs: readonly GivenLog[];
  readonly leaders: readonly (TopicPartition & { readonly node: number })[];
  readonly committed: readonly (TopicPartition & { readonly offset: number })[];
  readonly faults: readonly Fault[];
  /** Options of the consumer by their paths, `window.records`; those that are not here have their defaults. */
  readonly options: ReadonlyMap<string, Value>;
}

export interface ReadGiven {
  readonly given: Given;
  /** Whether it is known which partitions and brokers there are. */
  readonly placed: boolean;
  readonly mistakes: readonly Mistake[];
}

/** `window.records = 2; latency = 2ms; log orders/0 = 0..3`. */
export function readGiven(pieces: readonly Piece[]): ReadGiven {
  const reading = new Reading();
  for (const piece of pieces) for (const entry of split(piece)) reading.take(entry);
  reading.finish(pieces[0] ?? { line: 1, column: 1 });
  return { given: reading.given, placed: reading.placed, mistakes: reading.mistakes };
}

/** The parts between the semicolons, without the spaces around them. */
export function split({ text: all, line, column }: Piece): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const part of all.split(';')) {
    const lead = part.length - part.trimStart().length;
    if (part.trim() !== '') pieces.push({ text: part.trim(), line, column: column + from + lead });
    from += part.length + 1;
  }
  return pieces;
}

class Reading {
  readonly mistakes: Mistake[] = [];
  private readonly seen = new Map<string, Piece>();
  private readonly settings = new Map<string, Value>();
  private readonly options = new Map<string, Value>();
  private readonly logs: GivenLog[] = [];
  private readonly leaders: (TopicPartition & { readonly node: number })[] = [];
  private readonly committed: (TopicPartition & { readonly offset: number })[] = [];
  private readonly faults: Fault[] = [];

  get given(): Given {
    const { settings, logs, leaders, committed, faults, options: given } = this;
    return {
      tick: Number(settings.get('tick') ?? 1),
      from: settings.get('from') === 'subscription' ? 'subscription' : 'first fetch',
      work: settings.get('work') === 'ack' ? 'ack' : 'none',
      brokers: Number(settings.get('brokers') ?? 1),
      latency: Number(settings.get('latency') ?? 1),
      ...{ logs, leaders, committed, faults, options: given },
    };
  }

  get placed(): boolean {
    const logs = [...this.seen.keys()].filter((key) => key.startsWith('log '));
    return logs.length > 0 && logs.length === this.logs.length && this.seen.has('brokers') === this.settings.has('brokers');
  }

  take(entry: Piece): void {
    const equals = entry.text.indexOf('=');
    const key = entry.text.slice(0, equals).trim();
    const value = entry.text.slice(equals + 1).trim();
    if (equals < 1 || value === '') this.wrong(entry, `what is given is written as key = value, and not as ${entry.text}`);
    else if (key !== 'fault' && this.seen.has(key)) this.wrong(entry, `${key} is given twice`);
    else {
      this.seen.set(key, entry);
      this.set(entry, key, value);
    }
  }

  /** What can only be told when everything is read: about what is not there at all, at that place. */
  finish(first: Spot): void {
    const { given, seen } = this;
    if (![...seen.keys()].some((key) => key.startsWith('log '))) {
      this.wrong(first, 'no log is given, so there is nothing to consume: log orders/0 = 0..3, or empty');
    }
    for (const [key, piece] of seen) {
      const [about, where] = key.split(' ');
      if ((about === 'committed' || about === 'leader') && !seen.has(`log ${where ?? ''}`))
        this.wrong(piece, `there is no log of ${where ?? ''}`);
      if (about === 'committed' && !given.options.has('groupId'))
        this.wrong(piece, 'what is committed is committed in a group: groupId = billing');
    }
    for (const { topic, partition, node } of given.leaders) {
      const piece = seen.get(`leader ${topic}/${String(partition)}`) ?? first;
      if (node > given.brokers) this.wrong(piece, `there is no broker b${String(node)}: brokers = ${String(given.brokers)}`);
    }
    if (this.mistakes.length === 0) for (const { path, words } of refused(given)) this.wrong(seen.get(path) ?? first, words);
  }

  private set(entry: Piece, key: string, value: string): void {
    const [, about = '', topic = '', partition = ''] = /^(log|committed|leader) ([\w.-]+)\/(\d+)$/.exec(key) ?? [];
    if (about !== '') this.setOfPartition(entry, about, { topic, partition: Number(partition) }, value);
    else if (key === 'fault') {
      const fault = readFault(value);
      if (fault === undefined) this.wrong(entry, `${value} is no fault: ${faultWords}`);
      else this.faults.push(fault);
    } else {
      const kind = aboutPicture[key] ?? options[key];
      const read = kind?.read(value);
      if (kind === undefined) this.wrong(entry, `${key} can not be given: ${known.join(', ')}`);
      else if (read === undefined) this.wrong(entry, `${key} is ${kind.allowed}, and not ${value}`);
      else (key in aboutPicture ? this.settings : this.options).set(key, read);
    }
  }

  private setOfPartition(entry: Piece, about: string, place: TopicPartition, value: string): void {
    const batches = about === 'log' ? batchesOf(value) : undefined;
    const offset = about === 'committed' ? countOf(value) : undefined;
    const node = about === 'leader' ? nodeOf(value) : undefined;
    if (batches !== undefined) this.logs.push({ ...place, batches });
    else if (offset !== undefined) this.committed.push({ ...place, offset });
    else if (node !== undefined) this.leaders.push({ ...place, node });
    else this.wrong(entry, `${about} is ${aboutPartition[about] ?? ''}, and not ${value}`);
  }

  private wrong({ line, column }: Spot, words: string): void {
    this.mistakes.push({ line, column, words });
  }
}

/** What `fromKafka` would not take. */
function refused(given: Given): readonly { readonly path: string; readonly words: string }[] {
  try {
    readOptions(consumerOptions(given, {}));
    return [];
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    return error.issues.map(({ path, allowed }) => ({ path, words: `${path} has to be ${allowed}` }));
  }
}
