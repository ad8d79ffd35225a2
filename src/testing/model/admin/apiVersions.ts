import type { ApiVersion, ApiVersionsRequest, ApiVersionsResponse } from '../../../protocol/apis/apiVersions.ts';
import { codeOf } from '../../../errors/table.ts';
import type { Api } from '../../../protocol/api.ts';
import * as forTesting from '../../../protocol/apis/forTesting.ts';
import * as apis from '../../../protocol/apis/index.ts';
import type { VersionRange } from '../../../protocol/versions.ts';
import type { Service } from '../call.ts';
import { now } from '../reply.ts';
import type { KafkaVersion } from './kafkaVersion.ts';
import { finalizedIn, supportedIn } from './features.ts';

const ABSENT = -1;

/** By API key: the highest versions of Kafka 2.1, 2.8 and 3.9, whose lowest is 0, and the lowest and the highest of 4.3. */
const spoken: readonly (readonly [key: number, in21: number, in28: number, in39: number, low43: number, high43: number])[] = [
  [0, 7, 9, 11, 0, 13],
  [1, 10, 12, 17, 4, 18],
  [2, 4, 6, 9, 1, 11],
  [3, 7, 11, 12, 0, 13],
  [8, 6, 8, 9, 2, 10],
  [9, 5, 7, 9, 1, 10],
  [10, 2, 3, 6, 0, 6],
  [11, 3, 7, 9, 0, 9],
  [12, 2, 4, 4, 0, 4],
  [13, 2, 4, 5, 0, 5],
  [14, 2, 5, 5, 0, 5],
  [15, 2, 5, 5, 0, 6],
  [16, 2, 4, 5, 0, 5],
  [18, 2, 3, 4, 0, 4],
  [19, 3, 7, 7, 2, 7],
  [20, 3, 6, 6, 1, 6],
  [21, 1, 2, 2, 0, 2],
  [22, 1, 4, 5, 0, 5],
  [23, 2, 4, 4, 2, 4],
  [24, 1, 3, 5, 0, 5],
  [25, 1, 3, 4, 0, 4],
  [26, 1, 3, 4, 0, 5],
  [28, 2, 3, 4, 0, 5],
  [37, 1, 3, 3, 0, 3],
  [42, 1, 2, 2, 0, 2],
  [47, ABSENT, 0, 0, 0, 0],
];

/** What can be read and written here, by API key. Fetch stands in both lists: in the second with all its versions. */
const known: ReadonlyMap<number, Api<never, unknown>> = new Map(
  [...Object.values(apis), ...Object.values(forTesting)].map((api) => [api.key, api as Api<never, unknown>]),
);

/** The API versions of a broker of that Kafka, by API key, as far as they are simulated. */
export function apiVersionsOf(kafka: KafkaVersion): ReadonlyMap<number, VersionRange> {
  return new Map(
    spoken.flatMap(([key, in21, in28, in39, low43, high43]): readonly [number, VersionRange][] => {
      const theirs: VersionRange = kafka === '4.3' ? [low43, high43] : [0, { '2.1': in21, '2.8': in28, '3.9': in39 }[kafka]];
      const ours = known.get(key)?.versions;
      if (ours === undefined) return [];
      const range: VersionRange = [Math.max(ours[0], theirs[0]), Math.min(ours[1], theirs[1])];
      return range[0] > range[1] ? [] : [[key, range]];
    }),
  );
}

/** Kafka's rule for the name and the version of the client's software (KIP-511). */
const SOFTWARE = /^[a-zA-Z0-9]([a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

/**
 * A version that is too high is answered with UNSUPPORTED_VERSION and the versions of ApiVersions alone; that answer stands on the wire in version 0,
 * since nobody can know the layout of what is not known yet.
 */
export const apiVersions: Service<ApiVersionsRequest, ApiVersionsResponse> = ({ cluster, version, request, refusal }) => {
  const { kafka } = cluster.settings;
  const ranges = apiVersionsOf(kafka);
  const own = ranges.get(18) ?? [0, 0];
  if (version > own[1]) return now(answer('UNSUPPORTED_VERSION', [{ apiKey: 18, minVersion: own[0], maxVersion: own[1] }]));
  const refused = refusal();
  if (refused !== undefined) return now(answer(refused, []));
  const { clientSoftwareName, clientSoftwareVersion } = request;
  if (version >= 3 && !(SOFTWARE.test(clientSoftwareName) && SOFTWARE.test(clientSoftwareVersion)))
    return now(answer('INVALID_REQUEST', []));
  const all = [...ranges].map(([apiKey, [minVersion, maxVersion]]): ApiVersion => ({ apiKey, minVersion, maxVersion }));
  return now({
    ...answer('NONE', all),
    supportedFeatures: supportedIn(kafka, version),
    finalizedFeaturesEpoch: finalizedIn(kafka).length === 0 ? -1 : 1,
    finalizedFeatures: finalizedIn(kafka),
  });
};

function answer(error: string, apiKeys: readonly ApiVersion[]): ApiVersionsResponse {
  return {
    errorCode: codeOf(error),
    apiKeys,
    throttleTimeMs: 0,
    supportedFeatures: [],
    finalizedFeaturesEpoch: -1,
    finalizedFeatures: [],
    zkMigrationReady: false,
  };
}
