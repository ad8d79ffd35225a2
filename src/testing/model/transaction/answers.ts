import type { ClusterModel } from '../clusterModel.ts';

/** The error of a broker that does not coordinate transactions; undefined: it does. */
export function misplaced({ coordinator }: ClusterModel, node: number): string | undefined {
  if (coordinator < 0) return 'COORDINATOR_NOT_AVAILABLE';
  return coordinator === node ? undefined : 'NOT_COORDINATOR';
}

/** Clients that do not know PRODUCER_FENCED yet are told the older word for it. */
export function wordFor(error: string, knowsFenced: boolean): string {
  return error === 'PRODUCER_FENCED' && !knowsFenced ? 'INVALID_PRODUCER_EPOCH' : error;
}
