import type { Api } from '../api.ts';
import { api, since, struct, tagged } from '../schema.ts';
import { array, bool, int16, int32, int64, string } from '../types.ts';

/** Which APIs in which versions does the broker speak (KIP-35, KIP-511)? */
export interface ApiVersionsRequest {
  readonly clientSoftwareName: string;
  readonly clientSoftwareVersion: string;
}

export interface ApiVersion {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

export interface SupportedFeatureKey {
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
}

export interface FinalizedFeatureKey {
  readonly name: string;
  readonly maxVersionLevel: number;
  readonly minVersionLevel: number;
}

export interface ApiVersionsResponse {
  readonly errorCode: number;
  readonly apiKeys: readonly ApiVersion[];
  readonly throttleTimeMs: number;
  readonly supportedFeatures: readonly SupportedFeatureKey[];
  /** -1: unknown. */
  readonly finalizedFeaturesEpoch: number;
  readonly finalizedFeatures: readonly FinalizedFeatureKey[];
  readonly zkMigrationReady: boolean;
}

export const apiVersionsApi: Api<ApiVersionsRequest, ApiVersionsResponse> = api({
  name: 'ApiVersions',
  key: 18,
  versions: [0, 4],
  flexible: 3,
  request: struct<ApiVersionsRequest>({
    clientSoftwareName: since(3, string),
    clientSoftwareVersion: since(3, string),
  }),
  response: struct<ApiVersionsResponse>({
    errorCode: since(0, int16),
    apiKeys: since(
      0,
      array(
        struct<ApiVersion>({
          apiKey: since(0, int16),
          minVersion: since(0, int16),
          maxVersion: since(0, int16),
        }),
      ),
    ),
    throttleTimeMs: since(1, int32),
    supportedFeatures: tagged(
      0,
      3,
      array(
        struct<SupportedFeatureKey>({
          name: since(3, string),
          minVersion: since(3, int16),
          maxVersion: since(3, int16),
        }),
      ),
    ),
    finalizedFeaturesEpoch: tagged(1, 3, int64, -1),
    finalizedFeatures: tagged(
      2,
      3,
      array(
        struct<FinalizedFeatureKey>({
          name: since(3, string),
          maxVersionLevel: since(3, int16),
          minVersionLevel: since(3, int16),
        }),
      ),
    ),
    zkMigrationReady: tagged(3, 3, bool),
  }),
});
