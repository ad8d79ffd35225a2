import type { Call } from '../call.ts';
import { later, now, type Reply } from '../reply.ts';
import type { Parked } from './member.ts';

type Where = Pick<Call<unknown>, 'cluster' | 'node' | 'now'>;

/** The error of a request that came to another broker than the coordinator. What was due by now has happened before. */
export function misplaced({ cluster, node, now: at }: Where): 'NOT_COORDINATOR' | undefined {
  cluster.groups.tick(at);
  return isCoordinator(cluster, node) ? undefined : 'NOT_COORDINATOR';
}

/** Answers what is parked once it has an answer; `elsewhere` if the coordinator moves in the meantime. */
export function whenAnswered<R>({ cluster, node }: Where, parked: Parked<R>, elsewhere: R, shape: (answer: R) => R): Reply<R> {
  if (parked.answer !== undefined) return now(shape(parked.answer));
  return later(Infinity, () => {
    const answer = parked.answer ?? (isCoordinator(cluster, node) ? undefined : elsewhere);
    return answer === undefined ? undefined : shape(answer);
  });
}

function isCoordinator({ coordinator }: Where['cluster'], node: number): boolean {
  return coordinator === node;
}
