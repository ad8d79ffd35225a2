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
  /** The leader epoch that was committed with it; -1: none. */
  committedEpoch(groupId: string, topic: string, partition: number): number;
  /** Commits name topics by their ids (Kafka 4.1), so that none is made for another one of that name. */
  readonly commitsById: boolean;
  /** The leader epoch in which what lies at that offset was written; -1: not known. */
  epochAt(topic: string, partition: number, offset: number): number;
  /** `host:port` of who leads it now; undefined: nobody. */
  leader(topic: string, partition: number): string | undefined;
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
    committedEpoch: (groupId, topic, partition) => model.groups.offsets.get(groupId, topic, partition)?.leaderEpoch ?? -1,
    commitsById: model.settings.kafka === '4.3',
    epochAt(topic, partition, offset) {
      const { log, leaderEpoch = -1 } = model.find(topic, partition) ?? {};
      for (let epoch = leaderEpoch; epoch >= 0; epoch--)
        if ((log?.startOfEpoch(epoch, { end: log.end }) ?? Infinity) <= offset) return epoch;
      return -1;
    },
    leader(topic, partition) {
      const broker = model.brokers.get(model.find(topic, partition)?.leader ?? -1);
      return broker && `${broker.host}:${String(broker.port)}`;
    },
    isMember: (groupId, memberId) => model.groups.get(groupId)?.members.has(memberId) === true,
    topicId: (topic) => model.topics.get(topic)?.id,
    partitions: () =>
      [...model.topics.values()].flatMap(({ name, partitions }) => partitions.map(({ index }) => ({ topic: name, partition: index }))),
  };
}
