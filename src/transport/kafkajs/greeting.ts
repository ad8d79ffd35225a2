import { MAX_FRAME_LENGTH } from '../framing.ts';

/** The first byte of an alert of TLS; its version, 3.something, follows. */
const ALERT = 0x15;
const TLS_VERSION = 0x03;

const PREFIX = 4;

/**
 * Whether the first bytes that a broker sent can be the beginning of an answer.
 *
 * kafkajs takes whatever comes for the length of a frame and waits for as many bytes: `tls`, an alert, would be 352 MiB of them.
 */
export function greetingOf(first: Buffer): 'kafka' | 'tls' | 'strange' {
  if (first[0] === ALERT && first[1] === TLS_VERSION) return 'tls';
  if (first.length < PREFIX) return 'kafka';
  const length = first.readInt32BE(0);
  return length >= 0 && length <= MAX_FRAME_LENGTH ? 'kafka' : 'strange';
}
