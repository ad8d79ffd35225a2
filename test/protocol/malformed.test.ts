import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Api } from '../../src/protocol/api.ts';
import { fetchApi, findCoordinatorApi, joinGroupApi, metadataApi } from '../../src/protocol/apis/index.ts';
import { decodeResponse, encodeResponse } from '../../src/protocol/header.ts';
import { MalformedError } from '../../src/protocol/MalformedError.ts';

const fetched = {
  ...{ throttleTimeMs: 0, errorCode: 0, sessionId: 4 },
  responses: [
    {
      ...{ topic: 'orders', topicId: '7'.repeat(32) },
      partitions: [
        {
          ...{ partitionIndex: 3, errorCode: 0, highWatermark: 10, lastStableOffset: 9, logStartOffset: 0, preferredReadReplica: -1 },
          ...{
            divergingEpoch: { epoch: 1, endOffset: 4 },
            currentLeader: { leaderId: 2, leaderEpoch: 7 },
            snapshotId: { endOffset: -1, epoch: -1 },
          },
          ...{ abortedTransactions: [{ producerId: 5, firstOffset: 6 }], records: Buffer.alloc(30, 1) },
        },
      ],
    },
  ],
  nodeEndpoints: [{ nodeId: 2, host: 'h', port: 9092, rack: null }],
};
const joined = {
  ...{
    throttleTimeMs: 0,
    errorCode: 0,
    generationId: 1,
    protocolType: 'consumer',
    protocolName: 'range',
    leader: 'm',
    skipAssignment: false,
  },
  ...{ memberId: 'm', members: [{ memberId: 'm', groupInstanceId: null, metadata: Buffer.from('meta') }] },
};
const found = { ...{ throttleTimeMs: 0, errorCode: 0, errorMessage: null, nodeId: 1, host: 'h', port: 9092 }, coordinators: [] };
const partition = {
  ...{ errorCode: 0, partitionIndex: 0, leaderId: 1, leaderEpoch: 2 },
  replicaNodes: [1, 2],
  isrNodes: [1],
  offlineReplicas: [2],
};
const metadata = {
  ...{ throttleTimeMs: 0, brokers: [{ nodeId: 1, host: 'h', port: 9092, rack: null }], clusterId: 'c', controllerId: 1 },
  topics: [
    { errorCode: 0, name: 'orders', topicId: '0'.repeat(32), isInternal: false, partitions: [partition], topicAuthorizedOperations: 0 },
  ],
  clusterAuthorizedOperations: 0,
};

function frames<R>(api: Api<unknown, R>, response: R): readonly (readonly [Api<unknown, unknown>, number, Buffer])[] {
  const [min, max] = api.versions;
  const any = api as unknown as Api<unknown, unknown>;
  return Array.from({ length: max - min + 1 }, (_, i) => [any, min + i, encodeResponse(api, min + i, 1, response).subarray(4)] as const);
}

const all = [
  ...frames(fetchApi as Api<unknown, typeof fetched>, fetched),
  ...frames(joinGroupApi as Api<unknown, typeof joined>, joined),
  ...frames(findCoordinatorApi as Api<unknown, typeof found>, found),
  ...frames(metadataApi as Api<unknown, typeof metadata>, metadata),
];

test('an answer that is cut anywhere is malformed', () => {
  for (const [api, version, payload] of all) {
    for (let length = 0; length < payload.length; length++) {
      expect(() => decodeResponse(api, version, payload.subarray(0, length)), `${api.name} ${String(version)} ${String(length)}`).toThrow(
        MalformedError,
      );
    }
  }
});

test('an answer with any bytes changed is read or malformed: no other error, no hang', () => {
  let refused = 0;
  const changes = fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.constantFrom(...all), changes, ([api, version, payload], changed) => {
      const bytes = Buffer.from(payload);
      for (const [at, byte] of changed) bytes[at % bytes.length] = byte;
      try {
        decodeResponse(api, version, bytes);
      } catch (error) {
        if (!(error instanceof MalformedError)) throw error;
        refused++;
      }
    }),
    { numRuns: 5000 },
  );
  expect(refused).toBeGreaterThan(500);
});
