export { NEVER_ANSWERED, RESET, ScriptedCluster } from './cluster.ts';
export { codeOf, marble, named, offsets, type Marble } from './marble.ts';
export { asMember, consumerOf, ofPartitions, settings } from './settings.ts';
