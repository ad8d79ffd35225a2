import { describe, expect, test } from 'vitest';
import { apiVersionsApi } from '../../src/protocol/apis/apiVersions.ts';
import { heartbeatApi } from '../../src/protocol/apis/heartbeat.ts';
import { decodeResponse, encodeRequest, encodeResponse, readRequestHeader } from '../../src/protocol/header.ts';
import { MalformedError } from '../../src/protocol/MalformedError.ts';
import { Reader } from '../../src/protocol/reader.ts';

const request = { groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: null };
const response = { throttleTimeMs: 0, errorCode: 27 };
const hex = (frame: Buffer): string => frame.toString('hex');

describe('a request', () => {
  test('has its length, header v1 and the message', () => {
    expect(hex(encodeRequest(heartbeatApi, 0, 7, 'me', request))).toBe(
      '00000016' + '000c' + '0000' + '00000007' + '00026d65' + '000167' + '00000001' + '00016d',
    );
  });

  test('has header v2 in flexible versions, and in it an old-style client id', () => {
    expect(hex(encodeRequest(heartbeatApi, 4, 7, null, request))).toBe(
      '00000015' + '000c' + '0004' + '00000007' + 'ffff' + '00' + '0267' + '00000001' + '026d' + '00' + '00',
    );
  });

  test('is read back by its header', () => {
    for (const version of [0, 4]) {
      const reader = new Reader(encodeRequest(heartbeatApi, version, 7, 'me', request).subarray(4));
      const header = readRequestHeader(reader, (key, v) => key === heartbeatApi.key && v >= heartbeatApi.flexible);
      expect(header).toEqual({ requestApiKey: 12, requestApiVersion: version, correlationId: 7, clientId: 'me' });
      expect(heartbeatApi.request.read(reader, version)).toEqual(request);
    }
  });
});

describe('a response', () => {
  test('is read back in each header version', () => {
    expect(hex(encodeResponse(heartbeatApi, 4, 7, response))).toBe('0000000c' + '00000007' + '00' + '00000000' + '001b' + '00');
    for (const version of [1, 4]) {
      expect(decodeResponse(heartbeatApi, version, encodeResponse(heartbeatApi, version, 7, response).subarray(4))).toEqual(response);
    }
  });

  test('with bytes left over or missing is malformed', () => {
    const payload = encodeResponse(heartbeatApi, 4, 7, response).subarray(4);
    expect(() => decodeResponse(heartbeatApi, 4, Buffer.concat([payload, Buffer.alloc(1)]))).toThrow(MalformedError);
    for (let length = 0; length < payload.length; length++) {
      expect(() => decodeResponse(heartbeatApi, 4, payload.subarray(0, length))).toThrow(MalformedError);
    }
  });

  test('of ApiVersions has no tags in its header', () => {
    const answer = {
      ...{ errorCode: 0, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }], throttleTimeMs: 3 },
      ...{ supportedFeatures: [], finalizedFeaturesEpoch: -1, finalizedFeatures: [], zkMigrationReady: false },
    };
    const frame = encodeResponse(apiVersionsApi, 3, 1, answer);
    expect(hex(frame).slice(8, 20)).toBe('00000001' + '0000');
    expect(decodeResponse(apiVersionsApi, 3, frame.subarray(4))).toEqual(answer);
  });

  test('of ApiVersions that refuses the version comes in version 0', () => {
    const refusal = Buffer.from('00000001' + '0023' + '00000001' + '0012' + '0000' + '0003', 'hex');
    expect(decodeResponse(apiVersionsApi, 4, refusal)).toMatchObject({
      errorCode: 35,
      apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 3 }],
    });
  });
});
