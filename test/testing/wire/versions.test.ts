import { materialize, mergeMap, VirtualTimeScheduler } from 'rxjs';
import { expect, test } from 'vitest';
import type { Api } from '../../../src/protocol/api.ts';
import { apiVersionsApi, type ApiVersionsRequest, type ApiVersionsResponse } from '../../../src/protocol/apis/apiVersions.ts';
import { decodeResponse, encodeRequest } from '../../../src/protocol/header.ts';
import { fetchApi, metadataApi } from '../../../src/protocol/apis/index.ts';
import { SimulatedCluster, type SimulatedClusterOptions } from '../../../src/testing/index.ts';
import { BrokerConnection, type Site } from '../../../src/testing/wire/brokerConnection.ts';
import { Faults } from '../../../src/testing/wire/faults.ts';
import { Parking } from '../../../src/testing/wire/parking.ts';

/** What is spoken with a cluster, of an API. */
function spoken(api: Pick<Api<unknown, unknown>, 'name' | 'key' | 'versions'>, kafka: SimulatedClusterOptions['kafka'] & string): unknown {
  const scheduler = new VirtualTimeScheduler();
  const versions: unknown[] = [];
  new SimulatedCluster({ scheduler, kafka })
    .connect()
    .pipe(mergeMap((connection) => [connection.version(api)]))
    .subscribe((version) => versions.push(version));
  scheduler.flush();
  return versions[0];
}

test('each Kafka speaks its own versions', () => {
  expect((['2.1', '2.8', '3.9', '4.3'] as const).map((kafka) => spoken(fetchApi, kafka))).toEqual([10, 12, 17, 17]);
  expect((['2.1', '2.8', '3.9', '4.3'] as const).map((kafka) => spoken(metadataApi, kafka))).toEqual([7, 11, 12, 12]);
});

/** The bytes that a broker sends back, after its latency, for a request of that version; undefined: it hangs up. */
function answered(version: number, api: Api<ApiVersionsRequest, ApiVersionsResponse> = apiVersionsApi): Buffer | undefined {
  const scheduler = new VirtualTimeScheduler();
  const { model } = new SimulatedCluster({ scheduler });
  const site: Site = {
    cluster: model,
    scheduler,
    versions: new Map([[api.key, [0, 4]]]),
    faults: new Faults(),
    parking: new Parking(model, scheduler),
    latency: () => 1,
    isFrozen: () => false,
    tell: () => undefined,
  };
  const { socket } = new BrokerConnection(site, 1, 1);
  let bytes: Buffer | undefined;
  socket.on('data', (chunk) => (bytes = chunk));
  socket.write(encodeRequest(api, version, 7, 'test', { clientSoftwareName: 'test', clientSoftwareVersion: '1' }));
  scheduler.flush();
  return bytes;
}

test('a version of ApiVersions that is too high is answered in version 0, with those that are spoken', () => {
  const frame = answered(9)?.subarray(4) ?? Buffer.alloc(0);
  expect(decodeResponse(apiVersionsApi, 0, frame)).toMatchObject({
    errorCode: 35,
    apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }],
  });
});

test('any other version that is not spoken ends the connection without a word', () => {
  expect(answered(9, { ...apiVersionsApi, key: metadataApi.key })).toBeUndefined();
  expect(answered(3)).toBeInstanceOf(Buffer);
});

test('a request that is no request ends the connection', () => {
  const scheduler = new VirtualTimeScheduler();
  const cluster = new SimulatedCluster({ scheduler });
  const codes: string[] = [];
  cluster
    .connect()
    .pipe(mergeMap((connection) => connection.send({ ...metadataApi, key: 999 }, { topics: [] } as never).pipe(materialize())))
    .subscribe({ next: ({ error }) => codes.push((error as { code: string }).code) });
  scheduler.flush();
  expect(codes).toEqual(['UNSUPPORTED_VERSION']);
});
