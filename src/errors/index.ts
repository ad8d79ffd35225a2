export { KafkaRxError, type ErrorDetails } from './KafkaRxError.ts';
export * from './family.ts';
