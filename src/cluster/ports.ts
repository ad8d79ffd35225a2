import type { Observable } from 'rxjs';
import type { Api } from '../protocol/api.ts';
import type { Link } from '../transport/link.ts';
import type { Request } from '../transport/made.ts';
import type { BrokerAddress } from '../transport/port.ts';
import type { BrokerView, ClusterView, LeaderHint } from './view.ts';

/** Each purpose has a connection of its own, since a broker serves one request of a connection at a time. */
export type Purpose = 'control' | 'join' | 'fetch';

/** What we believe about the cluster, kept fresh. */
export interface Cluster {
  /** The last thing that was learnt. */
  readonly view: ClusterView;
  /** Emits the present view on subscription once there is one, and then after each successful refresh. Never completes. */
  readonly views: Observable<ClusterView>;
  /** The refreshing itself: merged into the consumer, it lives as long as that. Never emits; errors only with what cannot be healed. */
  readonly refreshing: Observable<never>;
  /** What we believed proved wrong (or may be): ask again, not before the back-off allows. Idempotent. `more`: there are topics that were not asked for yet. */
  invalidate(more?: boolean): void;
  /** Who leads now, and where: believed at once where it is of a newer epoch than what we know. */
  learn(leaders: readonly LeaderHint[], endpoints: readonly BrokerView[]): void;
  /**
   * The connection to a broker for a purpose, opened when first used. The same one each time, until the broker moves or goes: ask for it
   * at each use. `address`: where it is if metadata does not know that broker yet.
   */
  link(nodeId: number, purpose: Purpose, address?: BrokerAddress): Link;
  /** Milliseconds that a request over that connection would wait, unsent, because the broker backs off; Infinity: until an attempt to connect has an outcome. */
  wait(nodeId: number, purpose: Purpose): number;
  /** Sends to any broker that may answer: a known one, else a bootstrap one. `from`: told who answered, right before the answer comes. */
  ask<Q, R>(api: Api<Q, R>, request: Q, from?: (broker: string) => void): Observable<R>;
  /** Closes every connection. */
  close(): void;
}

/** The broker that coordinates our group. */
export interface Coordinator {
  /** `host:port`, while it is known. */
  readonly broker?: string | undefined;
  /**
   * Finds the coordinator where it is not known, and sends. `deadline`: ms for the request itself.
   * When the connection or the request fails, or the answer's error says so (`invalidate`), the fact is forgotten and the next one asks again.
   */
  request<Q, R>(purpose: 'control' | 'join', api: Api<Q, R>, request: Request<Q>, deadline: number): Observable<R>;
  /** Forget who it is. */
  invalidate(): void;
}
