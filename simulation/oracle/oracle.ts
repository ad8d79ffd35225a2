import { Observable, type SchedulerLike } from 'rxjs';
import type { ConsumerEvent } from '../../src/model/events.ts';
import type { PartitionStream } from '../../src/model/partitionStream.ts';
import type { Settings } from '../../src/options/settings.ts';
import type { Connector } from '../../src/transport/port.ts';
import { draw } from './drawing.ts';
import { allRules } from './invariants/all.ts';
import { Journal } from './journal.ts';
import type { Rule, World } from './rule.ts';
import type { Seen } from './seen.ts';
import { MemberShadow } from './shadow/memberShadow.ts';
import type { Truth } from './truth.ts';
import { Violation, type Invariant } from './violation.ts';
import { WatchedConnector } from './watch/watchedConnector.ts';
import { WatchedStream } from './watch/watchedStream.ts';
import { wordsOf } from './words.ts';

/** The event loop of a consumer. A scheduler that nobody blocks needs only a clock. */
export interface EventLoop {
  now(): number;
  /** When it is free again, ms. */
  readonly freeAt?: number;
  /** Actions that wait. */
  readonly pending?: number;
  readonly hear?: (take: () => void) => void;
}

/** One consumer that is watched. */
export interface Watched {
  readonly name: string;
  readonly shadow: MemberShadow;
  /** What it is to connect by. */
  readonly connector: WatchedConnector;
  /** What it is to tell its events to. */
  readonly events: (event: ConsumerEvent) => void;
  /** Its streams, watched. Each subscription but the first is a consumer that went on; the rules see one life. */
  readonly watch: (consumer: Observable<PartitionStream>) => Observable<PartitionStream>;
  /** Its `until` emits now. */
  readonly stopped: () => void;
  /** Its `until` fails now. */
  readonly stopFailed: (error: unknown) => void;
  /** SIGKILL. */
  readonly killed: () => void;
}

/**
 * Watches consumers from outside, and checks after each step all that the design promises at every instant.
 *
 * Nothing is thrown where it would be healed: what is violated first is kept, and thrown by `moment`, `check`, `quiet` and `end`, which are called from outside of
 * the consumers.
 */
export class Oracle implements World {
  readonly truth: Truth;
  readonly members: Map<string, MemberShadow> = new Map();
  readonly journal: Journal = new Journal();
  violation: Violation | undefined;
  /** Called before something is seen. */
  onSeen: (() => void) | undefined;
  private readonly loops = new Map<MemberShadow, EventLoop>();
  private readonly rules: readonly Rule[];

  constructor(truth: Truth, rules: readonly Rule[] = allRules((member) => this.loops.get(member)?.pending ?? 0)) {
    this.truth = truth;
    this.rules = rules;
  }

  /** A consumer that is about to begin. `loop`: its scheduler. */
  member(name: string, settings: Settings, connector: Connector, loop: EventLoop | SchedulerLike): Watched {
    const eventLoop: EventLoop = loop;
    const shadow = new MemberShadow(name, settings, eventLoop.now(), () => eventLoop.freeAt ?? 0);
    this.members.set(name, shadow);
    this.loops.set(shadow, eventLoop);
    const see = (seen: Seen): void => this.see(shadow, seen);
    const watched = new WatchedConnector(connector, {
      see,
      hear: (take) => (eventLoop.hear === undefined ? take() : eventLoop.hear(take)),
    });
    return {
      name,
      shadow,
      connector: watched,
      events: (event) => see({ kind: 'event', event }),
      watch: (consumer) => this.watch(shadow, consumer),
      stopped: () => see({ kind: 'stop' }),
      stopFailed: (error) => see({ kind: 'stopFails', error }),
      killed: () => {
        see({ kind: 'ends', ending: { how: 'crashed' } });
        watched.kill();
      },
    };
  }

  /** Something is seen of a member. The rules are asked before its shadow takes it in. */
  see(member: MemberShadow, seen: Seen): void {
    if (this.violation !== undefined || member.ending?.how === 'crashed') return;
    this.onSeen?.();
    const at = this.loops.get(member)?.now() ?? 0;
    const said = wordsOf(seen, member);
    if (said !== undefined) this.journal.note(at, said.lane, said.words);
    this.guard(() => {
      for (const rule of this.rules) rule.see?.(seen, member, at, this);
      member.take(seen, at);
    });
  }

  /** Something happened to the cluster: for the marble. */
  note(at: number, words: string): void {
    this.journal.note(at, 'cluster', () => words);
  }

  /** The log of a partition ends there now, and ended later before: an unclean election. */
  cut(topic: string, partition: number, end: number): void {
    this.guard(() => {
      for (const rule of this.rules) rule.cut?.({ topic, partition, end }, this);
    });
  }

  /** All that was to happen at this time has happened. */
  moment(): void {
    this.look();
    this.check();
  }

  /** The same, and throws nothing. */
  look(): void {
    this.guard(() => {
      for (const [member, loop] of this.loops) {
        if (member.ending?.how === 'crashed') continue;
        const at = loop.now();
        for (const rule of this.rules) rule.look?.(member, at, this);
        member.sync(at);
      }
    });
  }

  /** All faults are over, and everything has been read that there is. */
  quiet(now: number): void {
    this.guard(() => {
      for (const rule of this.rules) rule.quiet?.(this, now);
    });
    this.check();
  }

  /** Everybody has ended long ago. */
  end(): void {
    this.guard(() => {
      for (const member of this.members.values())
        for (const rule of this.rules) rule.end?.(member, this.loops.get(member)?.now() ?? 0, this);
    });
    this.check();
  }

  /** Throws what was violated. */
  check(): void {
    if (this.violation !== undefined) throw this.violation;
  }

  /** What is found from outside of the rules, with what happened before it. */
  violate(invariant: Invariant, sentence: string): Violation {
    return (this.violation ??= new Violation(invariant, sentence, draw(this.journal.last())));
  }

  private watch(shadow: MemberShadow, consumer: Observable<PartitionStream>): Observable<PartitionStream> {
    return new Observable((out) => {
      const see = (seen: Seen): void => this.see(shadow, seen);
      let over = false;
      const ends = (seen: Seen): void => {
        if (!over) see(seen);
        over = true;
      };
      see({ kind: 'begins', settings: shadow.settings });
      const subscription = consumer.subscribe({
        next: (stream) => {
          see({ kind: 'stream', stream: stream.assignmentEpoch, view: stream });
          out.next(new WatchedStream(stream, see, () => shadow.streams.get(stream.assignmentEpoch)?.positionEpoch ?? -1));
        },
        error: (error: unknown) => {
          ends({ kind: 'ends', ending: { how: 'errored', error } });
          out.error(error);
        },
        complete: () => {
          ends({ kind: 'ends', ending: { how: 'completed' } });
          out.complete();
        },
      });
      return () => {
        ends({ kind: 'ends', ending: { how: 'unsubscribed' } });
        subscription.unsubscribe();
      };
    });
  }

  private guard(work: () => void): void {
    if (this.violation !== undefined) return;
    try {
      work();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.violate(error.invariant, error.sentence);
    }
  }
}
