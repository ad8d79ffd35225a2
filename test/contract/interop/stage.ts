import type { Admin } from 'kafkajs';
import { expect } from 'vitest';
import { committedOffsets } from '../../support/consume.ts';
import { createTopic, eventually, kafkajsFor, uniqueTopic, type HasBrokers } from '../../support/kafka.ts';
import { Ledger, type Owners } from './cast/ledger.ts';
import type { Enter, Listing, Play, Player } from './cast/player.ts';
import { described } from './described.ts';
import { startWriter, type Writer } from './writer.ts';

const partitions = 7;
/** A record in each partition, ms. */
const pace = 50;
/** Until a group is whole again, ms: much more than it needs, even where the machine is busy. */
const deadline = 30_000;

/** Some leave and some join, at the same time. */
export interface Turn {
  readonly leave?: readonly string[];
  readonly join?: readonly (readonly [name: string, listing: Listing])[];
}

/** A group on a real Kafka whose members come and go, while records are written. Whatever happens in it, they must not get into each other's way. */
export class Stage {
  readonly #play: Play;
  readonly #enter: Enter;
  readonly #admin: Admin;
  readonly #writer: Writer;
  readonly #players = new Map<string, { readonly player: Player; readonly listing: Listing }>();

  private constructor(play: Play, admin: Admin, writer: Writer, enter: Enter) {
    this.#play = play;
    this.#admin = admin;
    this.#writer = writer;
    this.#enter = enter;
  }

  static async open(kafka: HasBrokers, enter: Enter): Promise<Stage> {
    const topic = await createTopic(kafka, uniqueTopic('interop'), { partitions });
    const admin = kafkajsFor(kafka).admin();
    await admin.connect();
    await eventually(() => described(admin, topic), { what: 'the coordinator is there' }); // kafkajs would crash, and begin anew
    const writer = await startWriter(kafka, topic, partitions, pace);
    return new Stage({ kafka, topic, partitions, groupId: topic, ledger: new Ledger(partitions) }, admin, writer, enter);
  }

  get players(): readonly Player[] {
    return [...this.#players.values()].map(({ player }) => player);
  }

  join(name: string, listing: Listing): Promise<void> {
    return this.turn({ join: [[name, listing]] });
  }

  leave(name: string): Promise<void> {
    return this.turn({ leave: [name] });
  }

  /** It leaves, and comes back with another listing, or another one in its place. */
  async restart(name: string, listing: Listing, as: string = name): Promise<void> {
    await this.leave(name);
    await this.join(as, listing);
  }

  /** Resolves when the group is whole again. Where all are cooperative only what has to move moves, and nobody gives up what it goes on to hold. */
  async turn({ leave = [], join = [] }: Turn): Promise<void> {
    const { ledger } = this.#play;
    const { owners, gifts } = ledger;
    const wasCooperative = this.#isCooperative();
    await Promise.all([...leave.map((name) => this.#exit(name)), ...join.map(([name, listing]) => this.#appear(name, listing))]);
    if (this.#players.size > 0) await this.#whole(`${leave.join()} left and ${join.join()} joined`);
    if (!wasCooperative || !this.#isCooperative()) return;
    const newcomers = join.map(([name]) => name);
    expect(ledger.givenBack(owners, gifts)).toEqual([]);
    expect(movesBetween(owners, ledger.owners).filter(({ from, to }) => !leave.includes(from) && !newcomers.includes(to))).toEqual([]);
  }

  /** All leave, and what there was is judged: everything came to somebody, nothing twice, to none but its owner, and all is committed. */
  async end(): Promise<void> {
    const { kafka, groupId, topic, ledger } = this.#play;
    await this.#writer.stop();
    const ends = await this.#caughtUp();
    for (const name of [...this.#players.keys()]) await this.leave(name);
    expect(ledger.verdict(ends)).toEqual([]);
    expect(await committedOffsets(kafka, groupId, topic)).toEqual(ends);
  }

  /** Whatever comes: nobody stays. */
  async close(): Promise<void> {
    await this.#writer.stop();
    await Promise.all([...this.#players.keys()].map((name) => this.#exit(name)));
    await this.#admin.disconnect();
  }

  async #appear(name: string, listing: Listing): Promise<void> {
    this.#players.set(name, { player: await this.#enter(name, listing, this.#play), listing });
  }

  async #exit(name: string): Promise<void> {
    const leaving = this.#players.get(name);
    this.#players.delete(name);
    await leaving?.player.leave();
  }

  #isCooperative(): boolean {
    return [...this.#players.values()].every(({ listing }) => listing.join() === 'cooperative-sticky');
  }

  /** The assignment that the coordinator tells of is complete and disjoint, evenly dealt out, and what the members hold; all partitions are read. */
  async #whole(after: string): Promise<void> {
    const { groupId, ledger } = this.#play;
    const names = [...this.#players.keys()].sort();
    const assigned = async (): Promise<void> => {
      const { state, protocol, assignment } = await described(this.#admin, groupId);
      expect(state).toBe('Stable');
      expect(protocol).toBe(agreed([...this.#players.values()].map(({ listing }) => listing)));
      expect([...assignment.keys()].sort()).toEqual(names);
      expect([...assignment.values()].flat().sort()).toEqual(Array.from({ length: partitions }, (_, partition) => partition));
      const sizes = [...assignment.values()].map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      expect(
        [...assignment.values()].flatMap(strides).filter((stride) => stride !== (dealing[protocol]?.(names.length) ?? stride)),
      ).toEqual([]);
      for (const [name, held] of assignment) expect([name, ...ledger.held(name)]).toEqual([name, ...held]);
    };
    await eventually(assigned, { what: `the group is whole after ${after}`, deadline });
    await this.#caughtUp();
    expect(ledger.verdict([]), `after ${after}`).toEqual([]);
  }

  /** Resolves when all that is written by now has been read. */
  async #caughtUp(): Promise<readonly number[]> {
    const { ledger } = this.#play;
    const ends = [...this.#writer.written];
    const behind = (): readonly number[] => ledger.progress.map((count, partition) => Math.max(0, (ends[partition] ?? 0) - count));
    await eventually(() => expect(behind()).toEqual(ends.map(() => 0)), { what: 'everything is read', deadline });
    return ends;
  }
}

/** How far an assignor goes from one partition of a member to its next one; whoever is not named here goes any way. */
const dealing: Readonly<Record<string, (members: number) => number>> = { range: () => 1, RoundRobinAssigner: (members) => members };

const strides = (held: readonly number[]): readonly number[] => held.slice(1).map((partition, index) => partition - (held[index] ?? 0));

/** What another member holds afterwards, and who. */
function movesBetween(
  before: Owners,
  after: Owners,
): readonly { readonly partition: number; readonly from: string; readonly to: string }[] {
  return [...before].flatMap(([partition, from]) => {
    const to = after.get(partition);
    return to === undefined || to === from ? [] : [{ partition, from, to }];
  });
}

/** The assignor that a group agrees on: of those that all list, the first one of most of them. */
function agreed(listings: readonly Listing[]): string | undefined {
  const common = (listings[0] ?? []).filter((one) => listings.every((listing) => listing.includes(one)));
  const votes = listings.map((listing) => listing.find((one) => common.includes(one)));
  const count = (one: string): number => votes.filter((vote) => vote === one).length;
  return common.toSorted((a, b) => count(b) - count(a))[0];
}
