import { expect, test } from 'vitest';
import { leaveErrorOf, leaveGroupApi, leaveOf } from '../../../src/protocol/apis/leaveGroup.ts';
import { encodeRequest } from '../../../src/protocol/header.ts';

test('one member leaves in every version', () => {
  const request = leaveOf('g', { memberId: 'm', groupInstanceId: null, reason: 'r' });
  const bytes = [2, 3, 5].map((version) => encodeRequest(leaveGroupApi, version, 1, null, request).subarray(14).toString('hex'));
  expect(bytes).toEqual([
    '000167' + '00016d',
    '000167' + '00000001' + '00016d' + 'ffff',
    '00' + '0267' + '02' + '026d' + '00' + '0272' + '00' + '00',
  ]);
});

test('the first error, of the whole or of a member', () => {
  const member = { memberId: 'm', groupInstanceId: null, errorCode: 0 };
  const answer = { throttleTimeMs: 0, errorCode: 0, members: [member] };
  expect(leaveErrorOf(answer)).toBe(0);
  expect(leaveErrorOf({ ...answer, errorCode: 16 })).toBe(16);
  expect(leaveErrorOf({ ...answer, members: [member, { ...member, errorCode: 25 }] })).toBe(25);
});
