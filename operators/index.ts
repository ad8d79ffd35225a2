export { ackEach } from './ackEach.ts';
export { eachPartition } from './eachPartition.ts';
export type { Emitted, Handler, HandlerContext, ProcessOptions } from './handler.ts';
export { processBatches } from './processBatches.ts';
export { processRecords } from './processRecords.ts';
