import { isOtherTopic, meansNoSuchTopic } from '../cluster/metadata.ts';
import type { ClusterView } from '../cluster/view.ts';

/** What becomes of a topic. */
export type Fate = 'deleted' | 'recreated';

/** A topic as it was when it was selected. */
export interface Origin {
  readonly id: string;
  readonly partitions: ReadonlySet<number>;
}

/** What became of a topic that had that id; undefined: it is there, or was never known (`''`) and may come. Pure. */
export function fateOf(topic: string, id: string, view: ClusterView): Fate | undefined {
  if (id === '') return undefined;
  const found = view.topics.get(topic);
  if (found === undefined) return meansNoSuchTopic(view.errors.get(topic) ?? 0) ? 'deleted' : undefined;
  return isOtherTopic(id, found.id) ? 'recreated' : undefined;
}
