import { KafkaRxError, type ConsumerEvent, type KafkaRecord, type PartitionStream, type StartPosition } from '../../../src/index.ts';
import { firstFrom, offsetAt, someTime, type LogTruth } from './log.ts';

type Target = StartPosition | 'committed';
type Positioned = Extract<ConsumerEvent, { kind: 'positioned' }>;

/** What happened in a storm, counted. */
export interface Tally {
  seeks: number;
  delivered: number;
  resets: number;
  readonly targets: Map<string, number>;
}

/**
 * Seeks in one partition at random, and holds what comes against the log: every record must be the one that the last seek implies. Acks come at once or
 * later, of records of earlier seeks as well.
 */
export class Rider {
  /** What was found to be wrong. */
  readonly wrong: string[] = [];
  /** Everything that a look-up of what is committed has found; to be compared with what was. */
  readonly foundCommitted: number[] = [];
  /** Where its next life begins. */
  startsAt: number | undefined = 0;
  private readonly truth: LogTruth;
  private readonly random: () => number;
  private readonly tally: Tally;
  private stream: PartitionStream | undefined;
  /** The target of the seek whose place is not known yet. */
  private target: Target | 'start' | 'reset' = 'start';
  /** From where on the next record is to be looked for; undefined: not known yet. */
  private next: number | undefined;
  private inside = false;

  constructor(truth: LogTruth, random: () => number, tally: Tally) {
    this.truth = truth;
    this.random = random;
    this.tally = tally;
  }

  /** Where it goes on; undefined while that is looked up. */
  get intended(): number | undefined {
    return this.next;
  }

  /** A stream of a new life: it begins at what was committed. */
  begins(stream: PartitionStream): void {
    this.stream = stream;
    this.target = 'start';
    this.next = undefined;
  }

  /** From inside of `next`, or from a timer: then the stream may have ended a moment ago, and says so. */
  seek(to: Target = this.someTarget()): void {
    const { target, next } = this;
    this.target = to;
    this.next = undefined;
    try {
      this.stream?.seek(to);
    } catch (error) {
      if (!KafkaRxError.is(error) || error.code !== 'NOT_ASSIGNED') throw error;
      this.target = target;
      this.next = next;
      return;
    }
    const kind = typeof to === 'string' ? to : (Object.keys(to)[0] ?? '');
    this.tally.seeks++;
    this.tally.targets.set(kind, (this.tally.targets.get(kind) ?? 0) + 1);
  }

  positioned({ to, reason }: Positioned): void {
    const { target, truth } = this;
    if (reason === 'reset') {
      this.tally.resets++;
      if (this.next === undefined || this.next <= truth.end) this.wrong.push(`a reset to ${to} at ${String(this.next)}`);
      this.expect(to, 0, 'reset');
    } else if (target === 'start') this.expect(to, this.startsAt ?? -1, 'what was committed before');
    else if (target === 'committed') this.foundCommitted.push(to);
    else if (target !== 'reset') this.expect(to, placeOf(truth, target), JSON.stringify(target));
    this.next = to;
  }

  private expect(to: number, place: number, why: string): void {
    if (to !== place) this.wrong.push(`${why} is ${place}, and it went to ${to}`);
  }

  /** A record has come. It may seek from here. */
  takes(record: KafkaRecord): void {
    const { next, truth } = this;
    this.tally.delivered++;
    if (this.inside) this.wrong.push(`${record.offset} came while another was being taken`);
    const expected = next === undefined ? undefined : firstFrom(truth, next);
    const value = record.value === null ? null : String(record.value);
    if (expected?.offset !== record.offset || expected.value !== value)
      this.wrong.push(`${record.offset} came, and it was ${String(expected?.offset)} that had to, behind ${JSON.stringify(this.target)}`);
    this.next = record.offset + 1;
    this.inside = true;
    if (this.random() < 0.02) this.seek();
    this.inside = false;
  }

  private someTarget(): Target {
    const { random, truth } = this;
    const dice = random();
    if (dice < 0.08) return 'earliest';
    if (dice < 0.16) return 'latest';
    if (dice < 0.3) return 'committed';
    if (dice < 0.5) return { timestamp: someTime(truth, random) };
    if (dice < 0.52) return { offset: truth.end + 1 + Math.floor(random() * 50) };
    return { offset: Math.floor(random() * (truth.end + 1)) };
  }
}

function placeOf(truth: LogTruth, target: StartPosition): number {
  if (target === 'earliest') return 0;
  if (target === 'latest') return truth.end;
  if ('offset' in target) return target.offset;
  return offsetAt(truth, 'timestamp' in target ? target.timestamp : Date.now() - target.ago);
}
