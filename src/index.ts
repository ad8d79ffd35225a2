export { fromKafka } from './fromKafka.ts';
export type {
  CommitOptions,
  CommonOptions,
  ConsumerOptions,
  DeliveryOptions,
  GroupOptions,
  ManualOptions,
  TopicSelection,
} from './options.ts';
export type { Assignor, AssignorWire, GroupMember } from './group/assignor.ts';
export { cooperativeSticky } from './group/assignors/cooperativeSticky.ts';
export { kafkajsRoundRobin } from './group/assignors/kafkajsRoundRobin.ts';
export { range } from './group/assignors/range.ts';
export { roundRobin } from './group/assignors/roundRobin.ts';
export type { ConsumerEvent, PartitionOffset } from './model/events.ts';
export type { Membership, PartitionStream } from './model/partitionStream.ts';
export type { KafkaRecord, RecordBatch, RecordHeaders } from './model/record.ts';
export type { StartPosition } from './model/startPosition.ts';
export type { TopicPartition } from './model/topicPartition.ts';
export type { BrokerAddress, Connection, Connector } from './transport/port.ts';
export * from './errors/index.ts';
