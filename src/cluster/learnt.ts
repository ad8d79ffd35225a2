import type { BrokerView, ClusterView, LeaderHint, TopicView } from './view.ts';

/**
 * What we believe after a broker has said who leads in its place (KIP-951); undefined: nothing new. Pure.
 *
 * Only a newer epoch is news. A leader whose address is neither known nor given cannot be asked. Of a topic that is contested nothing is believed.
 */
export function learnt(view: ClusterView, leaders: readonly LeaderHint[], endpoints: readonly BrokerView[]): ClusterView | undefined {
  const brokers = new Map([...endpoints.map((broker): [number, BrokerView] => [broker.nodeId, broker]), ...view.brokers]);
  const topics = new Map<string, TopicView>(view.topics);
  let isNews = false;
  for (const { topic, partition, leader, leaderEpoch } of leaders) {
    const known = topics.get(topic);
    const before = known?.partitions.get(partition);
    if (known === undefined || before === undefined || view.contests?.has(topic) === true) continue;
    if (leaderEpoch <= before.leaderEpoch || !brokers.has(leader)) continue;
    topics.set(topic, { ...known, partitions: new Map([...known.partitions, [partition, { leader, leaderEpoch }]]) });
    isNews = true;
  }
  return isNews ? { ...view, brokers, topics } : undefined;
}
