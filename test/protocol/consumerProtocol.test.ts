import { describe, expect, test } from 'vitest';
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from '../../src/protocol/consumerProtocol.ts';
import { MalformedError } from '../../src/protocol/MalformedError.ts';

const subscription = {
  topics: ['a', 'b'],
  userData: Buffer.from('u'),
  ownedPartitions: [{ topic: 'a', partitions: [0, 2] }],
  generationId: 4,
  rackId: 'r',
};
const assignment = { assignedPartitions: [{ topic: 'a', partitions: [1] }], userData: null };

describe('a subscription', () => {
  test('goes through each version with what that has', () => {
    const nothing = { ownedPartitions: [], generationId: -1, rackId: null };
    const expected = [
      { ...subscription, ...nothing },
      { ...subscription, generationId: -1, rackId: null },
      { ...subscription, rackId: null },
      subscription,
    ];
    expect([0, 1, 2, 3].map((version) => decodeSubscription(encodeSubscription(subscription, version)))).toEqual(expected);
  });

  test('is the bytes that Java’s consumers write', () => {
    const bytes = encodeSubscription({ topics: ['t'], userData: null, ownedPartitions: [], generationId: -1, rackId: null });
    expect(bytes.toString('hex')).toBe('0003' + '00000001' + '000174' + 'ffffffff' + '00000000' + 'ffffffff' + 'ffff');
  });

  test('of a later version is read as version 3, and what follows is left', () => {
    const later = Buffer.concat([encodeSubscription(subscription), Buffer.from('more')]);
    later.writeInt16BE(9, 0);
    expect(decodeSubscription(later)).toEqual(subscription);
  });

  test('that is none is refused', () => {
    expect(() => decodeSubscription(Buffer.alloc(0))).toThrow(MalformedError);
    expect(() => decodeSubscription(Buffer.from('ffff00000000', 'hex'))).toThrow(MalformedError);
    expect(() => decodeSubscription(Buffer.from('00037fffffff', 'hex'))).toThrow(MalformedError);
  });
});

describe('an assignment', () => {
  test('goes through', () => {
    expect([0, 1, 2, 3].map((version) => decodeAssignment(encodeAssignment(assignment, version)))).toEqual(Array(4).fill(assignment));
    expect(encodeAssignment(assignment).toString('hex')).toBe('0003' + '00000001' + '000161' + '00000001' + '00000001' + 'ffffffff');
  });

  test('without any bytes is empty', () => {
    expect(decodeAssignment(Buffer.alloc(0))).toEqual({ assignedPartitions: [], userData: null });
  });
});
