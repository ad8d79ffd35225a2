import type { FinalizedFeatureKey, SupportedFeatureKey } from '../../../protocol/apis/apiVersions.ts';
import type { KafkaVersion } from './kafkaVersion.ts';

interface Feature {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** The level that the cluster has; 0: none. */
  readonly level: number;
}

/** The features of a cluster (KIP-584); older Kafkas have none. */
const features: Readonly<Record<KafkaVersion, readonly Feature[]>> = {
  '2.1': [],
  '2.8': [],
  '3.9': [{ name: 'metadata.version', min: 1, max: 21, level: 21 }],
  '4.3': [
    { name: 'metadata.version', min: 7, max: 30, level: 30 },
    { name: 'kraft.version', min: 0, max: 1, level: 0 },
    { name: 'group.version', min: 0, max: 1, level: 1 },
    { name: 'transaction.version', min: 0, max: 2, level: 2 },
    { name: 'streams.version', min: 0, max: 1, level: 1 },
    { name: 'share.version', min: 0, max: 1, level: 1 },
    { name: 'eligible.leader.replicas.version', min: 0, max: 1, level: 1 },
  ],
};

/** Clients of version 3 cannot read a lowest level of 0: such features are left out. */
export function supportedIn(kafka: KafkaVersion, version: number): readonly SupportedFeatureKey[] {
  return features[kafka]
    .filter(({ min }) => version >= 4 || min > 0)
    .map(({ name, min, max }) => ({ name, minVersion: min, maxVersion: max }));
}

export function finalizedIn(kafka: KafkaVersion): readonly FinalizedFeatureKey[] {
  return features[kafka]
    .filter(({ level }) => level > 0)
    .map(({ name, level }) => ({ name, maxVersionLevel: level, minVersionLevel: level }));
}
