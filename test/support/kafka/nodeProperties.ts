/** One node of a cluster: broker and controller in one. */
export interface NodePlan {
  /** 1, 2, … */
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  /** Where its data lies. */
  readonly folder: string;
}

export type Properties = Readonly<Record<string, string>>;

/** Elections, sessions and cleaning in fractions of a second, for tests that wait for them. */
export const fastProperties: Properties = {
  'log.cleaner.backoff.ms': '100',
  'log.initial.task.delay.ms': '100',
  'log.retention.check.interval.ms': '300',
  'log.segment.delete.delay.ms': '100',
  'group.consumer.min.session.timeout.ms': '500',
  'group.consumer.session.timeout.ms': '3000',
  'group.consumer.min.heartbeat.interval.ms': '100',
  'group.consumer.heartbeat.interval.ms': '300',
  'group.consumer.assignment.interval.ms': '0',
  'broker.session.timeout.ms': '1500',
  'broker.heartbeat.interval.ms': '300',
  'controller.quorum.election.timeout.ms': '500',
  'controller.quorum.fetch.timeout.ms': '1000',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '300',
};

/** What every cluster of the tests has, the shared one too. */
function common(brokers: number): Properties {
  const replicas = String(Math.min(3, brokers));
  const inSync = brokers >= 3 ? '2' : '1';
  return {
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.num.partitions': '1',
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'default.replication.factor': replicas,
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '500',
    'auto.create.topics.enable': 'false',
  };
}

/** The properties of one node. `extra` wins. */
export function nodeProperties(node: NodePlan, nodes: readonly NodePlan[], extra: Properties): Properties {
  const plain = `PLAINTEXT://127.0.0.1:${node.port}`;
  return {
    'process.roles': 'broker,controller',
    'node.id': String(node.id),
    'controller.quorum.voters': nodes.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(','),
    listeners: `${plain},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'advertised.listeners': plain,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map':
      ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'].map((name) => `${name}:${name}`).join(',') + ',CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': node.folder,
    'broker.rack': `r${node.id}`,
    'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector',
    ...common(nodes.length),
    ...extra,
  };
}

/** As Java's `Properties` reads them. */
export function propertiesText(properties: Properties): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n`)
    .join('');
}
