import type { Observable, Subscription } from 'rxjs';
import { KafkaRxError } from '../../../../src/errors/index.ts';
import type { Api } from '../../../../src/protocol/api.ts';
import type { BrokerAddress, Connection, Connector } from '../../../../src/transport/port.ts';
import { Names, type Run } from './names.ts';
import { inWords, Word } from './words.ts';

/** Where a conversation takes place: a cluster, and its time. */
export interface WireGround {
  readonly name: string;
  readonly connector: Connector;
  /** Ms. */
  now(): number;
  pause(ms: number): Promise<void>;
  /** Does the work; where time is virtual it passes while the work waits. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** What is said in one order on every ground, and has to be answered alike. */
export type Conversation = (talk: Talk) => Promise<void>;

interface Entry {
  readonly title: string;
  /** Of the request, where it is given. */
  readonly version: number | undefined;
  value: unknown;
}

const unanswered = new Word('no answer');

/** One conversation on one ground: its connections, and the transcript. */
export class Talk {
  readonly ground: WireGround;
  readonly run: Run;
  readonly #entries: Entry[] = [];
  readonly #lines: Line[] = [];

  constructor(ground: WireGround, run: Run) {
    this.ground = ground;
    this.run = run;
  }

  /** A name of a topic, group or transaction that nobody else has; in the transcript it is the one given. */
  named(name: string): string {
    return name + this.run.tag;
  }

  /** Ms since the epoch, a moment of this run: in the transcript `began+ms`. */
  time(ms: number): number {
    return this.run.began + ms;
  }

  /** A connection of its own, to that broker or any. */
  async line(broker?: BrokerAddress): Promise<Line> {
    const line = await Line.open(this, broker);
    this.#lines.push(line);
    return line;
  }

  pause(ms: number): Promise<void> {
    return this.ground.pause(ms);
  }

  /** Notes a value. The place of an answer is that of its request: notes it when it is there. */
  note(title: string, value: unknown, version?: number): void {
    this.#entries.push({ title, version, value });
  }

  async noteWhenAnswered<T>(title: string, answer: Promise<T>, version?: number): Promise<T> {
    const entry: Entry = { title, version, value: unanswered };
    this.#entries.push(entry);
    try {
      const value = await answer;
      entry.value = value;
      return value;
    } catch (error) {
      entry.value = new Word(KafkaRxError.is(error) && error.code === 'CONNECTION_LOST' ? 'the connection is closed' : String(error));
      throw error;
    }
  }

  /** Whether it took about that long, or no time to speak of: busy machines tell no more. */
  timed<T>(title: string, ms: number, work: Promise<T>): Promise<T> {
    const from = this.ground.now();
    const timed = work.then((value) => {
      const took = this.ground.now() - from;
      this.note(title, new Word(took < ms / 2 ? 'at once' : took < 2 * ms + 1_000 ? `it took its ${ms} ms` : 'later'));
      return value;
    });
    timed.catch(() => undefined); // who does not wait for it yet will hear of it
    return timed;
  }

  /** Asks again and again until the answer is one that is waited for. */
  async until<T>(what: string, ask: () => Promise<T>, good: (value: T) => boolean, deadline = 10_000): Promise<T> {
    for (const end = this.ground.now() + deadline; ;) {
      const value = await ask();
      if (good(value)) return value;
      if (this.ground.now() >= end) throw new Error(`not within ${deadline} ms: ${what}: ${inWords(value)}`);
      await this.pause(20);
    }
  }

  close(): void {
    for (const line of this.#lines) line.close();
  }

  transcript(): string {
    const names = new Names(this.run);
    const before = new Map<string, { readonly text: string; readonly version: number }>();
    const lines = this.#entries.map(({ title, version, value }) => {
      const text = inWords(names.of(value));
      if (version === undefined) return `# ${title}\n${text}\n`;
      const last = before.get(title);
      if (last?.text === text) return `# ${title} (v${version}): as in v${last.version}\n`;
      before.set(title, { text, version });
      return `# ${title} (v${version})\n${text}\n`;
    });
    return lines.join('\n');
  }
}

/** One connection. */
export class Line {
  readonly connection: Connection;
  readonly #talk: Talk;
  readonly #open: Subscription;

  private constructor(talk: Talk, connection: Connection, open: Subscription) {
    this.#talk = talk;
    this.connection = connection;
    this.#open = open;
  }

  static open(talk: Talk, broker: BrokerAddress | undefined): Promise<Line> {
    return new Promise((resolve, reject) => {
      const open = talk.ground.connector.connect(broker).subscribe({
        next: (connection) => resolve(new Line(talk, connection, open)),
        error: reject,
      });
    });
  }

  /** Asks, in that version or the highest, and notes the answer. Rejects where the broker hangs up, which is noted too. */
  ask<Q, R>(title: string, api: Api<Q, R>, request: Q, version?: number): Promise<R> {
    const answer = this.#talk.noteWhenAnswered(title, this.quietly(api, request, version), version);
    answer.catch(() => undefined); // who does not wait for it yet will hear of it
    return answer;
  }

  /** Asks, and notes nothing. */
  quietly<Q, R>(api: Api<Q, R>, request: Q, version?: number): Promise<R> {
    return only(this.connection.send(version === undefined ? api : { ...api, versions: [version, version], upTo: () => version }, request));
  }

  close(): void {
    this.#open.unsubscribe();
  }
}

/** The one value that it emits. */
export function only<T>(source: Observable<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    source.subscribe({ next: resolve, error: reject });
  });
}
