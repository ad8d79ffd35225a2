import { ReplaySubject, Subject, tap, type Subscription, type Unsubscribable } from 'rxjs';
import { fromKafka } from '../../src/fromKafka.ts';
import type { PartitionStream } from '../../src/model/partitionStream.ts';
import { readOptions } from '../../src/options.ts';
import type { SimulatedCluster } from '../../src/testing/simulatedCluster.ts';
import type { Oracle, Watched } from '../oracle/oracle.ts';
import type { Process, SimulationScheduler } from '../simulationScheduler.ts';
import { optionsOf } from './options.ts';
import type { Act, MemberPlan } from './plan.ts';
import type { Tally } from './tally.ts';
import type { Trace } from './trace.ts';
import { workOn } from './work.ts';

/** What a member is part of. */
export interface Stage {
  readonly cluster: SimulatedCluster;
  readonly scheduler: SimulationScheduler;
  readonly oracle: Oracle;
  readonly tally: Tally;
  readonly trace: Trace;
  readonly random: () => number;
  readonly isCalm: () => boolean;
}

/** One consumer in a process of its own: begins, works, does what its user does, and ends. */
export class Member {
  readonly plan: MemberPlan;
  private readonly stage: Stage;
  private readonly process: Process;
  private readonly stopping = new ReplaySubject<void>(1);
  private readonly resubscribing = new Subject<void>();
  private readonly streams = new Map<string, PartitionStream>();
  private readonly pauses = new Set<Unsubscribable>();
  private watched: Watched | undefined;
  private subscription: Subscription | undefined;

  constructor(plan: MemberPlan, stage: Stage) {
    this.plan = plan;
    this.stage = stage;
    this.process = stage.scheduler.process();
  }

  /** It takes part, and is not about to end. */
  get isThere(): boolean {
    const { shadow } = this.watched ?? {};
    return shadow?.live === true && shadow.stoppedAt === undefined;
  }

  /** The streams that it has now. */
  get current(): readonly PartitionStream[] {
    return [...this.streams.values()].filter(({ signal, key }) => !signal.aborted && this.watched?.shadow.standing.owned.has(key) === true);
  }

  begin(): void {
    const { plan, process } = this;
    const { cluster, oracle, random, tally, isCalm, trace } = this.stage;
    const events = (event: Parameters<Watched['events']>[0]): void => {
      if (event.kind === 'joined' || event.kind === 'lost' || event.kind === 'positioned')
        tally.add(event.kind === 'positioned' ? `positioned ${event.reason}` : event.kind);
      watched.events(event);
    };
    const options = optionsOf(plan.options, { scheduler: process, random, events, until: this.stopping });
    const watched = oracle.member(plan.name, readOptions(options), cluster, process);
    this.watched = watched;
    const work = workOn(plan.work, { process, random, isCalm, resubscribe: this.resubscribing, restarted: () => tally.add('restarted') });
    tally.add('members');
    this.subscription = watched
      .watch(fromKafka(watched.connector, options))
      .pipe(
        tap((stream) => this.streams.set(stream.key, stream)),
        work,
      )
      .subscribe({ error: (error: unknown) => trace.line(`${plan.name} ended: ${String(error)}`) });
  }

  end(how: NonNullable<MemberPlan['end']>['how']): void {
    const { watched, stage } = this;
    if (watched?.shadow.live !== true) return;
    stage.tally.add(`ended by ${how}`);
    if (how === 'until') {
      watched.stopped();
      this.stopping.next();
    } else if (how === 'unsubscribe') this.subscription?.unsubscribe();
    else {
      watched.killed();
      this.process.kill();
    }
  }

  act(act: Act): void {
    if (!this.isThere) return;
    this.process.hear(() => this.perform(act));
  }

  /** From now on nothing keeps it from reading. */
  calm(): void {
    for (const pause of this.pauses) pause.unsubscribe();
    this.pauses.clear();
  }

  private perform(act: Act): void {
    if (act.kind === 'resubscribe') {
      this.resubscribing.next();
      return;
    }
    const { current } = this;
    const stream = current[act.stream % Math.max(1, current.length)];
    if (stream === undefined) return;
    if (act.kind === 'pause') this.pause(stream, act.length);
    else if (this.watched?.shadow.streamOf(stream.topic, stream.partition)?.attached === true && this.canSeek(act.to)) {
      this.stage.tally.add('seek');
      stream.seek(act.to);
    }
  }

  private canSeek(to: unknown): boolean {
    return to !== 'committed' || this.plan.options.groupId !== undefined;
  }

  private pause(stream: PartitionStream, length: number): void {
    this.stage.tally.add('pause');
    const pause = stream.pause();
    this.pauses.add(pause);
    this.process.schedule(() => {
      pause.unsubscribe();
      this.pauses.delete(pause);
    }, length);
  }
}
