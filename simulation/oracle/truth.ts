import type { IsolationLevel } from '../../src/model/startPosition.ts';
import type { ClusterModel } from '../../src/testing/model/clusterModel.ts';

/** What is true of the cluster, whatever anybody was told. */
export interface Truth {
  /** The lowest offset from `from` on and below `to` that is to be delivered; undefined: none. */
  deliverable(topic: string, partition: number, from: number, to: number, isolation: IsolationLevel): number | undefined;
  /** All offsets below `to` that are to be delivered, in their order. */
  deliverables(topic: string, partition: number, to: number, isolation: IsolationLevel): Iterable<number>;
  /** Where a reader comes to the end now: the last stable offset under read_committed, else the high watermark. */
  end(topic: string, partition: number, isolation: IsolationLevel): number | undefined;
  committed(groupId: string, topic: string, partition: number): number | undefined;
  /** Whether the coordinator counts it as a member. */
  isMember(groupId: string, memberId: string): boolean;
  /** Another one each time that a topic of that name is created; undefined: there is none. */
  topicId(topic: string): string | undefined;
  /** `topic/partition` of all that there are. */
  partitions(): readonly { readonly topic: string; readonly partition: number }[];
}

export function truthOf(model: ClusterModel): Truth {
  function* deliverables(topic: string, partition: number, to: number, isolation: IsolationLevel): Iterable<number> {
    const log = model.find(topic, partition)?.log;
    if (log === undefined) return;
    const limit = Math.min(to, isolation === 'read_committed' ? log.lastStableOffset : log.highWatermark);
    for (const { offset, deliverable } of log.entries()) {
      if (offset >= limit) return;
      if (deliverable === 'yes' || (deliverable !== 'control' && isolation === 'read_uncommitted')) yield offset;
    }
  }
  return {
    deliverables,
    deliverable(topic, partition, from, to, isolation) {
      for (const offset of deliverables(topic, partition, to, isolation)) if (offset >= from) return offset;
      return undefined;
    },
    end(topic, partition, isolation) {
      const log = model.find(topic, partition)?.log;
      return isolation === 'read_committed' ? log?.lastStableOffset : log?.highWatermark;
    },
    committed: (groupId, topic, partition) => model.groups.committed(groupId, topic, partition),
    isMember: (groupId, memberId) => model.groups.get(groupId)?.members.has(memberId) === true,
    topicId: (topic) => model.topics.get(topic)?.id,
    partitions: () =>
      [...model.topics.values()].flatMap(({ name, partitions }) => partitions.map(({ index }) => ({ topic: name, partition: index }))),
  };
}
