export { ScriptedCluster } from './cluster.ts';
export { codeOf, marble, named, offsets } from './marble.ts';
export { NEVER_ANSWERED, RESET } from './model.ts';
export { asMember, consumerOf, ofPartitions, settings } from './settings.ts';
