import type { Observer } from 'rxjs';
import { partitionKey } from '../../src/model/topicPartition.ts';
import { SimulatedCluster } from '../../src/testing/simulatedCluster.ts';
import type { Traffic } from '../../src/testing/traffic.ts';
import { Oracle } from '../oracle/oracle.ts';
import { truthOf } from '../oracle/truth.ts';
import { Violation } from '../oracle/violation.ts';
import { SimulationScheduler } from '../simulationScheduler.ts';
import { seeded } from './dice.ts';
import { apply, cutBy, endTransactions, isPossible } from './happen.ts';
import { heal, isDone } from './quiet.ts';
import { Member } from './member.ts';
import type { Plan, TimedHappening } from './plan.ts';
import { Tally } from './tally.ts';
import { Trace } from './trace.ts';

/** What became of a life. */
export interface Outcome {
  readonly hash: string;
  readonly tally: Tally;
  readonly violation: Violation | undefined;
}

/** Everything has to be read by then, ms after the quiet time began. */
const PATIENCE = 60_000;
/** By then everybody has noticed that a log was cut, ms. */
const NOTICED = 5_000;
/** How often it is looked whether it is, ms. */
const STEP = 100;
/** What is over is over by then, ms after all have ended. */
const FAREWELL = 12_000;
/** No life has that many steps, nor one moment that many. */
const ENDLESS = 2_000_000;
const AT_ONCE = 20_000;

/** Plays a life to its end, or up to the first violation. The same each time. `onLine`: gets what goes over the wire and what is delivered. */
export function play(plan: Plan, onLine?: (line: string) => void): Outcome {
  const life = new Life(plan, onLine);
  let violation: Violation | undefined;
  try {
    life.live();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    violation = error;
  }
  return { hash: life.trace.digest(), tally: life.tally, violation };
}

class Life {
  readonly trace: Trace;
  readonly tally: Tally = new Tally();
  private readonly plan: Plan;
  private readonly scheduler = new SimulationScheduler();
  private readonly cluster: SimulatedCluster;
  private readonly oracle: Oracle;
  private readonly members: Member[] = [];
  private calm = false;
  private cutAt = -Infinity;
  private momentSteps = 0;

  constructor(plan: Plan, onLine: ((line: string) => void) | undefined) {
    const { brokers: count, racks, latency, kafka, sessionSlots } = plan;
    this.plan = plan;
    this.trace = new Trace(onLine);
    this.cluster = new SimulatedCluster({
      scheduler: this.scheduler,
      brokers: racks?.slice(0, count) ?? count,
      latency,
      ...(kafka !== undefined && { kafka }),
      settings: {
        groupMinSessionTimeout: 1,
        rackAware: racks !== undefined,
        ...(sessionSlots !== undefined && { fetchSessionSlots: sessionSlots }),
      },
    });
    this.oracle = new Oracle(truthOf(this.cluster.model));
  }

  live(): void {
    const { plan, scheduler, oracle } = this;
    this.begin();
    scheduler.flush(plan.quietAt);
    this.quieten();
    this.untilAllIsRead();
    oracle.quiet(scheduler.now());
    for (const member of this.members) member.end('unsubscribe');
    scheduler.flush(scheduler.now() + FAREWELL);
    oracle.moment();
    oracle.end();
    if (this.cluster.open > 0) throw new Violation('STOP', `${String(this.cluster.open)} connections are open after all have ended`);
    this.tally.add('steps', scheduler.steps);
    this.tally.add('virtual seconds', Math.round(scheduler.now() / 1_000));
  }

  private begin(): void {
    const { plan, cluster, scheduler, oracle, tally } = this;
    this.watchSteps();
    const wire: Partial<Observer<Traffic>> = {
      next: (traffic) => {
        this.trace.wire(traffic);
        if (traffic.kind === 'request') tally.add(`request ${traffic.api}`);
      },
    };
    cluster.traffic.subscribe(wire);
    for (const { name, partitions, records, replicationFactor } of plan.topics)
      cluster.topic(name, partitions, records, { replicationFactor });
    plan.members.forEach((member, index) => {
      const random = seeded(plan.seed * 31 + index);
      const made = new Member(member, { cluster, scheduler, oracle, tally, trace: this.trace, random, isCalm: () => this.calm });
      this.members.push(made);
      this.at(member.at, () => made.begin());
      const { end } = member;
      if (end !== undefined) this.at(end.at, () => made.end(end.how));
      for (const act of member.acts) this.at(act.at, () => made.act(act));
    });
    for (const happening of plan.happenings) this.at(happening.at, () => this.happen(happening));
  }

  /** The oracle looks when a moment is over; what it has seen by then is thrown as soon as the step is. */
  private watchSteps(): void {
    const { scheduler, oracle } = this;
    scheduler.onMoment = () => {
      this.momentSteps = 0;
      oracle.moment();
    };
    scheduler.onStep = () => {
      oracle.check();
      this.momentSteps++;
      if (this.momentSteps > AT_ONCE) throw oracle.violate('BACKOFF', `${String(AT_ONCE)} steps at one moment: time stands still`);
      if (scheduler.steps > ENDLESS) throw oracle.violate('LIVE', `${String(ENDLESS)} steps, and no end`);
    };
  }

  private at(at: number, work: () => void): void {
    this.scheduler.schedule(work, at - this.scheduler.now());
  }

  private happen({ happening, until }: TimedHappening): void {
    const { cluster, oracle, scheduler, tally } = this;
    if (!isPossible(cluster, happening)) return;
    oracle.note(scheduler.now(), JSON.stringify(happening));
    if (happening.kind !== 'fault') {
      tally.add(`happening ${happening.kind}`);
      this.change(() => {
        const undo = apply(cluster, happening, (topic, partition) => this.readOf(topic, partition));
        if (undo !== undefined) this.at(until ?? this.plan.quietAt, undo);
      });
      return;
    }
    tally.add(`fault ${happening.fault.kind}`);
    const remove = cluster.inject(happening.fault);
    if (until !== undefined) this.at(until, remove);
  }

  /** Something is done to the cluster; the oracle is told of logs that are cut by it, before anybody can know. */
  private change(work: () => void): void {
    for (const { topic, partition, end } of cutBy(this.cluster, work)) {
      this.tally.add('log cut');
      this.cutAt = this.scheduler.now();
      this.oracle.cut(topic, partition, end);
      endTransactions(this.cluster, topic, partition);
    }
  }

  /** How far anybody has read. */
  private readOf(topic: string, partition: number): number {
    const key = partitionKey(topic, partition);
    return Math.max(
      0,
      ...this.members.flatMap(({ current }) => current.filter((stream) => stream.key === key).map((stream) => stream.position ?? 0)),
    );
  }

  private quieten(): void {
    this.calm = true;
    this.oracle.note(this.scheduler.now(), 'quiet');
    this.change(() => heal(this.cluster));
    for (const member of this.members) member.calm();
  }

  private untilAllIsRead(): void {
    const { scheduler, cluster, members } = this;
    const limit = scheduler.now() + PATIENCE;
    for (;;) {
      scheduler.flush(scheduler.now() + STEP);
      const missing = isDone(cluster, members);
      if (missing === undefined && scheduler.now() - this.cutAt >= NOTICED) return;
      if (missing === undefined) continue;
      if (scheduler.now() >= limit) throw this.oracle.violate('NOLOSS', `${missing} after ${String(PATIENCE)} ms of quiet`);
    }
  }
}
