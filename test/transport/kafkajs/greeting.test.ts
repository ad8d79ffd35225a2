import { describe, expect, test } from 'vitest';
import { MAX_FRAME_LENGTH } from '../../../src/transport/framing.ts';
import { greetingOf } from '../../../src/transport/kafkajs/greeting.ts';

function length(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeInt32BE(value);
  return bytes;
}

describe('the first bytes of a broker', () => {
  test.each([
    ['an answer', length(350), 'kafka'],
    ['the longest answer', length(MAX_FRAME_LENGTH), 'kafka'],
    ['an empty one', length(0), 'kafka'],
    ['too little to tell', Buffer.from([0x48, 0x54, 0x54]), 'kafka'],
    ['nothing', Buffer.alloc(0), 'kafka'],
    ['an alert of TLS 1.2', Buffer.from('15030300020250', 'hex'), 'tls'],
    ['an alert of TLS 1.0', Buffer.from('15030100020246', 'hex'), 'tls'],
    ['the beginning of an alert', Buffer.from('1503', 'hex'), 'tls'],
    ['a length that begins like an alert', Buffer.from('15040000', 'hex'), 'strange'],
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request'), 'strange'],
    ['a length beyond the cap', length(MAX_FRAME_LENGTH + 1), 'strange'],
    ['a length below zero', length(-1), 'strange'],
  ])('%s', (_what, first, expected) => {
    expect(greetingOf(first)).toBe(expected);
  });
});
