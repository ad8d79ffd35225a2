import {
  BehaviorSubject,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  merge,
  Subject,
  switchMap,
  tap,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import type { Cluster } from '../cluster/ports.ts';
import { nothingKnown, type ClusterView } from '../cluster/view.ts';
import type { TopicSelection } from '../options/types.ts';
import { readSelection } from '../options/topics.ts';
import { isMatched, isSameList, isSameSelection, selectionOf, topicsIn, type Selection } from './selection.ts';
import type { GroupMode, ManualMode } from './settings.ts';

/** With a pattern all look again when one has joined, ms after the last look: else each member finds out by itself what is new, with a rebalance each. */
const YOUNG = 1_000;

/**
 * Which topics are subscribed to, now: what was selected last, and what there is of it.
 *
 * A level: whoever looks sees the present state, so that of several selections that come while a join is parked the last one counts.
 */
export class Subscription {
  /** What is selected: the present selection first, if there is one. */
  readonly selections: Observable<Selection>;
  /** Emits when the topics are others than those of the last join that was seen since it was subscribed. */
  readonly outdated: Observable<unknown>;
  private readonly chosen: BehaviorSubject<Selection | undefined>;
  private readonly topics = new BehaviorSubject<readonly string[] | undefined>(undefined);
  private readonly joins = new Subject<readonly string[]>();
  private readonly coming: Observable<TopicSelection>;
  private readonly scheduler: SchedulerLike;
  private known: ClusterView = nothingKnown;
  private invalidate: (more?: boolean) => void = () => undefined;

  constructor(mode: GroupMode | ManualMode, scheduler: SchedulerLike) {
    this.scheduler = scheduler;
    this.coming = mode.kind === 'group' ? (mode.selections ?? EMPTY) : EMPTY;
    this.chosen = new BehaviorSubject(initialOf(mode));
    this.selections = this.chosen.pipe(filter((selection) => selection !== undefined));
    this.outdated = this.joins.pipe(
      switchMap((joined) => this.topics.pipe(filter((now) => now !== undefined && !isSameList(now, joined)))),
    );
  }

  /** What is selected; undefined: nothing yet. */
  get selection(): Selection | undefined {
    return this.chosen.value;
  }

  /** The topics to join the group with. What is changed from then on is a reason to join again. */
  join(): readonly string[] {
    const { at = -Infinity } = this.known;
    if (this.selection?.matches !== undefined && this.scheduler.now() - at > YOUNG) this.invalidate();
    const joined = this.topics.value ?? [];
    this.joins.next(joined);
    return joined;
  }

  /** The selecting itself: lives as long as the consumer. Errors as the user's Observable does, and with OptionsError for what that should not emit. */
  running(cluster: Cluster): Observable<never> {
    return defer(() => {
      this.invalidate = (more) => cluster.invalidate(more);
      const looking = cluster.views.pipe(
        tap((view) => {
          this.known = view;
          this.resolve();
        }),
      );
      this.resolve();
      return merge(looking, this.coming.pipe(tap((value) => this.select(value)))).pipe(ignoreElements());
    });
  }

  private select(value: TopicSelection): void {
    const { topics: names, patterns } = readSelection(value);
    const selection = selectionOf(names, patterns);
    if (this.selection !== undefined && isSameSelection(this.selection, selection)) return;
    this.chosen.next(selection);
    this.resolve();
    if (!isMatched(selection, this.known) || names.some((name) => !this.known.topics.has(name))) this.invalidate(true);
  }

  private resolve(): void {
    const { selection, known, topics } = this;
    // A pattern says nothing before all topics were looked at: until then the topics are what they were.
    if (selection === undefined || !isMatched(selection, known)) return;
    // Nor does a name: who is given a partition of a topic that is not known does not know whether it was there when it was selected.
    if (selection.names.some((name) => !known.topics.has(name) && !known.errors.has(name))) return;
    topics.next(topicsIn(selection, known));
  }
}

/** What the options select by themselves; undefined: it comes later. */
function initialOf(mode: GroupMode | ManualMode): Selection | undefined {
  if (mode.kind === 'manual') return selectionOf([...new Set(mode.partitions.map(({ topic }) => topic))]);
  return mode.selections === undefined ? selectionOf(mode.topics, mode.patterns) : undefined;
}
