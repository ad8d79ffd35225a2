import { BehaviorSubject, filter, type Observable, Subject } from 'rxjs';
import type { MetadataResponse } from '../protocol/apis/metadata.ts';
import type { TopicPartition } from '../model/topicPartition.ts';
import { backoffDelay } from './backoff.ts';
import type { Context } from './context.ts';
import { answered, asked, extended, type Freshness, invalidated, neverAsked, untilRefresh } from './freshness.ts';
import { type Interest, ofInterest } from './interest.ts';
import { isUnsettled, mergeMetadata, saysTheSame } from './metadata.ts';
import { learnt } from './learnt.ts';
import { type BrokerView, type ClusterView, type LeaderHint, nothingKnown } from './view.ts';

/** What we believe about the cluster, and how far it can be relied on. */
export interface Beliefs {
  readonly view: () => ClusterView;
  /** The present one first, if there is one. */
  readonly views: Observable<ClusterView>;
  /** Emits when `wait` may have become shorter. */
  readonly wishes: Observable<unknown>;
  readonly asked: () => void;
  /** `interest`: what was asked for; `broker`: who answered; `moved`: told of the brokers before anybody hears of the new view. */
  readonly answered: (response: MetadataResponse, interest: Interest, broker: string, moved: (view: ClusterView) => void) => void;
  /** `moved`: as for `answered`. */
  readonly learn: (leaders: readonly LeaderHint[], endpoints: readonly BrokerView[], moved: (view: ClusterView) => void) => void;
  /** `more`: there is more to know than was asked for. */
  readonly invalidate: (more?: boolean) => void;
  /** How long until it is to be asked again, ms. */
  readonly wait: () => number;
}

/** `held`: the partitions that have to be known. */
export function createBeliefs({ scheduler, backoff, random, metadataMaxAge }: Context, held: () => Iterable<TopicPartition>): Beliefs {
  const views = new BehaviorSubject(nothingKnown);
  const wishes = new Subject<void>();
  const delay = (futile: number): number => backoffDelay(backoff, futile, random);
  let freshness: Freshness = neverAsked;
  let askedAt = scheduler.now();

  return {
    view: () => views.value,
    views: views.pipe(filter(({ at }) => at !== undefined)),
    wishes,
    asked() {
      askedAt = scheduler.now();
      freshness = asked(freshness, askedAt);
    },
    answered(response, interest, broker, moved) {
      const now = scheduler.now();
      const before = views.value;
      const told = ofInterest(response, interest, before.topics.keys());
      const merged = mergeMetadata(before, told, { broker, at: now, patience: backoff.max });
      const after = { ...merged, matches: interest.matches, askedAt };
      freshness = answered(freshness, now, !saysTheSame(before, after), delay);
      moved(after);
      views.next(after);
    },
    learn(leaders, endpoints, moved) {
      const after = learnt(views.value, leaders, endpoints);
      if (after === undefined) return;
      moved(after);
      views.next(after);
    },
    invalidate(more = false) {
      if (freshness.stale && !more) return;
      freshness = more ? extended(freshness, delay(1)) : invalidated(freshness);
      wishes.next();
    },
    wait: () => untilRefresh(freshness, isUnsettled(views.value, held()), metadataMaxAge, scheduler.now()),
  };
}
