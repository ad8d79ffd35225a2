export { SimulatedCluster } from './simulatedCluster.ts';
export type { Appended, SimulatedClusterOptions } from './simulatedCluster.ts';
export type { Effect, Fault, Where } from './fault.ts';
export type { Happening } from './happening.ts';
export type { Traffic } from './traffic.ts';
export { runMarbles, runMarblesAsync } from './marbles/runMarbles.ts';
export type { RunOptions } from './marbles/runMarbles.ts';
export type { Expectation, MarbleTools } from './marbles/tools.ts';
