import { createWake, type Wake } from './wake.ts';

/** One broker that leads, or led, partitions of ours. Its loops look at it whenever `line` wakes them. */
export class Row {
  readonly nodeId: number;
  readonly line: Wake = createWake();
  /** Wakes those that ask about logs in doubt: that is rare, and every partition of the broker wakes `line`. */
  readonly doubts: Wake = createWake();
  /** Ends its loops: the broker left the cluster, or leads nothing of ours any more. */
  readonly gone: Wake = createWake();
  /** Counts the answers with records, to know who got some last. */
  served = 0;
  /** Rounds that failed in a row. */
  failures = 0;
  /** Nothing is sent before this time, ms on the scheduler's clock: back-off or throttling. */
  notBefore = 0;

  constructor(nodeId: number) {
    this.nodeId = nodeId;
  }
}
