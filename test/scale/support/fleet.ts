import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { committedOffsets, endOffsets } from '../../support/consume.ts';
import { eventually, uniqueTopic, withAdmin, type HasBrokers } from '../../support/kafka.ts';
import { startFlow, type Flow } from './flow.ts';
import type { Kill } from './kills.ts';
import { clock, type Handled, type Told } from './log.ts';
import { Member } from './member.ts';
import { isWhole, terms } from './ownership.ts';
import { PARTITIONS, SESSION_TIMEOUT, type AssignorName } from './plan.ts';
import { lost } from './records.ts';
import { spreadTopic } from './topic.ts';

/** How long a group may take until all partitions are somebody's: ms. */
const HEALED_WITHIN = SESSION_TIMEOUT + 20_000;

/** A signal has reached its process by then: ms. */
const STOPS_WITHIN = 100;

/** What happened, to be judged. */
export interface Run {
  readonly assignor: AssignorName;
  /** How many members there were, step by step. */
  readonly sizes: readonly number[];
  readonly ends: readonly number[];
  readonly written: number;
  readonly handled: readonly Handled[];
  /** What the reader without a group handled. */
  readonly control: readonly Handled[];
  readonly told: readonly Told[];
  readonly kills: readonly Kill[];
  /** Of those who were stopped: 0 if all is well. */
  readonly exitCodes: readonly (number | null)[];
  /** At the end of all. */
  readonly committed: readonly number[];
}

/** A topic into which records flow, a reader without a group, and the members of a group, the oldest first. */
export class Fleet {
  readonly topic: string;
  readonly groupId: string = uniqueTopic('scale-group');
  readonly #kafka: HasBrokers;
  readonly #assignor: AssignorName;
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'kafka-rx-scale-'));
  readonly #control: Member;
  readonly #waiting: Member[];
  readonly #all: Member[] = [];
  readonly #kills: Kill[] = [];
  readonly #sizes: number[] = [];
  readonly #exitCodes: (number | null)[] = [];
  #active: readonly Member[] = [];
  #flow: Flow | undefined;

  private constructor(kafka: HasBrokers, topic: string, assignor: AssignorName, count: number) {
    this.#kafka = kafka;
    this.topic = topic;
    this.#assignor = assignor;
    const to = { brokers: kafka.brokers, topic };
    const plan = (member: string) => ({ ...to, member, path: join(this.#folder, member) });
    this.#control = new Member(plan('control'));
    this.#waiting = Array.from({ length: count }, (_, index) => new Member({ ...plan(`m${index}`), groupId: this.groupId, assignor }));
  }

  /** Loads the processes, begins with one member, and lets the records flow. `count`: how many members there will be in all. */
  static async start(kafka: HasBrokers, assignor: AssignorName, count: number): Promise<Fleet> {
    const topic = await spreadTopic(kafka);
    const fleet = new Fleet(kafka, topic, assignor, count);
    try {
      await Promise.all([fleet.#control, ...fleet.#waiting].map((member) => member.loaded()));
      fleet.#control.begin();
      await fleet.grow(1);
      await eventually(() => fleet.#control.told.some(({ kind }) => kind === 'assigned'), { what: 'the control reader reads' });
      fleet.#flow = await startFlow(kafka, topic);
      return fleet;
    } catch (error) {
      await fleet.close();
      throw error;
    }
  }

  get told(): readonly Told[] {
    return this.#all.flatMap(({ told }) => told);
  }

  /** Members who take part: neither gone nor frozen. */
  get active(): readonly Member[] {
    return this.#active;
  }

  /** Resolves when each partition is exactly one member's. */
  async whole(): Promise<void> {
    const names = this.#active.map(({ name }) => name);
    const isReached = (): boolean => {
      const told = this.#active.flatMap((member) => member.told);
      return this.#active.some(({ isAlive }) => !isAlive) || isWhole(terms(told), names, PARTITIONS);
    };
    const what = `all partitions are assigned among ${names.join(', ')}`;
    await eventually(isReached, { what, deadline: HEALED_WITHIN, every: 25 });
    const gone = this.#active.filter(({ isAlive }) => !isAlive);
    if (gone.length > 0) throw new Error(`${gone.map(({ name }) => name).join(', ')} ended by themselves`);
  }

  /** New members, until there are so many. */
  async grow(to: number): Promise<void> {
    this.launch(to - this.#active.length);
    await this.whole();
  }

  /** New members, without waiting for what comes of it. */
  launch(count: number): void {
    const born = this.#waiting.splice(0, count);
    if (born.length < count) throw new Error(`${count - born.length} members too few were loaded`);
    this.#all.push(...born);
    this.#become([...this.#active, ...born]);
    for (const member of born) member.begin();
  }

  /** The oldest stop, until there are so many left. */
  async stop(to: number): Promise<void> {
    const leaving = this.#leave(to);
    this.#exitCodes.push(...(await Promise.all(leaving.map((member) => member.stop()))));
    await this.whole();
  }

  /** SIGKILL to the oldest, until there are so many left. */
  async kill(to: number): Promise<void> {
    await this.#strike(to, (member) => member.kill());
    await this.whole();
  }

  /** SIGSTOP to the oldest, until there are so many left, and after twice the session time-out SIGCONT. */
  async freeze(to: number): Promise<void> {
    const frozen = await this.#strike(to, async (member) => {
      member.signal('SIGSTOP');
      await pause(STOPS_WITHIN);
    });
    const over = pause(2 * SESSION_TIMEOUT);
    await this.whole();
    await over;
    for (const member of frozen) member.signal('SIGCONT');
    this.#become([...this.#active, ...frozen]);
    await this.whole();
  }

  /** One more member, and a rebalance that cannot end before `work` is done: until then the oldest member is frozen. */
  async rebalanceDuring(work: () => Promise<void>): Promise<void> {
    const [oldest] = this.#active;
    oldest?.signal('SIGSTOP');
    try {
      this.launch(1);
      await withAdmin(this.#kafka, (admin) =>
        eventually(
          async () => {
            const { groups } = await admin.describeGroups([this.groupId]);
            return groups[0]?.state === 'PreparingRebalance';
          },
          { what: 'the group rebalances', every: 25 },
        ),
      );
      await work();
    } finally {
      oldest?.signal('SIGCONT');
    }
  }

  /** Lets the records flow on. */
  async hold(ms: number): Promise<void> {
    await pause(ms);
  }

  /** No more records; waits until all are handled, or nothing more is to be expected. */
  async finish(): Promise<Run> {
    const written = (await this.#flow?.stop()) ?? 0;
    const ends = await endOffsets(this.#kafka, this.topic);
    const handled = (): readonly Handled[] => this.#all.flatMap((member) => member.handled());
    await this.#rested(() => lost(ends, handled()).length + lost(ends, this.#control.handled()).length);
    this.#exitCodes.push(...(await Promise.all(this.#active.map((member) => member.stop()))));
    return {
      assignor: this.#assignor,
      sizes: this.#sizes,
      ends,
      written,
      handled: handled(),
      control: this.#control.handled(),
      told: this.told,
      kills: this.#kills,
      exitCodes: this.#exitCodes,
      committed: await committedOffsets(this.#kafka, this.groupId, this.topic),
    };
  }

  async close(): Promise<void> {
    await this.#flow?.stop().catch(() => undefined);
    await Promise.all([this.#control, ...this.#all, ...this.#waiting].map((member) => member.kill()));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Resolves when nothing is left, or when that has not become less for so long that nothing more is to be expected: what is missing is for the judge to say. */
  async #rested(left: () => number): Promise<void> {
    let least = Infinity;
    let since = clock();
    const isOver = (): boolean => {
      const now = left();
      if (now < least) since = clock();
      least = Math.min(least, now);
      return least === 0 || clock() - since > HEALED_WITHIN;
    };
    await eventually(isOver, { what: 'all is handled', deadline: 180_000, every: 250 });
  }

  #become(members: readonly Member[]): void {
    this.#active = members;
    this.#sizes.push(members.length);
  }

  #leave(to: number): readonly Member[] {
    const leaving = this.#active.slice(0, this.#active.length - to);
    this.#become(this.#active.slice(leaving.length));
    return leaving;
  }

  async #strike(to: number, blow: (member: Member) => Promise<void>): Promise<readonly Member[]> {
    const looked = clock();
    const committed = await committedOffsets(this.#kafka, this.groupId, this.topic);
    const victims = this.#leave(to);
    const at = clock();
    await Promise.all(victims.map(blow));
    this.#kills.push({ members: victims.map(({ name }) => name), looked, committed, at, until: clock() });
    return victims;
  }
}
