import { expect, test } from 'vitest';
import { coordinatorOf, findCoordinatorApi, findGroupCoordinator } from '../../../src/protocol/apis/findCoordinator.ts';
import { decodeResponse, encodeRequest, encodeResponse } from '../../../src/protocol/header.ts';

const coordinator = { nodeId: 2, host: 'h', port: 9092, errorCode: 0, errorMessage: null };
const answer = { throttleTimeMs: 0, ...coordinator, coordinators: [{ key: 'g', ...coordinator }] };

test('one answer in every version', () => {
  for (let version = 0; version <= 6; version++) {
    const response = decodeResponse(findCoordinatorApi, version, encodeResponse(findCoordinatorApi, version, 1, answer).subarray(4));
    expect(coordinatorOf(response, 'g')).toMatchObject({ key: 'g', nodeId: 2, host: 'h', port: 9092, errorCode: 0 });
  }
});

test('one question in every version', () => {
  const bytes = [0, 3, 4].map((version) =>
    encodeRequest(findCoordinatorApi, version, 1, null, findGroupCoordinator('g')).subarray(14).toString('hex'),
  );
  expect(bytes).toEqual(['000167', '00' + '0267' + '00' + '00', '00' + '00' + '02' + '0267' + '00']);
});

test('an answer about another key is none', () => {
  const response = { ...answer, coordinators: [{ key: 'other', ...coordinator }] };
  expect(coordinatorOf(response, 'g')).toMatchObject({ key: 'g', nodeId: -1, errorCode: 15 });
});
