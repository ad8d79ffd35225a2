export { BatchView, controlType } from './batchView.ts';
export { splitBatches } from './splitBatches.ts';
