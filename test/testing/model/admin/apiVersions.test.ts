import { describe, expect, test } from 'vitest';
import { apiVersionsApi } from '../../../../src/protocol/apis/apiVersions.ts';
import { apiVersions, apiVersionsOf } from '../../../../src/testing/model/admin/apiVersions.ts';
import type { KafkaVersion } from '../../../../src/testing/model/admin/kafkaVersion.ts';
import { services } from '../../../../src/testing/model/services.ts';
import { ask, nameOf, newCluster } from './asking.ts';

const kafkas = ['2.1', '2.8', '3.9', '4.3'] as const;
const java = { clientSoftwareName: 'java', clientSoftwareVersion: '1.0' };

describe('the versions of a Kafka', () => {
  test.each(kafkas)('of %s are served', (kafka) => {
    for (const [key, [min, max]] of apiVersionsOf(kafka)) {
      const served = services.get(key)?.api;
      expect(served, String(key)).toBeDefined();
      expect([min <= max, min >= (served?.versions[0] ?? Infinity), max <= (served?.versions[1] ?? -1)], served?.name).toEqual([
        true,
        true,
        true,
      ]);
    }
  });

  test('all that is served is told of the newest', () => {
    expect([...apiVersionsOf('4.3').keys()].sort()).toEqual([...services.keys()].sort());
  });

  test.each<[string, number, Record<KafkaVersion, string>]>([
    ['Fetch', 1, { '2.1': '4-10', '2.8': '4-12', '3.9': '4-17', '4.3': '4-18' }],
    ['Produce', 0, { '2.1': '3-7', '2.8': '3-9', '3.9': '3-11', '4.3': '3-13' }],
    ['Metadata', 3, { '2.1': '0-7', '2.8': '0-11', '3.9': '0-12', '4.3': '0-12' }],
    ['OffsetCommit', 8, { '2.1': '2-6', '2.8': '2-8', '3.9': '2-9', '4.3': '2-10' }],
    ['JoinGroup', 11, { '2.1': '0-3', '2.8': '0-7', '3.9': '0-9', '4.3': '0-9' }],
    ['OffsetForLeaderEpoch', 23, { '2.1': '2-2', '2.8': '2-4', '3.9': '2-4', '4.3': '2-4' }],
    ['EndTxn', 26, { '2.1': '0-1', '2.8': '0-3', '3.9': '0-4', '4.3': '0-5' }],
    ['OffsetDelete', 47, { '2.1': 'none', '2.8': '0-0', '3.9': '0-0', '4.3': '0-0' }],
  ])('%s', (_, key, ranges) => {
    expect(Object.fromEntries(kafkas.map((kafka) => [kafka, apiVersionsOf(kafka).get(key)?.join('-') ?? 'none']))).toEqual(ranges);
  });
});

describe('ApiVersions', () => {
  test.each([0, 1, 2, 3, 4])('in version %i tells them', (version) => {
    const { errorCode, apiKeys } = ask(newCluster(), apiVersionsApi, java, { version });
    expect(errorCode).toBe(0);
    expect(new Map(apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, [minVersion, maxVersion]]))).toEqual(apiVersionsOf('4.3'));
  });

  test('tells those of the Kafka that was chosen', () => {
    const { apiKeys, finalizedFeatures } = ask(newCluster(1, { kafka: '2.8' }), apiVersionsApi, java, { version: 3 });
    expect(apiKeys.find(({ apiKey }) => apiKey === 1)?.maxVersion).toBe(12);
    expect(finalizedFeatures).toEqual([]);
  });

  test('tells features whose lowest level is 0 from version 4 on only', () => {
    const told = (version: number): readonly string[] =>
      ask(newCluster(), apiVersionsApi, java, { version }).supportedFeatures.map(({ name }) => name);
    expect(told(2)).toEqual([]);
    expect(told(3)).toEqual(['metadata.version']);
    expect(told(4)).toContain('group.version');
    const { finalizedFeatures } = ask(newCluster(), apiVersionsApi, java, { version: 3 });
    expect(finalizedFeatures).toContainEqual({ name: 'transaction.version', maxVersionLevel: 2, minVersionLevel: 2 });
    expect(finalizedFeatures.map(({ name }) => name)).not.toContain('kraft.version');
  });

  test.each([
    ['', '1', 3, 'INVALID_REQUEST'],
    ['java', '', 3, 'INVALID_REQUEST'],
    ['a b', '1', 4, 'INVALID_REQUEST'],
    ['-a', '1', 3, 'INVALID_REQUEST'],
    ['a-', '1', 3, 'INVALID_REQUEST'],
    ['a.b-c', '1', 3, 'NONE'],
    ['a', '1', 3, 'NONE'],
    ['', '', 2, 'NONE'],
  ])('from %j %j in version %i: %s', (clientSoftwareName, clientSoftwareVersion, version, error) => {
    const { errorCode, apiKeys } = ask(newCluster(), apiVersionsApi, { clientSoftwareName, clientSoftwareVersion }, { version });
    expect([nameOf(errorCode), apiKeys.length > 0]).toEqual([error, error === 'NONE']);
  });

  test('in a version that is too high says so, and which it has', () => {
    const reply = apiVersions({
      cluster: newCluster(),
      node: 1,
      version: 5,
      request: java,
      now: 0,
      clientId: '',
      refusal: () => undefined,
    });
    expect(reply).toMatchObject({ kind: 'now', response: { errorCode: 35, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }] } });
    const old = newCluster(1, { kafka: '2.1' });
    const { errorCode, apiKeys } = ask(old, apiVersionsApi, java, { version: 4 });
    expect([nameOf(errorCode), apiKeys]).toEqual(['UNSUPPORTED_VERSION', [{ apiKey: 18, minVersion: 0, maxVersion: 2 }]]);
  });

  test('is refused as the script says', () => {
    const { errorCode } = ask(newCluster(), apiVersionsApi, java, { refusal: () => 'CLUSTER_AUTHORIZATION_FAILED' });
    expect(nameOf(errorCode)).toBe('CLUSTER_AUTHORIZATION_FAILED');
  });
});
