import type { SchedulerLike, Subscription } from 'rxjs';
import type { ClusterModel } from '../model/clusterModel.ts';

/** A request that waits at a broker. */
export interface Parked {
  /** Ms on the cluster's clock. */
  readonly until: number;
  /** Answers it if it can be by now. */
  readonly look: (now: number) => boolean;
}

/**
 * The requests that are parked at brokers. They are looked at whenever the cluster has changed, and when one of them, or the cluster itself, has
 * come to its time. While none is parked no timer is armed: what falls due in the cluster meanwhile happens when somebody asks next.
 */
export class Parking {
  private readonly cluster: ClusterModel;
  private readonly scheduler: SchedulerLike;
  private readonly parked = new Set<Parked>();
  private alarm: Subscription | undefined;
  private alarmAt = Infinity;

  constructor(cluster: ClusterModel, scheduler: SchedulerLike) {
    this.cluster = cluster;
    this.scheduler = scheduler;
  }

  park(parked: Parked): void {
    this.parked.add(parked);
  }

  leave(parked: Parked): void {
    this.parked.delete(parked);
    this.arm();
  }

  /** Everybody who can be answered is, those first who came first; an answer may make another one possible. */
  look(): void {
    const now = this.scheduler.now();
    let seen: number;
    do {
      this.cluster.tick(now);
      seen = this.cluster.revision;
      for (const each of [...this.parked]) if (this.parked.has(each) && each.look(now)) this.parked.delete(each);
    } while (seen !== this.cluster.revision);
    this.arm();
  }

  private arm(): void {
    let at = this.parked.size === 0 ? Infinity : this.cluster.due;
    for (const { until } of this.parked) at = Math.min(at, until);
    if (at === this.alarmAt) return;
    this.alarm?.unsubscribe();
    this.alarmAt = at;
    if (at === Infinity) return;
    this.alarm = this.scheduler.schedule(
      () => {
        this.alarmAt = Infinity;
        this.look();
      },
      Math.max(0, at - this.scheduler.now()),
    );
  }
}
