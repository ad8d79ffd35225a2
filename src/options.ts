export { readOptions } from './options/read.ts';
export type {
  CommitOptions,
  CommonOptions,
  ConsumerOptions,
  DeliveryOptions,
  GroupOptions,
  ManualOptions,
  TopicSelection,
} from './options/types.ts';
