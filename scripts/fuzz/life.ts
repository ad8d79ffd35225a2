import type { Observable, Subscription } from 'rxjs';
import type { Dice } from '../../simulation/lives/dice.ts';
import { KafkaRxError } from '../../src/errors/index.ts';
import { codeOf } from '../../src/errors/table.ts';
import { fromKafka } from '../../src/fromKafka.ts';
import type { ConsumerEvent } from '../../src/model/events.ts';
import type { PartitionStream } from '../../src/model/partitionStream.ts';
import type { KafkaRecord } from '../../src/model/record.ts';
import type { FetchRequest } from '../../src/protocol/apis/fetch.ts';
import { claimsOf } from './claims.ts';
import { diceOf } from './decoding.ts';
import { Finding } from './finding.ts';
import { checkHeld } from './held.ts';
import { Saboteur } from './saboteur.ts';
import { tapped, type Tap } from './tap.ts';
import { Witness } from './witness.ts';
import { worldOf, type World } from './world.ts';

/** What came of a life, counted. */
export type Counts = Map<string, number>;

/** By then all is read, ms after the last answer that was damaged. */
const PATIENCE = 90_000;
const STEP = 100;
/** A throttle that is longer is waited for by nobody here: it was told, and that is all. */
const LONGEST_THROTTLE = 60_000;
/** Nothing is damaged any more, ms. */
const LAST_STRIKE = 20_000;
/** No life takes so many steps. */
const ENDLESS = 200_000;
const RESUBSCRIBED_AFTER = 300;

/**
 * A consumer of a simulated cluster, some of whose Fetch answers are damaged on their way; then the cluster answers as it should. Throws Finding for
 * whatever may not happen.
 */
export function liveOnce(seed: number, number: number, log?: (line: string) => void): Counts {
  const dice = diceOf(seed, number);
  const life = new Life(worldOf(dice), dice, log);
  life.live();
  return life.counts;
}

class Life implements Tap {
  readonly counts: Counts = new Map();
  private readonly world: World;
  private readonly dice: Dice;
  private readonly log: ((line: string) => void) | undefined;
  private readonly witnesses: ReadonlyMap<string, Witness>;
  private readonly streams = new Map<string, PartitionStream>();
  private readonly unacked = new Map<string, KafkaRecord[]>();
  private readonly checkCrcs: boolean;
  private readonly committedOnly: boolean;
  private readonly maxBuffered: number;
  private acksAtOnce: boolean;
  private readonly saboteur: Saboteur;
  private struckAt = 0;
  private hasLied = false;
  private largestFrame = 0;
  private throttled = false;
  private over: unknown;
  private readonly asks: { readonly key: string; readonly offset: number }[] = [];
  private consumer: Observable<PartitionStream> | undefined;
  private subscription: Subscription | undefined;

  constructor(world: World, dice: Dice, log: ((line: string) => void) | undefined) {
    this.log = log && ((line) => log(`${world.scheduler.now()} ${line}`));
    this.world = world;
    this.dice = dice;
    this.checkCrcs = dice.chance(0.85);
    this.committedOnly = dice.chance(0.5);
    this.maxBuffered = dice.pick(1_000, 4_000, 1_000_000);
    this.acksAtOnce = dice.chance(0.75);
    this.saboteur = new Saboteur(dice);
    const terms = { committedOnly: this.committedOnly, mayLieOfTransactions: () => this.hasLied };
    this.witnesses = new Map(world.partitions.map((truth) => [`${truth.topic}/${truth.partition}`, new Witness(truth, terms)]));
  }

  live(): void {
    const { scheduler } = this.world;
    scheduler.onStep = () => {
      this.lookAtAsked();
      if (scheduler.steps > ENDLESS) throw new Finding(`${ENDLESS} steps, and no end`);
    };
    this.begin();
    while (this.isUnfinished()) {
      if (scheduler.now() - this.struckAt > PATIENCE) throw new Finding(`it stands still: ${this.whatIsMissing()}`);
      scheduler.flush(scheduler.now() + STEP);
      this.checkOver();
      this.checkMemory();
    }
    scheduler.flush(scheduler.now() + 1_500); // nothing comes twice
    this.checkOver();
    for (const { isLost } of this.witnesses.values()) if (isLost) this.count('lost for good', 1);
    this.subscription?.unsubscribe();
    this.count('steps', scheduler.steps);
  }

  asked({ topics }: FetchRequest): void {
    this.log?.(
      `fetch ${JSON.stringify(topics.map((each) => each.partitions.map(({ partition, fetchOffset }) => [partition, fetchOffset])))}`,
    );
    for (const { topic, topicId, partitions } of topics)
      for (const { partition, fetchOffset } of partitions)
        this.asks.push({ key: `${topic === '' ? this.nameOf(topicId) : topic}/${partition}`, offset: fetchOffset });
  }

  /** When the step is over: that it was positioned is told after it was asked for there. */
  private lookAtAsked(): void {
    for (const { key, offset } of this.asks.splice(0)) this.witnessed(() => this.witnesses.get(key)?.askedFor(offset));
  }

  /** What is found while the consumer is at work is not thrown into it. */
  private witnessed(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.over ??= error;
    }
  }

  answered(frame: Buffer, version: number): readonly Buffer[] {
    const isStruck = this.saboteur.strikes();
    const arriving = isStruck ? this.damaged(frame, version) : frame;
    const claims = claimsOf(arriving, version, this.checkCrcs, (topic) => this.nameOf(topic));
    for (const witness of this.witnesses.values()) witness.sent(claims, isStruck);
    this.largestFrame = Math.max(this.largestFrame, arriving.length);
    return this.saboteur.chunks(arriving, isStruck);
  }

  private damaged(frame: Buffer, version: number): Buffer {
    this.struckAt = this.world.scheduler.now();
    this.hasLied = true;
    this.count('damaged', 1);
    this.log?.(`damaged, version ${version}`);
    return this.saboteur.damaged(frame, version);
  }

  private begin(): void {
    const { dice, world, committedOnly, checkCrcs, maxBuffered } = this;
    const options = {
      partitions: world.partitions.map(({ topic, partition }) => ({ topic, partition })),
      startFrom: 'earliest',
      autoOffsetReset: dice.pick('earliest', 'none'),
      isolationLevel: committedOnly ? 'read_committed' : 'read_uncommitted',
      checkCrcs,
      maxBuffered,
      window: dice.pick({}, { records: 2 }),
      fetch: { maxWait: 200, maxBytes: dice.pick(300, 1_000, 100_000), maxPartitionBytes: dice.pick(100, 500, 100_000) },
      requestTimeout: 3_000,
      backoff: { initial: 50, max: 1_000 },
      unattendedTimeout: false,
      events: (event: ConsumerEvent) => this.happened(event),
      scheduler: world.scheduler,
      random: dice.random,
    } as const;
    this.consumer = fromKafka(tapped(world.cluster, world.versions, this), options);
    this.consume();
  }

  private consume(): void {
    this.subscription = this.consumer?.subscribe({
      next: (stream) => {
        this.streams.set(`${stream.topic}/${stream.partition}`, stream);
        this.read(stream);
      },
      error: (error: unknown) => this.ended(error),
      complete: () => (this.over = new Finding('it has completed')),
    });
  }

  /** An answer that cannot be read, or is an error as a whole, may end a consumer by its name: a new one begins where this one did. */
  private ended(error: unknown): void {
    if (!KafkaRxError.is(error) || !(error.code === 'MALFORMED_RESPONSE' || isKafkas(error.code))) {
      this.over = error;
      return;
    }
    this.count(`ended ${error.code}`, 1);
    this.unacked.clear();
    this.streams.clear();
    for (const witness of this.witnesses.values()) witness.rewound(0);
    this.world.scheduler.schedule(() => this.consume(), RESUBSCRIBED_AFTER);
  }

  private read(stream: PartitionStream): void {
    const witness = this.witnesses.get(`${stream.topic}/${stream.partition}`);
    if (witness === undefined) throw new Finding(`a stream of ${stream.key}`);
    const unacked = this.unacked.get(stream.key) ?? [];
    this.unacked.set(stream.key, unacked);
    const [lowest] = unacked;
    if (lowest !== undefined) witness.rewound(lowest.offset);
    unacked.length = 0;
    stream.subscribe({
      next: (record) => {
        this.witnessed(() => {
          witness.gave(record.offset, record.value?.toString() ?? null);
          witness.sawHeaders([...record.headers].length);
        });
        this.count('records', 1);
        if (this.acksAtOnce) record.ack();
        else unacked.push(record);
      },
      error: (error: unknown) => {
        if (!KafkaRxError.is(error)) {
          this.over ??= new Finding(`${stream.key} has failed with ${String(error)}`);
          return;
        }
        this.count(`failed ${error.code}`, 1);
        witness.failed(error.code);
        this.world.scheduler.schedule(() => this.read(stream), RESUBSCRIBED_AFTER);
      },
      complete: () => this.count('completed', 1),
    });
  }

  private happened(event: ConsumerEvent): void {
    this.log?.(JSON.stringify(event, (_key, value: unknown) => (value instanceof Error ? value.message : value)));
    if (event.kind === 'positioned') {
      if (event.reason !== 'start') this.count(`positioned ${event.reason}`, 1);
      this.witnessed(() => this.witnesses.get(`${event.topic}/${event.partition}`)?.positioned(event.to, event.reason));
    } else if (event.kind === 'throttled' && event.delay > LONGEST_THROTTLE) this.throttled = true;
    else if (event.kind === 'retryScheduled') this.count(`retry ${KafkaRxError.is(event.error) ? event.error.code : event.error.name}`, 1);
  }

  private isUnfinished(): boolean {
    if (this.saboteur.left > 0 && this.world.scheduler.now() < LAST_STRIKE) return true;
    this.saboteur.left = 0;
    this.finishAcks();
    if (this.throttled) {
      this.count('throttled for long', 1);
      return false;
    }
    return [...this.witnesses].some(([key, witness]) => !witness.isLost && witness.missing(this.streams.get(key)?.position) !== undefined);
  }

  /** From then on nothing holds it back. */
  private finishAcks(): void {
    this.acksAtOnce = true;
    for (const records of this.unacked.values()) for (const record of records.splice(0)) record.ack();
    this.lookAtAsked();
  }

  private whatIsMissing(): string {
    const { streams, witnesses } = this;
    return [...witnesses]
      .map(([key, witness]) => `${key} at ${streams.get(key)?.position} lacks ${witness.missing(streams.get(key)?.position)}`)
      .join(', ');
  }

  private checkOver(): void {
    if (this.over instanceof Finding) throw this.over;
    if (this.over !== undefined)
      throw new Finding(`the consumer has ended: ${this.over instanceof Error ? this.over.message : 'with what is no error'}`);
  }

  private checkMemory(): void {
    const { witnesses, streams, maxBuffered, largestFrame, world } = this;
    checkHeld([...streams.values()], { witnesses: [...witnesses.values()], world, maxBuffered, largestFrame });
  }

  private nameOf(topic: string): string {
    return [...this.world.cluster.model.topics.values()].find(({ id }) => id === topic)?.name ?? topic;
  }

  private count(what: string, times: number): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }
}

function isKafkas(name: string): boolean {
  if (name.startsWith('UNKNOWN_')) return true;
  try {
    codeOf(name);
    return true;
  } catch {
    return false;
  }
}
