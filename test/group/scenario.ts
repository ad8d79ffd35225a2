import {
  concat,
  finalize,
  ignoreElements,
  map,
  merge,
  NEVER,
  type Observable,
  of,
  Subject,
  take,
  tap,
  throwError,
  timer,
  VirtualTimeScheduler,
} from 'rxjs';
import type { Coordinator } from '../../src/cluster/ports.ts';
import { sendMade, type Request as Made } from '../../src/transport/made.ts';
import { KafkaRxError, RequestTimeoutError } from '../../src/errors/index.ts';
import { codeOf } from '../../src/errors/table.ts';
import { range } from '../../src/group/assignors/range.ts';
import type { GroupHost, GroupMembership, GroupSettings } from '../../src/group/host.ts';
import { createMembership } from '../../src/group/membership.ts';
import type { Happening } from '../../src/model/events.ts';
import { partitionKey, type TopicPartition } from '../../src/model/topicPartition.ts';
import { encodeAssignment, encodeSubscription } from '../../src/protocol/consumerProtocol.ts';

/** What a scripted coordinator does with one request: an error by Kafka's name, a whole answer, a broken connection, or nothing at all ('hang'). */
export type Answer = string | { readonly after?: number; readonly code?: string; readonly fields?: object } | Error;

export type Script = Partial<Record<string, readonly Answer[]>>;

export interface Request {
  readonly at: number;
  readonly api: string;
  readonly purpose: string;
  readonly message: Record<string, unknown>;
  readonly deadline: number;
}

/** A subscription as another member of the group would send it. */
export function subscription(...topics: string[]): Buffer {
  return encodeSubscription({ topics, userData: null, ownedPartitions: [], generationId: -1, rackId: null });
}

/** The coordinator wants to see the id first, as all have done since KIP-394; more answers follow. */
export function idFirst(...more: readonly Answer[]): readonly Answer[] {
  return ['MEMBER_ID_REQUIRED', ...more];
}

/** The log of a first join, which ends with the assignment at 3 ms. */
export const firstJoin: readonly string[] = ['0 JoinGroup', '1 JoinGroup', '2 SyncGroup', '3 assigned t-0 t-1 to m in 1', '3 alive 2'];

export function assignment(topic: string, ...partitions: number[]): Buffer {
  return encodeAssignment({ assignedPartitions: partitions.length === 0 ? [] : [{ topic, partitions }], userData: null });
}

function keysOf(places: readonly TopicPartition[]): string {
  return places.length === 0 ? 'nothing' : places.map(({ topic, partition }) => partitionKey(topic, partition)).join(' ');
}

/**
 * One member against a coordinator that follows a script, in virtual time. Every answer takes 1 ms, unless the script says otherwise; where
 * the script is over, the coordinator says yes: the member joins as `m`, follows (the leader is `other`), and is given t-0 and t-1.
 */
export class Scenario {
  readonly clock: VirtualTimeScheduler = new VirtualTimeScheduler();
  readonly requests: Request[] = [];
  /** What went over the wire and what the host was told, in order: `at what`. */
  readonly log: string[] = [];
  readonly told: Happening[] = [];
  readonly rejoin: Subject<void> = new Subject();
  readonly counts: Subject<ReadonlyMap<string, number>> = new Subject();
  readonly host: GroupHost;
  readonly membership: GroupMembership;
  topics: string[] = ['t'];
  owned: readonly TopicPartition[] = [];
  stopping = false;
  /** How long a hand-over takes, ms; Infinity: for ever. */
  handOver = 0;
  partitionCounts: () => Observable<ReadonlyMap<string, number>> = () => concat(of(new Map([['t', 4]])), this.counts);
  readonly #answered = new Map<string, number>();
  #generation = 0;
  readonly #script: Script;

  constructor(script: Script = {}, options: Partial<GroupSettings> = {}) {
    this.#script = script;
    this.host = this.#host(options);
    this.membership = createMembership(this.host);
  }

  /** Runs the clock up to that time. */
  to(ms: number): this {
    this.clock.maxFrames = ms;
    this.clock.schedule(() => undefined, ms - this.clock.now());
    this.clock.flush();
    return this;
  }

  at(ms: number, action: () => void): this {
    this.clock.schedule(action, ms - this.clock.now());
    return this;
  }

  /** Subscribes `run`; an error is logged. */
  start(): { unsubscribe(): void } {
    return this.membership.run.subscribe({
      error: (error: unknown) => this.#note(`error ${error instanceof KafkaRxError ? `${error.name} ${error.code}` : String(error)}`),
      complete: () => this.#note('complete'),
    });
  }

  sent(api: string): Request[] {
    return this.requests.filter((request) => request.api === api);
  }

  #note(what: string): void {
    this.log.push(`${String(this.clock.now())} ${what}`);
  }

  #host(options: Partial<GroupSettings>): GroupHost {
    return {
      context: {
        connector: { connect: () => NEVER },
        scheduler: this.clock,
        random: () => 0.5,
        backoff: { initial: 100, max: 10_000, jitter: 0.2 },
        requestTimeout: 30_000,
        metadataMaxAge: 300_000,
        tell: (happening) => this.told.push(happening),
      },
      coordinator: { request: this.#request, invalidate: () => undefined } as Coordinator,
      options: {
        groupId: 'g',
        sessionTimeout: 45_000,
        heartbeatInterval: 3_000,
        rebalanceTimeout: 60_000,
        assignors: [range],
        ...options,
      },
      subscription: () => this.topics,
      partitionCounts: () => this.partitionCounts(),
      rejoinNeeded: this.rejoin,
      stopping: () => this.stopping,
      owned: () => this.owned,
      assigned: ({ added, kept, taken }, { memberId, generation }) => {
        this.owned = [...kept, ...taken, ...added];
        const rest = kept.length + taken.length === 0 ? '' : `, keeping ${keysOf(kept)}, giving up ${keysOf(taken)}`;
        this.#note(`assigned ${keysOf(added)} to ${memberId} in ${String(generation)}${rest}`);
      },
      renewed: (membership) => {
        this.#note(`renewed ${membership.memberId} in ${String(membership.generation)}`);
      },
      handOver: (partitions, deadlines) => {
        const release = (): void => {
          const gone = new Set(partitions);
          this.owned = this.owned.filter((place) => !gone.has(place));
        };
        const until = deadlines.pipe(
          tap((deadline) => this.#note(`hand over until ${String(deadline)}`)),
          ignoreElements(),
        );
        const done = this.handOver === Infinity ? NEVER : this.handOver === 0 ? of(0) : timer(this.handOver, this.clock);
        return merge(until, done).pipe(take(1), tap({ complete: () => this.#note('handed over') }), ignoreElements(), finalize(release));
      },
      lost: (error) => {
        this.owned = [];
        this.#note(`lost ${error.message}`);
      },
      alive: (sentAt) => this.#note(`alive ${String(sentAt)}`),
    };
  }

  readonly #request = (purpose: string, api: { name: string }, asked: Made<object>, deadline: number): Observable<unknown> =>
    sendMade(asked, (message) => {
      this.requests.push({ at: this.clock.now(), api: api.name, purpose, message: { ...message }, deadline });
      this.#note(api.name);
      const nth = this.#answered.get(api.name) ?? 0;
      this.#answered.set(api.name, nth + 1);
      let settled = false;
      return this.#answer(api.name, this.#script[api.name]?.[nth], deadline, message).pipe(
        tap({ next: () => (settled = true), error: () => (settled = true) }),
        finalize(() => (settled ? undefined : this.#note(`${api.name} cancelled`))),
      );
    });

  #answer(api: string, answer: Answer | undefined, deadline: number, message: object): Observable<unknown> {
    const after = typeof answer === 'object' && !(answer instanceof Error) ? (answer.after ?? 1) : 1;
    if (answer === 'hang' || after > deadline) {
      return timer(deadline, this.clock).pipe(
        map(() => {
          throw new RequestTimeoutError(api, deadline);
        }),
      );
    }
    if (answer instanceof Error)
      return concat(
        timer(1, this.clock).pipe(ignoreElements()),
        throwError(() => answer),
      );
    const code = typeof answer === 'string' ? answer : (answer?.code ?? 'NONE');
    const fields = typeof answer === 'object' ? answer.fields : {};
    return timer(after, this.clock).pipe(map(() => ({ ...this.#yes(api, code, message), errorCode: codeOf(code), ...fields })));
  }

  #yes(api: string, code: string, message: object): object {
    if (api === 'SyncGroup') return { assignment: assignment('t', 0, 1) };
    if (api === 'LeaveGroup') return { members: [] };
    if (api !== 'JoinGroup') return {};
    const { memberId } = message as { memberId: string };
    if (code === 'NONE') this.#generation++;
    return {
      memberId: memberId === '' ? 'm' : memberId,
      generationId: this.#generation,
      protocolName: this.host.options.assignors[0]?.name,
      leader: 'other',
      skipAssignment: false,
      members: [],
    };
  }
}
