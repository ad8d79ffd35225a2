import { crc32c } from '../../src/protocol/crc32c.ts';
import { structureOf } from './spots.ts';

/** A whole batch that stands in a frame: what a consumer may believe. */
export interface Claim {
  readonly base: number;
  /** Where the log goes on after it. */
  readonly next: number;
  readonly bytes: Buffer;
  /** `topic/partition`; undefined: it stands where nobody can say whose it is. */
  readonly place: string | undefined;
  /** Nothing stands between it and the batch before it in its place, or the beginning of that. */
  readonly follows: boolean;
}

const HEADER = 61;
const MAGIC_AT = 16;

/**
 * All that looks like a batch anywhere in a frame, byte by byte, and has the right checksum (`checkCrcs`). It knows nothing of our decoder: wherever a
 * consumer goes by an answer, it is the end of one of these.
 *
 * `nameOf`: the name of a topic by what stands in the frame.
 */
export function claimsOf(frame: Buffer, version: number, checkCrcs: boolean, nameOf: (topic: string) => string): readonly Claim[] {
  const { sections } = structureOf(frame, version);
  const claims: Claim[] = [];
  const borders = new Set(sections.map(({ from }) => from));
  for (let at = frame.indexOf(2, MAGIC_AT); at >= 0; at = frame.indexOf(2, at + 1)) {
    const from = at - MAGIC_AT;
    if (from + HEADER > frame.length) break;
    const end = from + 12 + frame.readInt32BE(from + 8);
    if (end < from + HEADER || end > frame.length) continue;
    const bytes = frame.subarray(from, end);
    const base = Number(bytes.readBigInt64BE(0));
    const next = base + bytes.readInt32BE(23) + 1;
    if (base < 0 || next <= base || !Number.isSafeInteger(next)) continue;
    if (checkCrcs && crc32c(bytes.subarray(21)) !== bytes.readUInt32BE(17)) continue;
    const section = sections.find(({ from: first, to }) => from >= first && from < to);
    claims.push({ base, next, bytes, place: section && `${nameOf(section.topic)}/${section.partition}`, follows: borders.has(from) });
    borders.add(end);
  }
  return claims;
}
