import type { IsolationLevel } from '../../src/model/startPosition.ts';
import type { ClusterModel } from '../../src/testing/model/clusterModel.ts';

/** What is true of the cluster, whatever anybody was told. */
export interface Truth {
  /** The lowest offset from `from` on and below `to` that is to be delivered; undefined: none. */
  deliverable(topic: string, partition: number, from: number, to: number, isolation: IsolationLevel): number | undefined;
  /** Where a reader comes to the end now: the last stable offset under read_committed, else the high watermark. */
  end(topic: string, partition: number, isolation: IsolationLevel): number | undefined;
  committed(groupId: string, topic: string, partition: number): number | undefined;
  /** `topic/partition` of all that there are. */
  partitions(): readonly { readonly topic: string; readonly partition: number }[];
}

export function truthOf(model: ClusterModel): Truth {
  return {
    deliverable(topic, partition, from, to, isolation) {
      const log = model.find(topic, partition)?.log;
      if (log === undefined) return undefined;
      const limit = Math.min(to, isolation === 'read_committed' ? log.lastStableOffset : log.highWatermark);
      for (const { offset, deliverable } of log.entries()) {
        if (offset >= limit) return undefined;
        if (offset < from || deliverable === 'control') continue;
        if (deliverable === 'yes' || isolation === 'read_uncommitted') return offset;
      }
      return undefined;
    },
    end(topic, partition, isolation) {
      const log = model.find(topic, partition)?.log;
      return isolation === 'read_committed' ? log?.lastStableOffset : log?.highWatermark;
    },
    committed: (groupId, topic, partition) => model.groups.committed(groupId, topic, partition),
    partitions: () =>
      [...model.topics.values()].flatMap(({ name, partitions }) => partitions.map(({ index }) => ({ topic: name, partition: index }))),
  };
}
